"""A desk with a made-up plant behind it: it notes what is asked for, and does nothing."""

from made_up_line import LINE, NOW_US

from answers.commands import Note
from contract.errors import BrokerError, UsageError
from contract.events import CommandGiven, Words
from dashboards.board.desk import (
    Choice,
    Deed,
    DeskLine,
    DeskMachine,
    DeskMess,
    DeskState,
    DeskStory,
    Mess,
    Outcome,
    Reset,
)

PIN = "482913"
PRINTER = f"{LINE}/printer"


def both(text):
    return Words(text, text)


def line_of(name):
    path = f"{LINE.rpartition('/')[0]}/{name}"
    faults, slots = [Choice("jam", both("Jam"))], [Choice("f1", both("Feeder 1"))]
    machine = DeskMachine(f"{path}/printer", both("Printer"), faults, slots)
    return DeskLine(path, both(f"Line {name}"), [Choice("a", both("Board A"))], [machine], 24.0)


def made_up_state():
    """Something of everything that a desk shows."""
    lines = [line_of("smt-1"), line_of("smt-2")]
    marked = Note(ts_us=NOW_US, path="", asked=CommandGiven("1", "note", "desk", "mess.lost", value=0.01))
    asked = CommandGiven("2", "repair", "desk")
    refused = Note(ts_us=NOW_US, path=PRINTER, asked=asked, accepted=False, detail="no", why="no_fault")
    return DeskState(
        now_us=NOW_US,
        tz="UTC",
        speed=1.0,
        jumps=False,
        busy=False,
        no_reset="influx",
        seed=7,
        lines=lines,
        mess=[DeskMess("lost", 0.01), DeskMess("skew", 0.0)],
        stories=[DeskStory("scene", both("A scene"), both("It is about something"))],
        story="scene",
        caption=both("Look at the oven"),
        done=[Deed(marked), Deed(refused, both("Printer"))],
    )


class MadeUpDesk:
    """See :class:`dashboards.board.desk.Desk`."""

    def __init__(self):
        self.asked, self.told = [], lambda _: None

    def state(self):
        return made_up_state()

    async def do(self, action):
        self.asked.append(action)
        if isinstance(action, Mess) and action.kind == "none":
            raise UsageError("there is no such mess")
        if isinstance(action, Reset):
            raise BrokerError("nobody answered")
        return Outcome(accepted=True, detail="as you wish")

    def announce_to(self, tell):
        self.told = tell


class Clock:
    """Seconds that somebody sets."""

    now_s = 1000.0

    def __call__(self):
        return self.now_s
