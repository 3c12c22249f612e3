"""The house rules that a machine can check: who may import whom, what pure files may not touch, how long things get."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "contract": set(),
    "simulator": {"contract"},
    "collector": {"contract"},
    "answers": {"contract"},
    "dashboards": {"contract", "answers"},
    "app": {"contract", "simulator", "collector", "answers", "dashboards"},
}
# In these rooms a file's result depends on its input alone, but for the files named: they meet the world outside.
PURE_ROOMS = ("contract", "simulator", "collector", "answers")
OUTSIDE = {
    "simulator/control.py",
    "simulator/pacing.py",
    "simulator/publish.py",
    "simulator/publish_mess.py",
    "collector/influx.py",
    "collector/influx_ahead.py",
    "collector/influx_client.py",
    "collector/journal.py",
    "collector/journal_spool.py",
    "collector/lockfile.py",
    "collector/spool_history.py",
    "collector/spool_queue.py",
    "collector/subscribe.py",
    "answers/connection.py",
    "answers/store.py",
}
IMPURE_MODULES = {
    "asyncio",
    "socket",
    "os",
    "time",
    "random",
    "threading",
    "sqlite3",
    "paho",
    "aiomqtt",
    "influxdb_client",
    "urllib3",
    "subprocess",
    "fcntl",
    "msvcrt",
}
FILE_LINES, FUNCTION_LINES = 400, 70

SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
EVERYTHING = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])


def imports(path):
    """(module, line) of every import in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: import by full name"
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_room_imports_only_the_rooms_it_may(path):
    room = name(path).split("/")[0]
    for module, line in imports(path):
        other = module.split(".")[0]
        if other in ROOMS and other != room:
            assert other in ROOMS[room], f"{name(path)}:{line}: {room} may not import {module}"


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path).startswith("simulator/")], ids=name)
def test_the_truth_does_not_use_the_formulas_it_judges(path):
    assert not [line for module, line in imports(path) if module.startswith("contract.kpi")]


def test_only_one_file_of_the_simulator_knows_the_wall_clock():
    files = {name(path) for path in SOURCES if name(path).startswith("simulator/")}
    users = {file for file in files for module, _ in imports(ROOT / file) if module.split(".")[0] == "time"}
    assert users <= {"simulator/pacing.py"}


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path).split("/")[0] in PURE_ROOMS], ids=name)
def test_a_pure_file_touches_nothing_outside_it(path):
    touched = {module.split(".")[0] for module, _ in imports(path)} & IMPURE_MODULES
    assert bool(touched) == (name(path) in OUTSIDE), f"{name(path)} imports {touched or 'nothing from outside'}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_the_settings_read_the_environment(path):
    if name(path) == "app/settings.py":
        return
    text = path.read_text(encoding="utf-8")
    assert "os.environ" not in text
    assert "getenv" not in text


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_files_and_functions_stay_short(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES, f"{name(path)} has {text.count(chr(10))} lines: does it do two jobs?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            assert length <= FUNCTION_LINES, f"{name(path)}:{node.lineno} {node.name} has {length} lines"


def test_every_test_file_has_a_name_of_its_own():
    """Two of one name hide each other when the whole suite is collected."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
