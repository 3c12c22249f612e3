"""The script that makes the secrets, run for real: all there, each for its user alone, never the same, never again."""

import stat
import subprocess

import pytest
from composed import AS_ROOT, ROOT
from servers import require

SCRIPT = ROOT / "deploy/secrets.sh"
#: Secret → who may read it. The tokens are not made here: they are written later, into the file that waits.
SECRETS = {
    "simulator/broker_password": 10001,
    "collector/broker_password": 10002,
    "command/broker_password": 10005,
    "mosquitto/health_password": 1883,
    "mosquitto/passwords": 1883,
    "mosquitto/mosquitto_sub": 1883,
    "influxdb/admin_password": 10004,
    "influxdb/admin_token": 10004,
    "grafana/admin_password": 472,
    "grafana/secret_key": 472,
}
RANDOM = [name for name in SECRETS if name.split("/")[1] not in {"passwords", "mosquitto_sub"}]
TOKENS = {"tokens/collector": (10004, 10002), "tokens/grafana": (10004, 472)}
#: What the container leaves its root.
CAPABILITIES = "--bounding-set=-all,+chown,+dac_override,+fowner"

pytestmark = pytest.mark.mosquitto


def make(folder, shell=("sh",)):
    require("mosquitto_passwd", "mosquitto")
    subprocess.run([*shell, SCRIPT, folder], check=True, capture_output=True, timeout=60)


@pytest.fixture
def made(ground):
    make(ground / "secrets")
    return ground / "secrets"


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_are_made_and_only_they(made):
    assert set(contents(made)) == SECRETS.keys() | TOKENS.keys()


def test_each_is_random_and_long(made, tmp_path):
    make(tmp_path / "others")
    values = [found[name] for found in (contents(made), contents(tmp_path / "others")) for name in RANDOM]
    assert len(set(values)) == len(values)
    assert all(len(value) == 43 for value in values), "32 random bytes are 43 letters"
    assert all(value.decode().isascii() and b"\n" not in value for value in values)


def test_only_its_user_may_read_a_secret(made):
    for name, user in SECRETS.items():
        found = (made / name).stat()
        assert stat.S_IMODE(found.st_mode) == 0o600, name
        assert stat.S_IMODE((made / name).parent.stat().st_mode) == 0o700, name
        if AS_ROOT:
            assert (found.st_uid, found.st_gid) == (user, user), name
    for name, (writer, reader) in TOKENS.items():
        found = (made / name).stat()
        assert stat.S_IMODE(found.st_mode) == 0o640, name
        if AS_ROOT:
            assert (found.st_uid, found.st_gid) == (writer, reader), name


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_another_user_can_read_nothing_of_a_service(made):
    for name, user in [*SECRETS.items(), *((name, reader) for name, (_, reader) in TOKENS.items())]:
        for who in {user, 10003}:
            ids = [f"--reuid={who}", f"--regid={who}", "--clear-groups"]
            done = subprocess.run(["setpriv", *ids, "cat", made / name], capture_output=True, check=False)
            assert (done.returncode == 0) == (who == user), f"{who} and {name}: {done.stderr}"


def test_a_second_start_changes_nothing_and_makes_what_is_missing(made):
    before = contents(made)
    (made / "tokens/collector").write_text("written by the set-up")
    (made / "grafana/secret_key").unlink()
    (made / "grafana/admin_password").chmod(0o644)
    make(made)
    after = contents(made)
    assert after.pop("tokens/collector") == b"written by the set-up"
    assert after.pop("grafana/secret_key") != before.pop("grafana/secret_key")
    assert stat.S_IMODE((made / "grafana/admin_password").stat().st_mode) == 0o600
    del before["tokens/collector"]
    assert after == before


def test_a_start_that_was_cut_off_is_finished_by_the_next(made):
    (made / "mosquitto/passwords").unlink()
    (made / "mosquitto/passwords.new").write_text("simulator:half")
    (made / "collector/broker_password").write_bytes(b"")
    make(made)
    assert (made / "collector/broker_password").read_bytes()
    users = [line.split(":")[0] for line in (made / "mosquitto/passwords").read_text().splitlines()]
    assert users == ["simulator", "collector", "command", "health"]
    assert not list(made.rglob("*.new"))


def test_no_plain_password_is_in_the_brokers_file(made):
    hashed = (made / "mosquitto/passwords").read_text()
    for name in RANDOM:
        assert (made / name).read_text() not in hashed
    assert all(line.split(":")[1].startswith("$") for line in hashed.splitlines())


@pytest.mark.skipif(not AS_ROOT, reason="only root has capabilities to give up")
def test_the_three_capabilities_of_the_container_are_enough(tmp_path):
    for _ in range(2):
        make(tmp_path / "secrets", shell=("setpriv", CAPABILITIES, "sh"))
    assert (tmp_path / "secrets/grafana/secret_key").stat().st_uid == 472
