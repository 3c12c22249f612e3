"""The instructor's desk of a real demo: commands, time, mess and stories, seen by everybody; everything anew."""

import re
from contextlib import closing

import httpx
import pytest
from servers import until
from test_demo import PLANT, running, snapshots

from dashboards.words import catalogue

STORY = """
title = { en = "A short scene", vi = "Cảnh ngắn" }
about = { en = "The printer stops.", vi = "Máy in dừng." }

[[steps]]
at_s = 0
do = "speed"
value = 20
caption = { en = "Look at the printer", vi = "Hãy nhìn máy in" }

[[steps]]
at_s = 1
do = "break"
machine = "printer"
duration_s = 40

[[steps]]
at_s = 2
do = "mess_on"
kind = "duplicates"

[[steps]]
at_s = 4
caption = { en = "", vi = "" }
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    shipped = PLANT.read_text("utf-8")
    around_the_clock = '[[shifts]]\nname = { en = "All day", vi = "Cả ngày" }\nstart = 00:00:00\nend = 00:00:00\n\n'
    before, after = shipped.index("[[shifts]]"), shipped.index("[[lines]]")
    (folder / "always.toml").write_text(shipped[:before] + around_the_clock + shipped[after:], "utf-8")
    (folder / "scene.toml").write_text(STORY, "utf-8")
    log = folder / "commands.jsonl"
    plant, scene = str(folder / "always.toml"), str(folder / "scene.toml")
    with running("--plant", plant, "--history", "10m", "--story", scene, "--command-log", str(log)) as started:
        started.log = log
        yield started


def shown(board):
    """What the board shows now."""
    with closing(snapshots(board)) as stream:
        return next(stream)


def health_text(demo):
    return httpx.get(f"{demo.board}health.json", timeout=20).text


class Teacher:
    """Somebody at the desk."""

    def __init__(self, demo):
        self.pin = re.search(r"PIN (\d{6})", "".join(demo.said))[1]
        self.client = httpx.Client(base_url=demo.board, headers={"Origin": demo.board.rstrip("/")}, timeout=20)
        assert self.client.post("/desk/login", json={"pin": self.pin}).status_code == 204

    def state(self):
        return self.client.get("/desk/state.json").json()

    def do(self, **action):
        return self.client.post("/desk/do", json=action).json()

    def seed(self):
        try:
            return self.state()["seed"]
        except (httpx.TransportError, KeyError):
            return None  # between two worlds nobody answers


@pytest.fixture(scope="module")
def teacher(demo):
    made = Teacher(demo)
    yield made
    made.client.close()


def printer(teacher):
    return next(one for one in teacher.state()["lines"][0]["machines"] if one["path"].endswith("/printer"))


def test_a_story_from_the_command_line_plays_and_leaves_nothing_behind(demo, teacher):
    until(lambda: teacher.state()["story"] == "", "the scene to end")
    state = teacher.state()
    whats = [deed["what"] for deed in reversed(state["done"])]
    assert {"story", "speed", "break", "mess_on"} <= set(whats)
    assert all(deed["accepted"] for deed in state["done"]), state["done"]
    assert state["speed"] == 1
    assert all(kind["rate"] == 0 for kind in state["mess"])
    assert '"verb":"break"' in demo.log.read_text("utf-8")


def test_time_stands_still_and_jumps_and_nothing_is_refused(demo, teacher):
    assert teacher.do(do="speed", value=0)["accepted"]
    still = teacher.state()["now_us"]
    assert teacher.do(do="command", path=printer(teacher)["path"], verb="set_speed", value=0.5)["accepted"]
    assert teacher.state()["now_us"] == still
    before = teacher.state()
    assert teacher.do(do="speed", value=600)["accepted"]
    assert teacher.do(do="jump")["accepted"]
    until(lambda: not teacher.state()["jumps"], "the jump to end")
    assert teacher.do(do="speed", value=1)["accepted"]
    after = teacher.state()
    assert after["now_us"] > before["now_us"]
    until(lambda: shown(demo.board)["now_us"] >= after["now_us"] - 60_000_000, "the collector to have believed it")
    health = httpx.get(f"{demo.board}health.json", timeout=20).json()
    assert sum(one["quarantined"] for line in health["lines"] for one in line["machines"]) == 0
    assert '"in_future"' not in health_text(demo)
    assert sum(one["lost"] for line in health["lines"] for one in line["machines"]) == 0
    assert teacher.do(do="speed", value=1)["accepted"]


def test_what_this_plant_has_not_is_refused(teacher):
    assert not teacher.do(do="command", path="a/b/c/d/e", verb="hold")["accepted"]
    assert not teacher.do(do="command", path=printer(teacher)["path"], verb="fly")["accepted"]
    assert not teacher.do(do="mess", kind="flood", on=True)["accepted"]
    assert not teacher.do(do="story", name="../../etc/passwd")["accepted"]


@pytest.mark.chromium
@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_teacher_breaks_a_machine_and_everybody_sees_it_within_two_seconds(demo, teacher, chromium, language):
    words = catalogue(language)
    teacher.do(do="command", path=printer(teacher)["path"], verb="repair")
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale=language)
    wall, desk = context.new_page(), context.new_page()
    wall.goto(demo.board)
    wall.wait_for_selector("[data-station]")
    desk.goto(f"{demo.board}desk")
    desk.fill("input[name=pin]", "12345x")
    desk.click(".press")
    desk.wait_for_selector(f"[role=alert] >> text={words['desk.wrong']}")
    desk.fill("input[name=pin]", teacher.pin)
    desk.click(".press")
    desk.wait_for_selector(".kind")
    desk.select_option("#machine", printer(teacher)["path"])
    desk.get_by_role("button", name=words["desk.break"], exact=True).click()
    wall.wait_for_selector(
        "[data-station=printer][data-category=breakdown], [data-station=printer][data-category=minor_stop]",
        timeout=2000,
    )
    wall.wait_for_selector(f".notice >> text={words['verb.break']}", timeout=2000)
    context.clear_cookies()
    desk.wait_for_selector("input[name=pin]", timeout=5000)
    context.close()


@pytest.mark.chromium
@pytest.mark.parametrize("size", [(1920, 1080), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_desk_fits_and_speaks(demo, teacher, chromium, language, size):
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale=language)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{demo.board}desk")
    page.fill("input[name=pin]", teacher.pin)
    page.keyboard.press("Enter")
    page.wait_for_selector(".kind")
    text = page.inner_text("main")
    for key in ("desk.time", "desk.break", "desk.stories", "desk.jump", "mess.lost", "desk.reset"):
        assert catalogue(language)[key] in text
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert complaints == []
    context.close()


def test_everything_begins_anew_with_another_seed_and_the_session_goes_on(demo, teacher):
    assert teacher.do(do="reset", seed=11)["accepted"]
    until(lambda: teacher.seed() == 11, "the other world")
    state = teacher.state()
    assert not state["busy"]
    assert all(kind["rate"] == 0 for kind in state["mess"])
    assert teacher.do(do="command", path=printer(teacher)["path"], verb="set_scrap", value=0.1)["accepted"]
    assert len(shown(demo.board)["lines"][0]["stations"]) == 10
    assert demo.log.with_name("commands.jsonl.2").is_file()
