"""The instructor's desk of a real demo: commands, time, mess and stories, seen by everybody; everything anew."""

import re
import subprocess
from contextlib import closing
from typing import get_args

import httpx
import pytest
from servers import until
from test_demo import MES, PLANT, running, snapshots

from dashboards.board.desk import Action, Command, Jump, Mess, Play, Reset, Say, Speed
from dashboards.words import LANGUAGES, catalogue
from simulator.command_log import read_script
from simulator.mess_kinds import check_rate

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
at_s = 1.5
do = "break"
machine = "printer"
duration_s = 30

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


LINE = "que-vo-electronics/que-vo/smt/smt-1"
#: One of every kind of action that there is, and the command that it is kept as: verb, code, value.
ACTIONS = {
    Command: ({"do": "command", "verb": "set_scrap", "value": 0.2}, ("set_scrap", "", 0.2)),
    Mess: ({"do": "mess", "kind": "malformed", "on": True}, ("note", "mess.malformed", check_rate("malformed"))),
    Speed: ({"do": "speed", "value": 30}, ("note", "speed", 30.0)),
    Jump: ({"do": "jump"}, ("note", "jump", None)),
    Reset: ({"do": "reset", "seed": 11}, ("note", "reset", 11.0)),
    Play: ({"do": "story", "name": "counter"}, ("note", "story.counter", None)),
    Say: ({"do": "say", "text": {"en": "Look at the <b>oven</b>", "vi": "Hãy nhìn lò hàn"}}, ("note", "", None)),
}


def kept(log, line):
    """The commands of a command log for ``line`` and its machines: verb, code, value."""
    found = read_script(log.read_bytes().splitlines(), log.name)
    return [(one.command.verb, one.command.code, one.command.value) for one in found if one.path.startswith(line)]


def stored(demo, line):
    """The same of what the board's store has, of what was not refused."""
    notes = httpx.get(f"{demo.board}api/line.json?line={line}&span=hour", timeout=20).json()["data"]["notes"]
    asked = [one["asked"] for one in notes if one["accepted"]]
    return [(one["verb"], one.get("code", ""), one.get("value")) for one in asked]


def marked(page):
    """Everything that the marks over a timeline say."""
    return "\n".join(mark.get_attribute("title") for mark in page.locator(".marks .mark").all())


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
    notes = [deed["note"] for deed in reversed(state["done"])]
    done = [note["asked"].get("code") or note["asked"]["verb"] for note in notes]
    done = [what for what in done if what != "repair"]  # of what stood in the way of the scene
    assert done == ["story.scene", "speed", "break", "break", "mess.duplicates", "speed", "story_end"]
    assert all(note["accepted"] for note in notes), notes
    assert state["speed"] == 1
    assert all(kind["rate"] == 0 for kind in state["mess"])
    assert [one for one in kept(demo.log, LINE) if one[0] != "repair"][:7] == [
        ("note", "story.scene", None), ("note", "speed", 20.0), ("break", "", None), ("break", "", None),
        ("note", "mess.duplicates", 0.05), ("note", "speed", 1.0), ("note", "mess.duplicates", 0.0),
    ]  # fmt: skip


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
def test_every_action_is_in_the_store_in_the_log_and_on_the_charts_in_both_languages(demo, teacher, chromium):
    assert set(ACTIONS) == set(get_args(Action))
    now = [(asked, mark) for kind, (asked, mark) in ACTIONS.items() if kind not in {Reset, Jump, Play}]
    for asked, _ in now:
        path = {"path": printer(teacher)["path"]} if asked["do"] == "command" else {}
        assert teacher.do(**asked, **path)["accepted"]
    assert teacher.do(**ACTIONS[Play][0])["accepted"]
    assert teacher.do(do="story")["accepted"]
    assert teacher.do(**ACTIONS[Jump][0])["accepted"]
    assert teacher.do(do="speed", value=0)["accepted"]  # a day of this plant's is long
    wanted = [mark for _, mark in now] + [ACTIONS[Play][1], ("note", "story_end", None), ACTIONS[Jump][1]]
    wanted.append(("note", "pause", None))
    until(lambda: set(wanted) <= set(stored(demo, LINE)), "the store to have them all")
    assert set(wanted) <= set(kept(demo.log, LINE))
    for language in LANGUAGES:
        words = catalogue(language)
        text = {"en": "Look at the <b>oven</b>", "vi": "Hãy nhìn lò hàn"}[language]
        said = [
            text, words["verb.set_scrap"], words["did.mess_on"].format(name=words["mess.malformed"]),
            words["did.speed"].format(name=30), words["did.jump"], words["did.pause"], words["did.story_end"],
        ]  # fmt: skip
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale=language)
        for path in ("line?span=hour", f"machine?machine={printer(teacher)['path']}&span=hour", ""):
            page = context.new_page()
            page.goto(f"{demo.board}{path}")
            page.wait_for_selector(".marks .mark")
            found = marked(page)
            assert [one for one in said if one not in found] == [], (path, found)
            assert page.locator(".marks b").count() == 0
            if path:
                page.locator(".history details.data, .tall details.data").first.evaluate("node => node.open = true")
                table = page.locator(".history table, .tall table").first.inner_text()
                assert [one for one in said if one not in table] == []
            assert page.locator(f".notice >> text={words['notice.paused']}").count() == 1
        context.close()
    teacher.do(do="speed", value=1)
    teacher.do(do="mess", kind="malformed", on=False)


