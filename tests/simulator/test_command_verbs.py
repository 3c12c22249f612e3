"""Commands: what is legal is done once, what is not is refused with the reason and the mend. The machines are fakes."""

from pathlib import Path

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from contract import codec, packml
from contract.events import CommandAnswered, CommandGiven, Words
from contract.packml import Command
from contract.states import Mode, State
from contract.topics import Kind
from dashboards.words import LANGUAGES, catalogue
from simulator.command_verbs import LINE_VERBS, MACHINE_VERBS
from simulator.commands import REMEMBERED, Desk
from simulator.condition import EXECUTE, MAINTENANCE, NO_SHIFT, STARVED, condition_of
from simulator.plant import LineSpec, Product
from simulator.refusal import WHYS
from simulator.sampling import Constant
from simulator.station_spec import Maintenance, Material, Station, StopMode

LINE, MACHINE = "e/s/a/l1", "e/s/a/l1/placer"
NOW = 1_767_567_600_000_000
SECOND_US = 1_000_000
FEEDER_JAM = condition_of(State.HELD, "feeder_jam")


def words(text):
    return Words(text, text)


def stop(code):
    return StopMode(code, words(code), Constant(5.0), Constant(5.0))


PLACER = Station(
    id="placer",
    name=words("placer"),
    role="placer",
    cycle_s=20.0,
    micro_stops=(stop("feeder_jam"),),
    failures=(stop("head_crash"),),
    maintenance=(Maintenance("nozzles", words("nozzles"), 100.0, Constant(20.0)),),
    materials=(Material("slot_1", words("slot 1"), "R10k", 12, 5000, 500, Constant(5.0), Constant(40.0)),),
)
PRODUCT = Product("board-a", words("board A"))


class FakeMachine:
    """A machine that notes what commands do to it."""

    def __init__(self, spec=PLACER, condition=EXECUTE, mode=Mode.PRODUCTION):
        self.spec, self.condition, self.mode = spec, condition, mode
        self.forced, self.done = None, []

    @property
    def fault(self):
        return self.condition.reason if self.condition.state in {State.HELD, State.ABORTED} else ""

    def force(self, state, now):
        self.forced = state
        self.done.append(("force", state, now))

    def unforce(self, now):
        assert self.forced is not None
        self.forced = None
        self.done.append(("unforce", now))

    def set_mode(self, mode, now):
        self.mode = mode
        self.done.append(("set_mode", mode, now))

    def __getattr__(self, name):
        if name not in {"inject", "repair_now", "set_scrap", "set_speed", "starve", "maintain"}:
            raise AttributeError(name)
        return lambda *arguments: self.done.append((name, *arguments))


class FakeLine:
    """A line with an order book that notes what commands do to it."""

    def __init__(self):
        self.spec = LineSpec("l1", words("line"), (PRODUCT,), (PLACER,))
        self.book, self.breaks = ["WO-1"], []

    def has_order(self, order):
        return order in self.book

    def add_order(self, order, product, quantity, due_us, now, *, first):
        assert (product, quantity, due_us, now) == ("board-a", 100, None, NOW)
        self.book.insert(0 if first else len(self.book), order)

    def call_break(self, duration_us, now):
        self.breaks.append((duration_us, now))


def wish(verb, identifier="1", **fields):
    return CommandGiven(identifier, verb, **fields)


def ask(machine, verb, **fields):
    return Desk({MACHINE: machine}, {LINE: FakeLine()}).take(MACHINE, wish(verb, **fields), NOW)


def asked(machine, verb, **fields):
    """What an accepted command did to the machine."""
    answer = ask(machine, verb, **fields)
    assert answer.accepted, answer
    return machine.done


# ---------------------------------------------------------------------- PackML's commands


@with_any(st.sampled_from(Mode), st.lists(st.sampled_from(Command), max_size=30))
def test_any_sequence_of_commands_goes_where_the_table_says(mode, commands):
    machine = FakeMachine(mode=mode)
    desk, state = Desk({MACHINE: machine}, {}), State.EXECUTE
    for number, command in enumerate(commands):
        answer = desk.take(MACHINE, wish(command, str(number)), NOW + number)
        arrived = packml.arrive(state, command, mode)
        assert answer.accepted == (arrived is not None)
        if arrived is None:
            assert answer.detail == packml.refusal(state, command, mode)
        else:
            state = arrived
        assert (machine.forced or State.EXECUTE) == state


