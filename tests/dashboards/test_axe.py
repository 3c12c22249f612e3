"""axe-core finds nothing to complain of on any page, light or dark, large or small."""

import shutil
import subprocess
from pathlib import Path

import pytest
from made_up_desk import PIN, Clock, MadeUpDesk, both
from made_up_line import NOW_US, make_store, stop
from served_board import serving
from servers import require
from test_chromium import PHONE, WALL, page_of

from contract.instants import SECOND_US
from dashboards.board.app import Instructor
from dashboards.board.desk import Notice
from dashboards.board.guard import Guard
from dashboards.board.pages import pages

pytestmark = [pytest.mark.chromium, pytest.mark.npm]
PATHS = ["/", "/health", *(page.path for page in pages() if page.path != "/health")]
_RUN = """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
  .then((found) => found.violations.map((one) => [one.id, one.help, one.nodes.slice(0, 5).map((node) =>
    [node.target.join(' '), node.any.map((check) => check.message).join('; ')])]))"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The source of axe-core, of the version that the lock file names."""
    npm = require("npm", "npm")
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path(__file__).parent / "axe" / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """A board with a stop going on, so that every colour is on it."""
    store = make_store(tmp_path_factory.mktemp("busy") / "mes.db", NOW_US)
    stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
    with serving(store) as address:
        yield address


@pytest.mark.parametrize("look", [(WALL, "light"), (PHONE, "dark")], ids=["large-light", "small-dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(chromium, axe, busy, path, look):
    with page_of(chromium, f"{busy}{path}?", size=look[0], scheme=look[1]) as page:
        page.wait_for_selector("main .panel h2, main .panel h3", timeout=10_000)
        page.wait_for_selector("body[data-state=live]", timeout=10_000)
        page.evaluate(axe)
        assert page.evaluate(_RUN) == []


@pytest.mark.parametrize("look", [(WALL, "light"), (PHONE, "dark")], ids=["large-light", "small-dark"])
def test_axe_finds_nothing_in_a_shift_report_nor_where_there_is_none(chromium, axe, busy, look):
    for asked, missing in (("", 0), ("line=none&", 1)):
        with page_of(chromium, f"{busy}/report?{asked}", size=look[0], scheme=look[1]) as page:
            page.wait_for_selector("body h1")
            page.evaluate(axe)
            assert page.evaluate(_RUN) == []
            assert len(page.complaints) == missing  # the status 404
            page.complaints.clear()


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A board with a desk: its address, and whoever sits there."""
    desk = MadeUpDesk()
    store = make_store(tmp_path_factory.mktemp("taught") / "mes.db", NOW_US)
    with serving(store, instructor=Instructor(desk, Guard(PIN, Clock()))) as address:
        yield address, desk


@pytest.mark.parametrize("look", [(WALL, "light"), (PHONE, "dark")], ids=["large-light", "small-dark"])
def test_axe_finds_nothing_at_the_desk_nor_in_what_is_told_from_there(chromium, axe, taught, look):
    address, desk = taught
    with page_of(chromium, f"{address}/desk?", size=look[0], scheme=look[1]) as page:
        page.wait_for_selector("input[name=pin]")
        page.evaluate(axe)
        assert page.evaluate(_RUN) == []
        page.fill("input[name=pin]", PIN)
        page.keyboard.press("Enter")
        page.wait_for_selector(".deeds li")
        page.evaluate(axe)
        assert page.evaluate(_RUN) == []
    desk.told(Notice(both("A scene"), both("Look at the oven"), said=both("Now"), speed=10, did=desk.state().done[1]))
    for path in ("/", "/line", "/health"):
        with page_of(chromium, f"{address}{path}?", size=look[0], scheme=look[1]) as page:
            page.wait_for_selector("body[data-state=live]")
            page.wait_for_selector(".notice .said:visible")
            page.evaluate(axe)
            assert page.evaluate(_RUN) == []
