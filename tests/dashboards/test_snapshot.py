"""What a tick says is what the answers say, and the timeline's text loses nothing but parts of seconds."""

import re
import shutil
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some
from made_up_line import BREAK_US, LINE, NOW_US, SHIFT_US, STATIONS, make_store, say, stop

from answers.bottleneck import active_periods
from answers.live import pace
from answers.report import line_report
from answers.store import Current, Store
from contract.events import Words
from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.kpi import Sums
from contract.states import Category
from dashboards.board import reader as readers
from dashboards.board.reader import Reader, Reading
from dashboards.board.snapshot import category_now
from dashboards.board.timeline import LETTERS, MINUTES, changed, lane, minute_code
from dashboards.board.troubles import Trouble

CATEGORY_OF = {letter: category for category, letter in LETTERS.items()}


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self):
        return self.now_s


def decode(text, from_us):
    """Lane → minute → category → seconds."""
    found, minute = {}, from_us
    for run in text.split(","):
        code, _, count = run.partition("*")
        for _ in range(int(count or 1)):
            if code:
                found[minute] = {CATEGORY_OF[c]: int(s or 60) for c, s in re.findall(r"([a-z])(\d*)", code)}
            minute += MINUTE_US
    assert minute == from_us + MINUTES * MINUTE_US
    return found


def only_line(store):
    with closing(Reader(store, Clock())) as reader:
        return reader.read().everything.lines[0]


@pytest.fixture
def follow():
    """A reader of a store that is closed when the test is over."""
    with ExitStack() as stack:
        yield lambda path, clock: stack.enter_context(closing(Reader(path, clock)))


def test_the_shift_is_what_the_answers_say(store):
    shift = only_line(store).shift
    with Store.open(store) as opened:
        beat = pace(opened, LINE, NOW_US)
        report = line_report(opened, LINE, beat.span)
    assert (shift.good, shift.target_now, shift.target_shift) == (beat.good, beat.target_now, beat.target_shift)
    assert shift.oee.oee == report.kpis.oee
    assert shift.oee.availability * shift.oee.performance * shift.oee.quality == pytest.approx(shift.oee.oee)


def test_the_staircase_adds_up_to_the_microsecond(store):
    shift = only_line(store).shift
    left_us = round(shift.planned_s * 1e6) - sum(round(step * 1e6) for step in shift.steps.values())
    assert left_us == round(shift.good_s * 1e6)


def test_stations_stand_in_the_order_of_the_flow_with_names_in_both_languages(store):
    line = only_line(store)
    assert [station.id for station in line.stations] == [name for name, *_ in STATIONS]
    assert line.stations[1].name == Words(en="Solder paste printer", vi="Máy in kem hàn")
    assert (line.stations[0].buffer, line.stations[1].buffer, line.stations[1].capacity) == (None, 8, 12)


def bottleneck_of(store):
    return [station.id for station in only_line(store).stations if station.bottleneck]


def test_the_bottleneck_is_whoever_is_active_longest_and_it_travels(store):
    [first] = bottleneck_of(store)
    with Store.open(store) as opened:
        since = {
            station: active_periods(station, opened.intervals(f"{LINE}/{station}", SHIFT_US, NOW_US))[-1]
            for station, *_ in STATIONS
        }
    active = [station for station, period in since.items() if period.end_us == NOW_US]
    assert first == min(active, key=lambda station: since[station].start_us)
    say(store, first, NOW_US, state="Suspended", reason="starved", since_us=NOW_US)
    [second] = bottleneck_of(store)
    assert second == min((one for one in active if one != first), key=lambda station: since[station].start_us)


def test_while_nobody_is_active_the_bottleneck_is_the_constraint(tmp_path):
    assert bottleneck_of(make_store(tmp_path / "mes.db", BREAK_US + 5 * MINUTE_US)) == ["placer_1"]


def test_stops_show_what_needs_a_person_first_and_no_short_waiting(store):
    line = only_line(store)
    assert line.stops == ["packing", "router", "fct"]
    categories = {station.id: station.category for station in line.stations}
    assert categories["packing"] is Category.BREAKDOWN
    assert categories["aoi"] is Category.BLOCKED  # for 27 s: on the flow, but not yet worth a line among the stops


def test_causes_leave_out_consequences_and_merge_one_fault(store):
    causes = only_line(store).shift.causes
    assert len(causes) == 6
    assert len({(cause.station, cause.reason) for cause in causes}) == 6
    assert [cause.lost_s for cause in causes] == sorted((cause.lost_s for cause in causes), reverse=True)
    assert not {cause.category for cause in causes} & {Category.STARVED, Category.BLOCKED}