def test_hold_is_heard_where_the_machine_waits_for_parts_and_unhold_lets_it_wait_on():
    machine = FakeMachine(condition=STARVED)
    assert asked(machine, "hold") == [("force", State.HELD, NOW)]
    assert ask(machine, "unhold") == (True, "goes on", "")
    assert machine.forced is None


@pytest.mark.parametrize(
    ("condition", "command", "reason"),
    [
        (FEEDER_JAM, "unhold", "the machine is Held for feeder_jam, not by a command: repair ends it"),
        (
            condition_of(State.ABORTED, "head_crash"),
            "clear",
            "is Aborted for head_crash, not by a command: repair ends",
        ),
        (NO_SHIFT, "reset", "the machine is Stopped for no_shift, not by a command: it ends by itself"),
        (STARVED, "unsuspend", "the machine is Suspended for starved, not by a command: it ends by itself"),
    ],
)
def test_what_the_plant_brought_about_is_not_for_commands_to_end(condition, command, reason):
    machine = FakeMachine(condition=condition)
    answer = ask(machine, command)
    assert not answer.accepted
    assert reason in answer.detail
    assert not machine.done


def test_the_mode_changes_only_where_the_machine_stands():
    machine = FakeMachine()
    assert ask(machine, "mode", mode=Mode.MANUAL).detail.startswith("the mode cannot be changed in Execute")
    asked(machine, "stop")
    assert asked(machine, "mode", mode=Mode.MANUAL)[-1] == ("set_mode", Mode.MANUAL, NOW)
    for command in ("reset", "start"):
        asked(machine, command)
    assert ask(machine, "hold").detail.startswith("mode Manual has no Holding")
    assert "being maintained" in ask(FakeMachine(condition=MAINTENANCE), "mode", mode=Mode.MANUAL).detail


# ---------------------------------------------------------------------- what befalls a machine


