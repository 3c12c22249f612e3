"""Commands in a running plant: what they do to it, and that a log of them makes the same run again, to the byte."""

import io
import random

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US

from contract.errors import UsageError
from contract.events import (
    AlarmChanged,
    BookChanged,
    CommandAnswered,
    CommandGiven,
    HeartBeaten,
    MaterialChanged,
    OrderStarted,
    PartsCounted,
    StateChanged,
    UnitProcessed,
    Words,
)
from contract.packml import Command
from contract.states import Mode, State
from simulator.agenda import NEVER
from simulator.command_log import WAITING_LIMIT, Commands, TimedCommand, check_script, encode_command, read_script
from simulator.engine import Factory
from simulator.plant_file import load_plant
from simulator.record import encode_emissions, record

PHONE = load_plant("phone")
LINE = PHONE.address(PHONE.lines[0]).path
PRINTER, PLACER, PACKING = (f"{LINE}/{machine}" for machine in ("printer", "placer_1", "packing"))
PATHS = Factory(PHONE, 1, MONDAY_US).paths
PRODUCT = PHONE.lines[0].products[0].id


def at(minute, path, verb, identifier=None, **fields):
    identifier = f"{minute}/{path}/{verb}" if identifier is None else identifier
    return TimedCommand(MONDAY_US + round(minute * 60 * SECOND_US), path, CommandGiven(identifier[:64], verb, **fields))


def run(*script, minutes=120, seed=1):
    factory = Factory(PHONE, seed, MONDAY_US)
    return Commands(script).run_until(factory, MONDAY_US + minutes * 60 * SECOND_US)


def of(emissions, path, kind, first=0.0, last=1e9):
    """Events of ``kind`` of ``path``, in minutes since the start."""
    begin, end = (MONDAY_US + minute * 60 * SECOND_US for minute in (first, last))
    return [event for where, event in emissions if where == path and type(event) is kind and begin <= event.ts <= end]


def answers(emissions):
    return [event for _, event in emissions if isinstance(event, CommandAnswered)]


# ---------------------------------------------------------------------- the same run again


def some_commands(rng):
    """Anything that people might ask for, sensible or not."""
    verbs = [*map(str, Command), "repair", "break", "set_scrap", "set_speed", "starve", "maintain", "mode", "explode"]
    for number in range(rng.randrange(60, 120)):
        identifier, fields = str(rng.randrange(number + 1)), {}
        if rng.random() < 0.1:
            verb, path = rng.choice(["order", "add_order", "break_line", "note"]), LINE
            if verb == "break_line":
                fields = {"duration_s": rng.uniform(1, 900)}
            elif verb == "note":
                fields = {"code": "speed", "value": rng.choice([0.0, 60.0]), "text": Words("Look", "Nhìn")}
            else:
                fields = {"order": f"X{number}", "product": PRODUCT, "quantity": rng.randrange(1, 50)}
        else:
            verb, path = rng.choice(verbs), rng.choice(PATHS)
            if verb in {"break", "starve"}:
                fields = {"duration_s": rng.uniform(0.1, 600)}
            elif verb == "mode":
                fields = {"mode": rng.choice(list(Mode))}
            elif verb in {"set_scrap", "set_speed"}:
                fields = {"value": rng.choice([0.0, 0.5, 1.0])}
        yield path, CommandGiven(identifier, verb, **fields)


def live(seed, end_us):
    """A run whose commands come while it runs, a few at a time; what was said, and the log."""
    rng, log, said = random.Random(seed), io.BytesIO(), []
    factory, commands = Factory(PHONE, seed, MONDAY_US), Commands(log=log)
    waiting = list(some_commands(rng))
    while factory.now_us < end_us:
        for _ in range(min(len(waiting), rng.choice([0, 0, 1, 1, 3]))):
            assert commands.hear(*waiting.pop(0))
        step_us = rng.randrange(1, 4 * 60 * SECOND_US)
        said += commands.run_until(factory, min(factory.now_us + step_us, end_us))
    return said + factory.finish(), log.getvalue(), list(factory.truth_records())


@pytest.mark.parametrize("seed", range(6))
def test_a_run_with_the_log_is_to_the_byte_the_run_in_which_they_were_given(seed):
    end_us = MONDAY_US + 2 * HOUR_US
    said, log, truth = live(seed, end_us)
    script = read_script(log.splitlines(keepends=True), "log")
    assert len(script) == len(answers(said)) >= 40
    factory, out, log_again = Factory(PHONE, seed, MONDAY_US), io.BytesIO(), io.BytesIO()
    record(factory, end_us, out, commands=Commands(script, log_again))
    assert out.getvalue() == encode_emissions(said, {})
    assert log_again.getvalue() == log
    assert list(factory.truth_records()) == truth


