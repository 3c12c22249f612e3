"""docker-compose.yml, by Compose's own parser: what starts, and that nothing in it is careless."""

import re
import tomllib

import pytest
from composed import COMPOSE, OVERLAYS, ROOT, parse, services

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
ONE_SHOT = {"secrets", "influxdb-setup", "command"}
EVERYTHING = {"secrets", "mosquitto", "influxdb", "influxdb-setup", "grafana", "simulator", "collector", "board"}
VARIABLE = re.compile(r"\$\{(MES_\w+)")


def test_everything_starts_without_a_prior_step():
    assert set(services()) == EVERYTHING


def test_with_a_broker_of_ones_own_there_is_no_mosquitto_and_both_go_to_it():
    address, password = "mqtt://me@192.0.2.7:1999", "s3cret"
    found = services(ROOT / "deploy/byo-broker.yml", MES_BROKER_URL=address, MES_BROKER_PASSWORD=password)
    assert set(found) == EVERYTHING - {"mosquitto"}
    for name in ("simulator", "collector"):
        assert f"--broker={address}" in found[name]["command"]
        assert found[name]["environment"]["MES_BROKER_PASSWORD"] == password
        assert not found[name]["environment"]["MES_BROKER_PASSWORD_FILE"]
    assert found["simulator"]["healthcheck"]["test"][-1] == address


def test_a_broker_of_ones_own_without_an_address_is_a_clear_mistake():
    project, refusal = parse(COMPOSE, ROOT / "deploy/byo-broker.yml")
    assert project is None
    assert "say in .env where your broker is" in refusal


def test_without_the_simulator_all_the_rest_starts():
    assert set(services(ROOT / "deploy/no-simulator.yml")) == EVERYTHING - {"simulator"}
    both = services(*OVERLAYS, MES_BROKER_URL="mqtt://192.0.2.7")
    assert set(both) == EVERYTHING - {"simulator", "mosquitto"}


def test_commands_are_given_by_a_service_that_runs_only_when_asked():
    assert set(services(COMPOSE_PROFILES="tools")) == EVERYTHING | {"command"}


@pytest.mark.parametrize("name", sorted(EVERYTHING | {"command"}))
def test_a_service_may_do_little(name):
    service = services(COMPOSE_PROFILES="tools")[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= set(limits)
    assert service["logging"]["options"]["max-size"]
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    if name == "secrets":
        assert service["network_mode"] == "none", "the only root has no network"
    else:
        assert int(service["user"].split(":")[0]) > 0
        assert "cap_add" not in service
    if name not in ONE_SHOT:
        assert service["healthcheck"]["test"][0] == "CMD"


def test_every_service_of_ours_has_a_user_of_its_own_and_secrets_knows_them():
    script = (ROOT / "deploy/secrets.sh").read_text("utf-8")
    users = {name: each["user"] for name, each in services(COMPOSE_PROFILES="tools").items() if name != "secrets"}
    assert len(set(users.values())) == len(users)
    for name, user in users.items():
        if name not in {"board", "influxdb"}:  # these need no secret
            variable = {"influxdb-setup": "setup"}.get(name, name)
            assert re.search(rf"\b{variable}={user.split(':')[0]}\b", script), f"secrets.sh does not know {name}"
    assert f"-o {users['collector'].split(':')[0]} " in DOCKERFILE, "the store's volume is the collector's"


def test_ports_are_open_to_this_machine_only_until_somebody_says_otherwise():
    for bind in ("127.0.0.1", "0.0.0.0"):
        said = {} if bind == "127.0.0.1" else {"MES_BIND": bind}
        ports = [port for each in services(**said).values() for port in each.get("ports", [])]
        assert len(ports) == 4
        assert {port["host_ip"] for port in ports} == {bind}


def test_only_the_collector_writes_the_store_and_nobody_but_their_makers_the_secrets():
    writers = {"store": set(), "secrets": set()}
    for name, service in services(COMPOSE_PROFILES="tools").items():
        for volume in service["volumes"]:
            if volume["source"] in writers and not volume.get("read_only"):
                writers[volume["source"]].add(name)
    assert writers == {"store": {"collector"}, "secrets": {"secrets", "influxdb-setup"}}


def test_what_is_mounted_exists_and_is_read_only():
    binds = [volume for each in services().values() for volume in each["volumes"] if volume["type"] == "bind"]
    assert binds
    for bind in binds:
        path = bind["source"]
        assert (ROOT / path).exists(), f"{path} is mounted but is not there"
        assert bind["read_only"]


def test_strangers_see_nothing_of_grafana_and_guests_change_nothing():
    closed, opened = services()["grafana"], services(MES_GRAFANA_ANONYMOUS="true")["grafana"]
    assert closed["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert opened["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "true"
    assert opened["environment"]["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


def test_images_are_pinned():
    text = "\n".join(path.read_text("utf-8") for path in (COMPOSE, *OVERLAYS))
    images = re.findall(r"^\s+image: (\S+)", text, re.MULTILINE) + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(images) >= 6
    for image in images:
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", image), f"{image} is not pinned to a version"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"image: mes-factory:{version}\n" in text
    assert f'image.version="{version}"' in DOCKERFILE


def test_settings_are_those_of_the_example_and_their_defaults_are_its_values():
    example = (ROOT / ".env.example").read_text("utf-8")
    shown = dict(re.findall(r"^#?(MES_\w+)=(.*)$", example, re.MULTILINE))
    used = {}
    for path in (COMPOSE, *OVERLAYS):
        text = path.read_text("utf-8")
        assert not set(re.findall(r"\$(\w+)", text.replace("$$", ""))), "write ${NAME}"
        for name in VARIABLE.findall(text):
            used.setdefault(name, set()).update(re.findall(rf"\$\{{{name}:-([^}}]*)\}}", text))
    assert set(shown) == set(used)
    for name, value in shown.items():
        if not name.startswith("MES_BROKER_") or name == "MES_BROKER_PORT":
            assert used[name] == {value}, f"{name} has another default than the example says"


def test_no_secret_has_a_default():
    assert not re.search(r"(?i)(password|token|secret)\w*=.+", (ROOT / ".env.example").read_text("utf-8"))
    for name, service in services(COMPOSE_PROFILES="tools").items():
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"(?i)password|token|secret", key) and not key.startswith("GF_SECURITY_DISABLE"):
                assert key.endswith("FILE"), f"{name}: {key}"
                assert value.startswith("/secrets/"), f"{name}: {key}"


def test_what_runs_in_containers_has_unix_line_ends():
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    for path in (*sorted((ROOT / "deploy").glob("*.sh")), ROOT / "deploy/acl", ROOT / "deploy/mosquitto.conf"):
        assert b"\r" not in path.read_bytes()
        name = path.relative_to(ROOT).as_posix()
        assert name in attributes or ("*.sh" in attributes and path.suffix == ".sh")