@pytest.mark.parametrize(
    ("verb", "fields", "done"),
    [
        ("break", {"duration_s": 90.0}, ("inject", "head_crash", 90 * SECOND_US, NOW)),
        ("break", {"code": "feeder_jam", "duration_s": 0.5}, ("inject", "feeder_jam", SECOND_US // 2, NOW)),
        ("set_scrap", {"value": 0.25}, ("set_scrap", 0.25, NOW)),
        ("set_scrap", {"value": 0.0}, ("set_scrap", 0.0, NOW)),
        ("set_scrap", {}, ("set_scrap", None, NOW)),
        ("set_speed", {"value": 0.5}, ("set_speed", 0.5, NOW)),
        ("set_speed", {}, ("set_speed", 1.0, NOW)),
        ("starve", {"duration_s": 60.0}, ("starve", "slot_1", NOW + 60 * SECOND_US, NOW)),
        ("maintain", {}, ("maintain", "nozzles", NOW)),
    ],
)
def test_a_command_is_done_with_what_it_says(verb, fields, done):
    assert asked(FakeMachine(), verb, **fields) == [done]


def test_repair_ends_the_fault_there_is():
    assert asked(FakeMachine(condition=FEEDER_JAM), "repair") == [("repair_now", NOW)]
    assert ask(FakeMachine(), "repair").detail == "nothing to repair: the machine is Execute and has no fault"


BARE = Station(id="placer", name=words("placer"), role="placer", cycle_s=20.0)


@pytest.mark.parametrize(
    ("machine", "verb", "fields", "reason"),
    [
        (FakeMachine(), "explode", {}, "there is no verb 'explode': there are reset, start, stop"),
        (FakeMachine(), "", {}, "there is no verb ''"),
        (FakeMachine(), "order", {}, "order is for a line: send it to the line's own path"),
        (FakeMachine(), "break", {}, "break wants duration_s: duration_s is missing"),
        (FakeMachine(), "hold", {"duration_s": 5.0}, "hold takes no duration_s: leave it out"),
        (FakeMachine(), "mode", {}, "mode wants mode: mode is missing"),
        (
            FakeMachine(), "break", {"code": "flood", "duration_s": 1.0},
            "the machine has no fault 'flood': it has head_crash, feeder_jam",
        ),
        (FakeMachine(BARE), "break", {"duration_s": 1.0}, "the machine has no fault"),
        (FakeMachine(BARE), "maintain", {}, "the machine has no maintenance"),
        (FakeMachine(BARE), "starve", {"duration_s": 1.0}, "the machine has no slot"),
        (FakeMachine(), "starve", {"code": "slot_9", "duration_s": 1.0}, "no slot 'slot_9': it has slot_1"),
        (FakeMachine(), "set_scrap", {"value": 1.5}, "value 1.5 is no probability: 0 to 1"),
        (FakeMachine(), "set_speed", {"value": 0.0}, "value 0 is no speed: 0.1 to 10, 1 is normal; to stop: stop"),
        (FakeMachine(condition=FEEDER_JAM), "break", {"duration_s": 1.0}, "already stopped by feeder_jam: repair it"),
        (FakeMachine(condition=MAINTENANCE), "maintain", {}, "being maintained already"),
    ],
)  # fmt: skip
def test_a_command_that_makes_no_sense_is_refused_with_its_mend_and_does_nothing(machine, verb, fields, reason):
    answer = ask(machine, verb, **fields)
    assert not answer.accepted
    assert reason in answer.detail
    assert not machine.done


@pytest.mark.parametrize(("verb", "fields"), [("break", {"duration_s": 1.0}), ("maintain", {})])
def test_a_machine_that_a_command_stopped_goes_on_first(verb, fields):
    machine = FakeMachine()
    asked(machine, "hold")
    assert ask(machine, verb, **fields).detail == (
        "the machine is Held by a command: let it go on first; legal now: stop, unhold, abort"
    )


# ---------------------------------------------------------------------- lines


def desk_and_line():
    line = FakeLine()
    return Desk({MACHINE: FakeMachine()}, {LINE: line}), line


def test_orders_go_first_or_last_and_never_twice():
    desk, line = desk_and_line()
    for number, (verb, order) in enumerate([("add_order", "B"), ("order", "A")]):
        answer = desk.take(LINE, wish(verb, str(number), order=order, product="board-a", quantity=100), NOW)
        assert answer.accepted, answer
    assert line.book == ["A", "WO-1", "B"]
    again = desk.take(LINE, wish("order", "9", order="WO-1", product="board-a", quantity=100), NOW)
    assert again == (False, "there is an order 'WO-1' already: give this one an id of its own", "same_order")


@pytest.mark.parametrize(
    ("verb", "fields", "reason"),
    [
        ("order", {"order": "A", "product": "board-a"}, "order wants order and product and quantity: quantity is miss"),
        ("add_order", {"order": "A", "product": "tv", "quantity": 1}, "does not make 'tv': it makes board-a"),
        ("order", {"order": "A" * 41, "product": "board-a", "quantity": 1}, "at most 40, starting with no sign"),
        ("order", {"order": "A 1", "product": "board-a", "quantity": 1}, "order.id: 'A 1': use letters"),
        ("hold", {}, "hold is for a machine: send it to the machine's own path"),
        ("break_line", {}, "break_line wants duration_s"),
    ],
)
def test_a_line_refuses_what_makes_no_sense(verb, fields, reason):
    desk, line = desk_and_line()
    answer = desk.take(LINE, wish(verb, **fields), NOW)
    assert not answer.accepted
    assert reason in answer.detail
    assert line.book == ["WO-1"]


def test_a_break_is_called():
    desk, line = desk_and_line()
    assert desk.take(LINE, wish("break_line", duration_s=600.0), NOW) == (True, "break for 600 s", "")
    assert line.breaks == [(600 * SECOND_US, NOW)]


def test_a_note_is_taken_down_and_touches_nothing():
    desk, line = desk_and_line()
    before = dict(vars(line))
    marked = desk.take(LINE, wish("note", "1", code="mess.lost", value=0.01), NOW)
    said = desk.take(LINE, wish("note", "2", text=Words("Look at the oven", "Hãy nhìn lò hàn")), NOW)
    assert (marked, said) == ((True, "mess.lost 0.01", ""), (True, "Look at the oven", ""))
    assert desk.take(LINE, wish("note", "3"), NOW)[::2] == (False, "fields")
    assert vars(line) == before


def test_who_is_not_there_is_said_with_who_is():
    desk, _ = desk_and_line()
    assert desk.take(f"{LINE}/oven", wish("hold"), NOW) == (
        False, "there is no machine 'oven' on line l1: there are placer", "path"
    )  # fmt: skip
    assert desk.take("e/s/a/l9/oven", wish("hold"), NOW) == (False, "there is no line 'l9' here", "path")


@pytest.mark.parametrize("name", ["commands.md", "commands.vi.md"])
def test_every_verb_is_documented_with_its_options(name):
    text = (Path(__file__).parent.parent.parent / "docs" / name).read_text("utf-8")
    for verb, (_, needs, takes) in {**MACHINE_VERBS, **LINE_VERBS}.items():
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{verb}` |")]
        wanted = [f"`--{field.removesuffix('_s')}`" for field in (*needs, *takes)]
        assert row.split("|")[3].strip() == ", ".join(wanted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_refusal_is_documented_and_has_words(language):
    name = "wire.md" if language == "en" else f"wire.{language}.md"
    text = (Path(__file__).parent.parent.parent / "docs" / name).read_text("utf-8")
    for why in WHYS:
        assert f"`{why}`" in text
        assert f"why.{why}" in catalogue(language)


# ---------------------------------------------------------------------- the same again, too much, anything at all


def test_the_same_command_again_is_answered_again_and_done_once():
    machine = FakeMachine()
    desk = Desk({MACHINE: machine}, {})
    first = desk.take(MACHINE, wish("break", "x", duration_s=5.0), NOW)
    assert desk.take(MACHINE, wish("break", "x", duration_s=5.0), NOW + 1) == first
    assert len(machine.done) == 1
    other = desk.take(MACHINE, wish("break", "x", duration_s=6.0), NOW + 2)
    assert other == (False, "id 'x' was another command: give each its own", "same_id")
    assert desk.take(MACHINE, wish("hold", ""), NOW).detail.startswith("the command has no id")
    assert len(machine.done) == 1


def test_what_is_remembered_is_bounded():
    machine = FakeMachine()
    desk = Desk({MACHINE: machine}, {})
    for number in range(2 * REMEMBERED):
        desk.take(MACHINE, wish("set_scrap", str(number)), NOW)
    assert len(desk._answered) == REMEMBERED
    desk.take(MACHINE, wish("set_scrap", str(2 * REMEMBERED - 1)), NOW)
    assert len(machine.done) == 2 * REMEMBERED


codes = st.text(max_size=64)
fields = st.fixed_dictionaries(
    {"id": codes, "verb": st.sampled_from([*MACHINE_VERBS, *LINE_VERBS]) | codes},
    optional={
        "code": st.sampled_from(["feeder_jam", "slot_1", "nozzles"]) | codes,
        "duration_s": st.floats(0, 604_800, exclude_min=True),
        "value": st.floats(0, 1000),
        "mode": st.sampled_from(Mode),
        "order": codes,
        "product": st.just("board-a") | codes,
        "quantity": st.just(100) | st.integers(1, 10_000_000),
        "due": st.just(NOW),
    },
)


class AnyLine(FakeLine):
    def add_order(self, *arguments, first):
        """Whatever it is."""


@with_any(st.lists(fields, max_size=20), st.sampled_from([EXECUTE, STARVED, NO_SHIFT, MAINTENANCE, FEEDER_JAM]))
def test_any_command_gets_an_answer_that_fits_the_wire(several, condition):
    desk = Desk({MACHINE: FakeMachine(condition=condition)}, {LINE: AnyLine()})
    for number, each in enumerate(several):
        given = CommandGiven(**each)
        accepted, detail, why = desk.take((MACHINE, LINE)[number % 2], given, NOW)
        answer = CommandAnswered(NOW, 1, 1, given, accepted, detail, why)
        assert codec.decode(Kind.REPLY, codec.encode(answer)) == [answer]
        assert detail
        assert accepted == (why == "")
        assert accepted or why in WHYS