def test_every_command_is_answered_once_in_its_own_instant_and_some_are_refused():
    said, log, _ = live(1, MONDAY_US + 2 * HOUR_US)
    given = [(timed.at_us, timed.path, timed.command) for timed in read_script(log.splitlines(), "log")]
    found = [(event.ts, path, event.command) for path, event in said if isinstance(event, CommandAnswered)]
    assert sorted(found, key=repr) == sorted(given, key=repr)
    assert {event.accepted for event in answers(said)} == {True, False}


def test_what_comes_before_a_command_is_as_it_was_without():
    plain, broken = run(), run(at(30, PRINTER, "break", duration_s=600.0), at(31, PLACER, "stop"))
    until_us = MONDAY_US + 30 * 60 * SECOND_US
    assert [one for one in plain if one.event.ts < until_us] == [one for one in broken if one.event.ts < until_us]
    assert plain != broken


def test_notes_leave_the_run_as_it_was_but_for_their_answers():
    notes = [at(minute, LINE, "note", code="mess.lost", value=0.01) for minute in range(1, 60)]
    plain, noted = run(minutes=60), run(*notes, minutes=60)
    assert len(answers(noted)) == len(notes)
    assert [one for one in noted if not isinstance(one.event, CommandAnswered)] == plain


# ---------------------------------------------------------------------- what commands do


def test_hold_keeps_a_machine_until_unhold():
    said = run(at(10, PRINTER, "hold"), at(15, PRINTER, "unhold"))
    held = of(said, PRINTER, StateChanged, 10, 15)
    assert (held[0].state, held[0].reason, held[0].ts) == (State.HELD, "commanded", MONDAY_US + 600 * SECOND_US)
    assert not of(said, PRINTER, UnitProcessed, 10, 15)
    assert of(said, PRINTER, UnitProcessed, 15, 20)


def test_stop_reset_and_start_in_another_mode():
    said = run(
        at(10, PRINTER, "stop"), at(11, PRINTER, "mode", mode=Mode.MANUAL),
        at(12, PRINTER, "reset"), at(13, PRINTER, "start"),
    )  # fmt: skip
    assert all(event.accepted for event in answers(said))
    states = [(event.state, event.mode, event.reason) for event in of(said, PRINTER, StateChanged, 10, 13)]
    assert states[:3] == [
        (State.STOPPED, Mode.PRODUCTION, "commanded"),
        (State.STOPPED, Mode.MANUAL, "commanded"),
        (State.IDLE, Mode.MANUAL, "commanded"),
    ]
    assert {event.mode for event in of(said, PRINTER, HeartBeaten, 14)} == {Mode.MANUAL}


def test_a_break_lasts_as_long_as_it_is_told_to_and_repair_ends_it():
    code = PHONE.lines[0].stations[PHONE.lines[0].index("placer_1")].failures[0].code
    said = run(at(40, PLACER, "break", duration_s=600.0), minutes=60)
    [broken] = [event for event in of(said, PLACER, StateChanged, 40, 60) if event.reason == code]
    after = next(event for event in of(said, PLACER, StateChanged, 40, 60) if event.ts > broken.ts)
    assert (broken.state, after.ts - broken.ts) == (State.ABORTED, 600 * SECOND_US)
    said = run(at(40, PLACER, "break", duration_s=600.0), at(42, PLACER, "repair"), minutes=60)
    after = next(event for event in of(said, PLACER, StateChanged, 40, 60) if event.reason != code)
    assert after.ts == MONDAY_US + 42 * 60 * SECOND_US


@pytest.mark.parametrize("path", [PLACER, f"{LINE}/reflow", PACKING])
def test_scrap_and_speed_are_set_and_set_back(path):
    plain = run()
    slow = run(at(30, path, "set_speed", value=0.5), at(60, path, "set_speed"))
    assert len(of(slow, path, UnitProcessed, 35, 60)) < 0.8 * len(of(plain, path, UnitProcessed, 35, 60))
    scrapped = run(at(30, path, "set_scrap", value=1.0), at(60, path, "set_scrap", value=0.0))
    assert {event.result for event in of(scrapped, path, UnitProcessed, 30.01, 59.99)} <= {"scrap", "rework"}
    assert "pass" in {event.result for event in of(scrapped, path, UnitProcessed, 60.01)}


def test_a_starved_slot_stops_the_machine_until_something_comes():
    slot = PHONE.lines[0].stations[PHONE.lines[0].index("placer_1")].materials[0].slot
    said = run(at(30, PLACER, "starve", duration_s=900.0))
    waits = [event for event in of(said, PLACER, StateChanged, 30) if event.reason == "no_material"]
    assert waits
    assert not of(said, PLACER, UnitProcessed, 32, 45)
    loads = [event for event in of(said, PLACER, MaterialChanged, 30) if event.what == "loaded" and event.slot == slot]
    assert loads[0].ts >= MONDAY_US + 45 * 60 * SECOND_US
    assert [event.is_active for event in of(said, PLACER, AlarmChanged, 30) if event.subject == slot][:2] == [
        True,
        False,
    ]


