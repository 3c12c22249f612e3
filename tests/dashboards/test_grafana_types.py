"""The generated dashboards against the types that Grafana publishes for its own front end (@grafana/schema).

Every dashboard becomes a TypeScript constant of type ``Dashboard``, every panel's options and field settings one of the
type of its kind; an unknown property, a wrong type or an unknown choice is an error of the compiler.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from servers import require

from app.dashboards import boards
from dashboards.grafana.lint import marks, panels

HERE = Path(__file__).parent / "grafana_types"
KINDS = {
    "stat": ("stat", False),
    "timeseries": ("timeseries", True),
    "state-timeline": ("statetimeline", True),
    "bargauge": ("bargauge", False),
    "table": ("table", True),
    "text": ("text", False),
}
TYPES = "./node_modules/@grafana/schema/dist/types/raw/composable"
COMPILE = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "checked.ts"]
pytestmark = [pytest.mark.npm, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with Grafana's types and a compiler."""
    require("node", "nodejs")
    npm = require("npm", "npm")
    here = tmp_path_factory.mktemp("types")
    for name in ("package.json", "wire.d.ts"):
        shutil.copy(HERE / name, here / name)
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    subprocess.run(command, cwd=here, check=True, capture_output=True, timeout=300)
    return here


def complaints(folder, name, made):
    """What the compiler says of dashboards by name, in the file that they become."""
    here = folder / name
    here.mkdir()
    (here / "node_modules").symlink_to(folder / "node_modules")
    shutil.copy(folder / "wire.d.ts", here / "wire.d.ts")
    (here / "checked.ts").write_text("\n".join([*_imports(), *_constants(made)]), "utf-8")
    compiler = here / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        ["node", compiler, *COMPILE], cwd=here, capture_output=True, text=True, timeout=300, check=False
    )
    return done.stdout


def _imports():
    yield 'import type { Dashboard } from "@grafana/schema";'
    yield 'import type { Wire } from "./wire";'
    for kind, has_fields in KINDS.values():
        names = f"Options as {kind}Options" + (f", FieldConfig as {kind}Fields" if has_fields else "")
        yield f'import type {{ {names} }} from "{TYPES}/{kind}/panelcfg/x/types.gen";'


def _constants(made):
    for number, board in enumerate(made):
        # The published type of an annotation's query is that of Grafana's own database only.
        listed = [{key: value for key, value in mark.items() if key != "target"} for mark in marks(board)]
        shown = json.dumps(board | {"annotations": {"list": listed}})
        yield f"export const board{number}: Wire<Dashboard> = {shown};"
        for panel in panels(board):
            kind, has_fields = KINDS[panel["type"]]
            name = f"{number}_{panel['id']}"
            yield f"export const options{name}: Partial<Wire<{kind}Options>> = {json.dumps(panel['options'])};"
            custom = panel.get("fieldConfig", {}).get("defaults", {}).get("custom", {})
            if has_fields:
                yield f"export const fields{name}: Partial<Wire<{kind}Fields>> = {json.dumps(custom)};"


def test_the_dashboards_are_of_the_types_that_grafana_publishes(folder):
    assert complaints(folder, "ours", boards().values()) == ""


def test_the_compiler_finds_what_is_wrong(folder):
    board = json.loads(json.dumps(boards()["en/park.json"]))
    first = next(panel for panel in panels(board) if panel["type"] == "stat")
    board["refresh"] = 30
    first["options"]["colorMode"] = "rainbow"
    first["gridPos"]["width"] = 4
    said = complaints(folder, "broken", [board])
    assert all(word in said for word in ("number", "rainbow", "width")), said
