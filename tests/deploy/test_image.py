"""The Dockerfile's own steps, and what the containers run, as their users, to the board on a read-only disk."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from importlib.metadata import requires
from pathlib import Path

import pytest
from composed import AS_ROOT, ROOT, services
from deployed import Deployed, as_user
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from servers import DEADLINE_S, free_port, require, until

pytestmark = pytest.mark.mosquitto
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
BUILD, RUNTIME = DOCKERFILE.split("\nFROM ")[1:]
ENVIRONMENT = dict(pair.split("=", 1) for pair in re.search(r"^ENV (.*)$", RUNTIME, re.MULTILINE)[1].split())
PRINTER = "que-vo-electronics/que-vo/smt/smt-1/printer"


def _python():
    """A Python that every user of this machine may run, as in the image."""
    check = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"
    for python in (sys._base_executable, "/usr/bin/python3"):
        with subprocess.Popen([*as_user(10001), python, "-c", check], cwd="/", stderr=subprocess.DEVNULL) as tried:
            if tried.wait() == 0:
                return python
    return require("no-such-python", "python3-venv: a Python 3.11 that every user may run")


def _copied(stage, target):
    """What a stage copies from the project, below ``target``."""
    for line in re.findall(r"^COPY (?!--from)(.*)$", stage, re.MULTILINE):
        *sources, to = line.split()
        for source in sources:
            into = target / to / Path(source).name if to.endswith("/") else target / to
            into.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, into)


@pytest.fixture(scope="module")
def image():
    """The folder that stands for the image's root."""
    require("mosquitto", "mosquitto")
    root = Path(tempfile.mkdtemp(prefix="mes-image-"))
    root.chmod(0o755)
    _copied(BUILD, root / "src")
    for line in re.findall(r"^RUN (.*)$", BUILD, re.MULTILINE):
        here = line.replace("/wheels", f"{root}/wheels").replace("/opt/mes", f"{root}/opt/mes")
        step = re.sub(r"^python ", f"{_python()} ", here)
        done = subprocess.run(step, shell=True, cwd=root / "src", capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
    _copied(RUNTIME.replace("/opt/mes/", f"{root}/opt/mes/"), root)
    yield root
    shutil.rmtree(root)


class Stack:
    """The containers' processes. In their words ``/secrets``, ``/var/lib/mes`` and ports of the network mean ours."""

    def __init__(self, image, ground, broker):
        self.image, self.broker, self.store = image, broker, ground / "store"
        said = {"COMPOSE_PROFILES": "tools", "MES_PLANT": "smt", "MES_SPEED": "60"}
        self.services, self.ports = services(**said), {"8000": str(free_port()), "9100": str(free_port())}
        self.store.mkdir()
        [owner] = re.findall(r"install -d -o (\d+) -g \d+ -m 0755 /var/lib/mes", RUNTIME)
        if AS_ROOT:
            os.chown(self.store, int(owner), int(owner))
        self.running = {}

    def words(self, words):
        swaps = {"mosquitto:1883": f"127.0.0.1:{self.broker.port}", "/secrets": str(self.broker.secrets)}
        swaps |= {"/var/lib/mes": str(self.store), "/opt/mes": f"{self.image}/opt/mes"} | self.ports
        for theirs, ours in swaps.items():
            words = [word.replace(theirs, ours) for word in words]
        return words

    def started(self, name, command, wait=True):
        """``command`` as the service ``name`` would run it."""
        service = self.services[name]
        values = self.words(ENVIRONMENT.values())
        environment = dict(zip(ENVIRONMENT, values, strict=True))
        environment["PATH"] = environment["PATH"].replace("$PATH", os.environ["PATH"])
        own = {key: value for key, value in service.get("environment", {}).items() if "INFLUX" not in key}
        environment |= dict(zip(own, self.words(own.values()), strict=True))
        user = [*as_user(service["user"].split(":")[0]), *self.words(command)]
        if AS_ROOT and name == "board":
            mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
            user = ["unshare", "--mount", "sh", "-c", mount, str(self.store), *user]
        if not wait:
            return subprocess.Popen(user, cwd="/", env=environment)
        return subprocess.run(user, cwd="/", env=environment, capture_output=True, text=True, timeout=60, check=False)

    def start(self, name):
        self.running[name] = self.started(name, ["mes", *self.services[name]["command"]], wait=False)

    def healthy(self, name):
        return self.started(name, self.services[name]["healthcheck"]["test"][1:]).returncode == 0

    def stop(self, name):
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(DEADLINE_S)

    def page(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['8000']}{path}", timeout=10) as answer:
            return answer.read()


@pytest.fixture
def stack(image, ground):
    with Deployed(ground) as broker:
        made = Stack(image, ground, broker)
        yield made
        for process in made.running.values():
            process.kill()
            process.wait()


def test_the_whole_stack_runs_as_its_users(stack):
    names = ("collector", "simulator", "board")
    assert not [name for name in names if stack.healthy(name)], "well before it runs"
    for name in names:
        stack.start(name)
        until(lambda name=name: stack.healthy(name), f"{name} to be well")
    until(lambda: _machines(stack), "the board to know the machines")
    assert b"<html" in stack.page("/")
    done = stack.started("command", [*stack.services["command"]["entrypoint"], PRINTER, "break", "--duration=1m"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("done")
    for name in ("simulator", "collector", "board"):
        assert stack.stop(name) == 0, f"{name} does not end in order"
    assert not [name for name in names if stack.healthy(name)], "well when it is gone"


def test_nobody_else_writes_the_store(stack):
    if not AS_ROOT:
        pytest.skip("only root can become another user")
    stack.start("collector")
    until(lambda: stack.healthy("collector"), "the collector to be well")
    for name in ("board", "simulator"):
        assert stack.started(name, ["touch", "/var/lib/mes/mine"]).returncode != 0
        assert stack.started(name, ["sh", "-c", "echo x >> /var/lib/mes/mes.db"]).returncode != 0
    assert "Read-only" in stack.started("board", ["touch", "/var/lib/mes/mine"]).stderr


def test_a_board_outlives_its_collector_and_one_that_is_first_waits_for_it(stack):
    """A collector that leaves in order takes SQLite's -wal and -shm with it; the board may make none."""
    stack.start("board")
    until(lambda: _answer(stack) == 503, "the board to say that there is no store")
    stack.start("collector")
    until(lambda: stack.healthy("board"), "the board to see the store")
    stack.start("simulator")
    until(lambda: _machines(stack), "the board to know the machines")
    stack.stop("simulator")
    assert stack.stop("collector") == 0
    assert not list(stack.store.glob("*-wal"))
    for _ in range(2):
        assert stack.healthy("board")
        assert _machines(stack), "what was collected is still shown"
        stack.stop("board")
        stack.start("board")
        until(lambda: stack.healthy("board"), "a new board to see it too")
    seen = _machines(stack)
    stack.start("collector")
    until(lambda: stack.healthy("collector"), "the collector to be well")
    stack.start("simulator")
    until(lambda: _machines(stack) not in (None, seen), "the board to go on with what comes")


def _machines(stack):
    return json.loads(stack.page("/health.json")).get("lines")


def _answer(stack):
    try:
        stack.page("/healthz")
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
    return 200


def test_a_wrong_password_and_a_missing_one_are_one_clear_line(stack):
    (stack.broker.secrets / "collector/broker_password").write_text("wrong")
    done = stack.started("collector", ["mes", *stack.services["collector"]["command"]])
    assert done.returncode == 2
    assert "refuses us" in done.stderr
    (stack.broker.secrets / "collector/broker_password").unlink()
    done = stack.started("collector", ["mes", *stack.services["collector"]["command"]])
    assert done.returncode == 2
    assert "MES_BROKER_PASSWORD_FILE: there is no file" in done.stderr


def test_the_image_holds_exactly_what_the_constraints_name(image):
    listed = subprocess.run([f"{image}/opt/mes/bin/pip", "freeze"], capture_output=True, text=True, check=True).stdout
    ours = {
        canonicalize_name(line.split("==")[0]) for line in listed.splitlines() if not line.startswith("mes-factory")
    }
    pinned = dict(line.split("==") for line in _constraints())
    assert ours == {canonicalize_name(name) for name in pinned}
    assert "mes-factory" in listed


def test_the_constraints_are_within_what_the_project_asks_for():
    pinned = {canonicalize_name(name): version for name, version in (line.split("==") for line in _constraints())}
    for line in requires("mes-factory"):
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, f"renew deploy/constraints.txt: {line}"


def _constraints():
    text = (ROOT / "deploy/constraints.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_what_the_image_copies_is_let_through_to_the_builder():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [
        each for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for each in line.split()[:-1]
    ]
    assert copied
    assert sorted(f"!{each}" for each in set(copied)) == sorted(each for each in ignored if each.startswith("!"))
    assert all((ROOT / each).exists() for each in copied)


def test_the_image_is_nobodys_root():
    users = re.findall(r"^USER (\d+)", DOCKERFILE, re.MULTILINE)
    assert users
    assert int(users[-1]) > 0