def test_maintenance_is_done_when_it_is_called():
    said = run(at(30, PLACER, "maintain"))
    maintained = [event for event in of(said, PLACER, StateChanged, 30, 45) if event.mode is Mode.MAINTENANCE]
    assert maintained
    assert maintained[-1].state is State.STOPPED


def test_a_called_break_stops_the_whole_line_and_ends_by_itself():
    said = run(at(30, LINE, "break_line", duration_s=600.0))
    for path in PATHS:
        reasons = [event.reason for event in of(said, path, HeartBeaten, 38, 39)]
        if path.startswith(f"{LINE}/"):
            assert set(reasons) <= {"break"} | {event.reason for event in of(said, path, StateChanged, 0, 30)}
        else:
            assert "break" not in reasons
    assert of(said, PACKING, HeartBeaten, 38, 39)[0].reason == "break"
    assert "break" not in {event.reason for event in of(said, PACKING, HeartBeaten, 41, 50)}


def test_an_order_is_begun_now_or_put_last():
    said = run(
        at(20, LINE, "add_order", order="LAST", product=PRODUCT, quantity=8),
        at(21, LINE, "order", order="RUSH", product=PRODUCT, quantity=8, due=MONDAY_US + HOUR_US),
    )
    before, after = of(said, LINE, BookChanged, 19.9, 20)[-1], of(said, LINE, OrderStarted, 21)[0]
    assert before.orders[-1].order == "LAST"
    assert (after.order, after.quantity, after.due) == ("RUSH", 8, MONDAY_US + HOUR_US)
    assert of(said, LINE, OrderStarted, 21)[1].order == of(said, LINE, OrderStarted, 0, 21)[-1].order
    assert "RUSH" in {event.order for event in of(said, PACKING, PartsCounted)}


# ---------------------------------------------------------------------- logs and queues


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["{}"], r"log, line 1: Object missing required field `at`.*write it like \{\"at\""),
        (["nonsense"], "log, line 1: JSON is malformed"),
        (["", '{"at": "noon", "path": "x", "command": {"id": "1", "verb": "hold"}}'], "log, line 2: 'noon' is not a"),
        (['{"at": "2026-01-05T08:30:00Z", "path": "x", "command": {"id": "1", "verb": "hold", "much": 1}}'], "`much`"),
        (['{"at": "2026-01-05T08:30:00Z", "path": "x", "command": {"id": "1", "verb": "a", "quantity": 0}}'], ">= 1"),
    ],
)
def test_a_log_with_a_mistake_names_the_line_and_the_mend(lines, message):
    with pytest.raises(UsageError, match=message):
        read_script([line.encode() + b"\n" for line in lines], "log")


def test_a_log_out_of_order_or_for_somebody_else_is_refused():
    late, early = at(20, PRINTER, "hold"), at(10, PRINTER, "unhold")
    with pytest.raises(UsageError, match="log, line 2: is earlier than the line before: put them in order of time"):
        read_script([encode_command(late), encode_command(early)], "log")
    with pytest.raises(UsageError, match=r"is before the run begins.*say an earlier --start"):
        check_script([at(-1, PRINTER, "hold")], PATHS, MONDAY_US)
    with pytest.raises(UsageError, match=r"is after the run ends.*say a longer --for"):
        check_script([at(61, PRINTER, "hold")], PATHS, MONDAY_US, MONDAY_US + HOUR_US)
    with pytest.raises(UsageError, match="there is no machine 'kiln' on line smt-a: there are loader, printer"):
        check_script([at(1, f"{LINE}/kiln", "hold")], PATHS, MONDAY_US)
    with pytest.raises(UsageError, match="'kiln' is not the path of a machine"):
        check_script([at(1, "kiln", "hold")], PATHS, MONDAY_US)
    check_script([at(0, PRINTER, "hold"), at(1, LINE, "break_line")], PATHS, MONDAY_US)


def test_a_log_survives_being_written_and_read():
    script = [at(1 / 3, PRINTER, "hold"), at(1, LINE, "order", order="A", product="b", quantity=3, due=MONDAY_US)]
    assert read_script(map(encode_command, script), "log") == script


def test_the_queue_is_bounded():
    commands, given = Commands(), CommandGiven("1", "hold")
    assert all(commands.hear(PRINTER, given) for _ in range(WAITING_LIMIT))
    assert not commands.hear(PRINTER, given)
    assert commands.has_heard
    commands.run_until(Factory(PHONE, 1, MONDAY_US), MONDAY_US)
    assert not commands.has_heard
    assert commands.next_us == NEVER