def test_lanes_are_the_minutes_of_the_store(store):
    line = only_line(store)
    with Store.open(store) as opened:
        for station in line.stations:
            minutes = dict(opened.minutes(f"{LINE}/{station.id}", line.from_us, NOW_US))
            lane_now = decode(line.lanes[station.id], line.from_us)
            assert set(lane_now) == set(minutes)
            for minute, sums in minutes.items():
                for category, seconds in lane_now[minute].items():
                    assert abs(getattr(sums, f"{category}_us") / 1e6 - seconds) <= 1


@given(some.lists(some.integers(0, MINUTE_US), min_size=len(LETTERS) - 1, max_size=len(LETTERS) - 1))
def test_a_minute_is_never_more_than_a_minute(cuts):
    edges = [0, *sorted(cuts), MINUTE_US]
    parts = {f"{name}_us": b - a for name, a, b in zip(LETTERS, edges, edges[1:], strict=False)}
    code = minute_code(Sums(**parts))
    seconds = [int(found or 60) for found in re.findall(r"[a-z](\d*)", code)]
    assert sum(seconds) == 60


def test_an_empty_lane_is_short_and_only_news_are_sent():
    assert lane({}, 0) == f"*{MINUTES}"
    assert changed({0: "e", 1: "e"}, {1: "e", 2: "s", 0: "b"}) == {2: "s", 0: "b"}


def a_machine(state="Held", reason="jam", since_us=NOW_US, **more):
    told = {"ts_us": NOW_US, "online": 1, "mode": "Production", **more}
    return Current(
        machine="m", boot=1, seq=1, state=state, reason=reason, since_us=since_us, total=0, good=0, scrap=0, rework=0,
        product="", order_id="", ideal_us=0, buffer_in=None, buffer_out=None, **told,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "working", "expected"),
    [
        (a_machine(), True, Category.MINOR_STOP),
        (a_machine(since_us=NOW_US - 120 * SECOND_US), True, Category.BREAKDOWN),
        (a_machine(), False, Category.PLANNED),
        (a_machine("Execute", ""), False, Category.EXECUTE),
        (a_machine("Execute", "", mode="Manual"), True, Category.SETUP),
        (a_machine("Suspended", "starved"), True, Category.STARVED),
        (a_machine("Held", "no_operator"), True, Category.WAITING),
        (a_machine("Execute", "", online=0), True, Category.UNKNOWN),
        (None, True, Category.UNKNOWN),
    ],
)
def test_the_present_follows_the_rules_of_the_ledger(said, working, expected):
    assert category_now(said, 120 * SECOND_US, working, NOW_US) is expected


def test_a_break_is_named_and_nothing_in_it_is_a_stop(tmp_path):
    line = only_line(make_store(tmp_path / "mes.db", BREAK_US + 5 * MINUTE_US))
    assert line.rest.name.vi == "Nghỉ trưa"
    assert {station.category for station in line.stations} == {Category.PLANNED}
    assert line.stops == []


def test_outside_the_shifts_there_is_no_shift_and_no_target(tmp_path):
    path = make_store(tmp_path / "mes.db", SHIFT_US + 2 * HOUR_US)
    say(path, "packing", SHIFT_US + 9 * HOUR_US)
    shift = only_line(path).shift
    assert (shift.window, shift.target_now, shift.target_shift) == (None, 0, 0)


def test_a_reader_says_nothing_until_somebody_commits(store, follow):
    clock = Clock()
    reader = follow(store, clock)
    assert isinstance(reader.read(), Reading)
    assert reader.read() is None
    stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
    news = reader.read().changes.lines[0]
    assert news.stations[1].category is Category.MINOR_STOP
    assert news.lanes is None
    assert news.minutes == {}
    assert reader.read() is None
    clock.now_s = readers.HEAVY_EVERY_S
    assert reader.read() is not None  # the shift is added up again, once
    assert reader.read() is None


def test_minutes_written_later_are_sent_alone(store, follow):
    clock = Clock()
    reader = follow(store, clock)
    reader.read()
    clock.now_s = readers.HEAVY_EVERY_S
    make_store(store, NOW_US + MINUTE_US)
    minutes = reader.read().changes.lines[0].minutes
    assert set(minutes) == {name for name, *_ in STATIONS}
    assert all(len(news) <= 3 for news in minutes.values())


def test_another_store_in_the_same_place_is_seen(store, tmp_path, follow):
    reader = follow(store, Clock())
    reader.read()
    shutil.move(make_store(tmp_path / "new.db", SHIFT_US + HOUR_US), store)
    for end in ("-wal", "-shm"):
        store.with_name(store.name + end).unlink(missing_ok=True)
    assert reader.read().everything.now_us == SHIFT_US + HOUR_US


def test_trouble_is_told_and_heals(tmp_path, follow):
    reader = follow(tmp_path / "mes.db", Clock())
    missing = reader.read()
    assert isinstance(missing, Trouble)
    assert missing.reason == "missing"
    make_store(tmp_path / "mes.db", NOW_US)
    assert reader.read().everything.now_us == NOW_US