@pytest.mark.chromium
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_is_read_on_every_page_and_taken_away(demo, teacher, chromium, language):
    text = {"en": "Everybody look up", "vi": "Mọi người nhìn lên nhé"}
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale=language)
    found = [context.new_page() for _ in range(3)]
    for page, path in zip(found, ("", "health", "quality"), strict=True):
        page.goto(f"{demo.board}{path}")
        page.wait_for_selector("body[data-state=live]")
    assert teacher.do(do="say", text=text)["accepted"]
    for page in found:
        page.wait_for_selector(f".notice .said:visible >> text={text[language]}", timeout=3000)
        assert page.locator(".notice").get_attribute("role") == "status"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert teacher.do(do="say", text={"en": " ", "vi": ""})["accepted"]
    for page in found:
        page.wait_for_selector(".notice .said", state="hidden", timeout=3000)
    context.close()


def test_a_mess_from_the_command_line_is_marked_once(demo, teacher):
    url = f"mqtt://127.0.0.1:{demo.broker_port}"
    done = subprocess.run(
        [*MES, "mess", "--broker", url, "skew=1"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    until(lambda: ("note", "mess.skew", 1.0) in stored(demo, LINE), "the mark")
    assert stored(demo, LINE).count(("note", "mess.skew", 1.0)) == 1
    assert teacher.do(do="mess", kind="skew", on=False)["accepted"]


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
    here = page.locator(".pages [aria-current]").bounding_box()
    assert 0 <= here["x"] <= size[0] - here["width"], "the page that is shown is in sight"
    text = page.inner_text("main")
    for key in ("desk.time", "desk.break", "desk.stories", "desk.jump", "mess.lost", "desk.reset"):
        assert catalogue(language)[key] in text
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    words, seed = catalogue(language), teacher.seed()
    page.locator("input[type=number][max='1440']").first.fill("")
    page.get_by_role("button", name=words["desk.break"], exact=True).click()
    low, high = {"en": ("0.1", "1,440"), "vi": ("0,1", "1.440")}[language]
    wrong = words["desk.number"].format(**{"name": words["desk.minutes"], "from": low, "to": high})
    page.wait_for_selector(f"[data-good=false] >> text={wrong}")
    page.get_by_role("button", name=words["desk.reset"], exact=True).click()
    page.wait_for_selector(f".answer >> text={words['desk.reset_sure']}")
    assert (teacher.seed(), teacher.state()["busy"]) == (seed, False), "asked once, it is only asked back"
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
    [anew] = [one for one in kept(demo.log, LINE) if one[1] == "reset"]
    assert anew == kept(demo.log.with_name("commands.jsonl.2"), LINE)[0] == ("note", "reset", 11.0)
    until(lambda: ("note", "reset", 11.0) in stored(demo, LINE), "the mark in the other world")
