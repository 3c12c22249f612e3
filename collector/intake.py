"""From a topic and its bytes to the ledger they belong to; what cannot be taken is quarantined. Pure.

    feed(topic, payload) → route → decode → ledger.apply → drain() → Changes

Nothing that a machine says raises: it is counted, kept with the reason, and shown.
"""

from collections import deque
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from msgspec import DecodeError, Raw, Struct

from collector import ledger as machines
from collector import lines
from collector.changes import Answer, Changes, Fact, LineChange, MachineChange, OrderState, Quarantined
from collector.ledger import Ledger
from collector.lines import LineLedger, WindowRows
from collector.patience import Patience
from contract.codec import KIND_OF, decode, encode
from contract.errors import BadPayload, StoreError
from contract.events import CommandAnswered, Event, LinkChanged, MachineDescribed, OrderProgressed
from contract.topics import Kind, address, parse, topic_of

#: Quarantine records kept until the next drain; older ones are dropped, but stay counted.
QUARANTINE_LIMIT = 10_000
#: How much of a quarantined payload, topic or detail is kept.
EXCERPT_LENGTH = 1024
#: Machines and lines followed. More come from a broken sender, not from a plant.
PATHS_LIMIT = 20_000
#: Topics whose meaning is remembered.
ROUTES_LIMIT = 100_000
#: The path under which refusals are counted that belong to no known machine or line.
NOBODY = ""

#: What only the intake can see; see also the ``REASONS`` of ``ledger``, ``lines`` and ``contract.codec``.
REASONS = {
    "in_future": "its time is further ahead than a clock may be wrong",
    "too_many_paths": f"more than {PATHS_LIMIT} machines and lines",
}

_IN_SEQUENCE = frozenset(
    {Kind.STATE, Kind.COUNT, Kind.HEARTBEAT, Kind.INFO, Kind.UNIT, Kind.VALUE, Kind.MATERIAL, Kind.ALARM}
)


class IntakeSettings(Struct, frozen=True):
    """How patient and how trusting to be.

    ``lateness_us``: how long (event time) a gap in a sequence is waited for. ``future_tolerance_us``: how far ahead of
    the wall clock and of the newest event a time may be.
    """

    lateness_us: int = machines.LATENESS_US
    future_tolerance_us: int = 600_000_000


class Route(Struct, frozen=True):
    """What a topic means. Its ledger is made by the first good event, not by a topic alone."""

    topic: str
    path: str
    line_path: str
    kind: Kind
    is_machine: bool


class Intake:
    """All ledgers of the plant. ``saved`` is what ``Journal.load`` gave: path and frozen ledger."""

    def __init__(self, settings: IntakeSettings | None = None, saved: Iterable[tuple[str, bytes]] = ()) -> None:
        self._settings = settings or IntakeSettings()
        self._machines: dict[str, tuple[Ledger, LineLedger]] = {}
        self._lines: dict[str, LineLedger] = {NOBODY: LineLedger()}
        self._routes: dict[str, Route] = {}
        self._touched: dict[str, None] = {}
        self._windows: dict[str, list[WindowRows]] = {}
        self._facts: dict[tuple[str, Kind], Fact] = {}
        self._orders: list[Fact] = []
        self._progress: list[OrderState] = []
        self._commands: list[Answer] = []
        self._delays: dict[str, int] = {}
        self._quarantine: deque[Quarantined] = deque(maxlen=QUARANTINE_LIMIT)
        self._doubted = ("", 0)
        self._patience, self._received_us = Patience(), 0
        #: The newest event time (µs) accepted from anybody.
        self.newest_us = 0
        #: Events taken since the start, refused ones included.
        self.events = 0
        self._restore(saved)

    def feed(
        self,
        topic: str,
        payload: bytes | bytearray | Raw,
        retained: bool = False,
        received_us: int | None = None,
    ) -> int:
        """Take one message; how many events it held. ``received_us``: the wall clock (µs), none in a replay.

        A command is a wish and no event, whatever it says: only its answer is taken.
        """
        route, self._received_us = self._routes.get(topic), received_us or 0
        try:
            route = route or self._route(topic)
            if route.kind is Kind.COMMAND:
                return 0
            events = decode(route.kind, payload)
            self._take(route, events, retained, received_us)
        except BadPayload as bad:
            self.events += 1
            self.refuse(route.path if route else NOBODY, topic, bad, bytes(payload), received_us)
            return 0
        self.events += len(events)
        return len(events)

    def feed_events(self, path: str, events: Iterable[Event]) -> int:
        """Take decoded events of one machine or line, oldest first; how many there were. The short way for history."""
        taken = 0
        for cls, group in groupby(events, type):
            topic, batch = topic_of(path, KIND_OF[cls]), list(group)
            self._take(self._routes.get(topic) or self._route(topic), batch, retained=False, received_us=None)
            taken += len(batch)
        self.events += taken
        return taken

    def refuse(self, path: str, topic: str, bad: BadPayload, payload: bytes, received_us: int | None = None) -> None:
        """Quarantine ``payload`` and count it against ``path``, or against nobody if that path is not known."""
        owner = path if path in self._machines or path in self._lines else NOBODY
        ledger = self._machines[owner][0] if owner in self._machines else self._lines[owner]
        ledger.quarantined += 1
        self._touched[owner] = None
        texts = (topic[:EXCERPT_LENGTH], bad.reason, bad.detail[:EXCERPT_LENGTH])
        self._quarantine.append(Quarantined(received_us, *texts, payload[:EXCERPT_LENGTH]))

    def close(self) -> None:
        """No more events will come: stop waiting for gaps. Drain once more after this."""
        for path, (ledger, _) in self._machines.items():
            if ledger.order.held:
                self._give_up(path)

    def drain(self) -> Changes:
        """Everything since the last drain. Keep it until it is committed: it is not given twice."""
        for path in self._patience.worn_out(self.newest_us, self._received_us, self._settings.lateness_us):
            self._give_up(path)
        changes = Changes(
            machines=[self._machine_change(path) for path in self._touched if path in self._machines],
            lines=[self._line_change(path) for path in self._touched if path in self._lines],
            facts=list(self._facts.values()),
            orders=self._orders[:],
            progress=self._progress[:],
            commands=self._commands[:],
            delays=list(self._delays.items()),
            quarantine=list(self._quarantine),
        )
        self._touched.clear()
        self._windows.clear()
        self._facts.clear()
        self._orders.clear()
        self._progress.clear()
        self._commands.clear()
        self._delays.clear()
        self._quarantine.clear()
        return changes

    def _take(self, route: Route, events: list[Any], retained: bool, received_us: int | None) -> None:
        if route.kind is Kind.REPLY:
            self._take_answers(route, events, received_us)
            return
        if not route.is_machine:
            self._take_line(route, events, retained, received_us)
            return
        ledger, line = self._machines.get(route.path) or self._new_machine(route)
        self._touched[route.path] = None
        if retained or route.kind not in _IN_SEQUENCE:
            self._take_kept(route, ledger, events, received_us)
            return
        planned, lateness_us = line.planned, self._settings.lateness_us
        if received_us is not None and events:
            delay_us = received_us - events[-1].ts
            self._delays[route.path] = min(delay_us, self._delays.get(route.path, delay_us))
        for event in events:
            if event.ts > self.newest_us and not self._advance(route, event, received_us):
                continue
            if type(event) is MachineDescribed and ledger.is_newest_info(event):
                self._remember(route, event)
            ledger.apply(event, planned, lateness_us)
            if ledger.refused:
                self._collect_refused(route.path, ledger, received_us)

        if ledger.order.held:
            self._patience.hear(route.path, self.newest_us, self._received_us)
        else:
            self._patience.end(route.path)

    def _give_up(self, path: str) -> None:
        ledger, line = self._machines[path]
        ledger.close(line.planned)
        self._patience.end(path)
        self._touched[path] = None
        self._collect_refused(path, ledger, None)

    def _take_kept(self, route: Route, ledger: Ledger, events: list[Any], received_us: int | None) -> None:
        """Links, and what the broker had kept from before we listened."""
        for event in events:
            if event.ts > self.newest_us and not self._advance(route, event, received_us):
                continue
            if type(event) is LinkChanged:
                if ledger.link(event):
                    self._remember(route, event)
                continue
            if type(event) is MachineDescribed and ledger.is_newest_info(event):
                self._remember(route, event)
            ledger.see_retained(event)

    def _take_answers(self, route: Route, answers: list[CommandAnswered], received_us: int | None) -> None:
        for answer in answers:
            if answer.ts > self.newest_us and not self._advance(route, answer, received_us):
                continue
            command = answer.command
            texts = (command.id, command.verb, answer.accepted, encode(answer))
            self._commands.append(Answer(route.path, answer.ts, *texts))

    def _take_line(self, route: Route, events: list[Any], retained: bool, received_us: int | None) -> None:
        line = self._lines.get(route.path) or self._new_line(route.path)
        self._touched[route.path] = None
        for event in events:
            if event.ts > self.newest_us and not self._advance(route, event, received_us):
                continue
            if backwards := lines.backwards(event):
                self._refuse_event(route.path, event, "bad_calendar", backwards, received_us)
                continue
            if route.kind is Kind.ORDER:
                # One that comes after the next is old news of the present, but not of the past.
                self._orders.append(Fact(route.path, route.kind.value, event.ts, encode(event)))
            if line.is_new(event, retained=retained):
                self._remember(route, event)
                self._windows.setdefault(route.path, []).extend(line.plan(event))

    def _advance(self, route: Route, event: Event, received_us: int | None) -> bool:
        """Whether an event newer than all before may be believed; the plant's newest time moves with it."""
        base_us = max(received_us or 0, self.newest_us)
        is_ahead = base_us > 0 and event.ts > base_us + self._settings.future_tolerance_us
        if is_ahead and (received_us is not None or not self._is_confirmed(route.path, event.ts)):
            ahead_s = (event.ts - base_us) // 1_000_000
            self._refuse_event(route.path, event, "in_future", f"+{ahead_s} s", received_us)
            return False
        self.newest_us = event.ts
        return True

    def _is_confirmed(self, path: str, ts_us: int) -> bool:
        # Without a wall clock a plant that was silent over a weekend looks like one broken clock, until two agree.
        other, doubted_us = self._doubted
        self._doubted = (path, ts_us)
        return other not in ("", path) and abs(ts_us - doubted_us) <= self._settings.future_tolerance_us

    def _refuse_event(self, path: str, event: Event, reason: str, detail: str, received_us: int | None) -> None:
        topic = topic_of(path, KIND_OF[type(event)])
        self.refuse(path, topic, BadPayload(reason, detail), encode(event), received_us)

    def _collect_refused(self, path: str, ledger: Ledger, received_us: int | None) -> None:
        for event, reason, detail in ledger.refused:
            self._refuse_event(path, event, reason, detail, received_us)
        ledger.refused.clear()

    def _remember(self, route: Route, event: Event) -> None:
        if isinstance(event, OrderProgressed):
            self._progress.append(OrderState(route.path, event.order, event.ts, encode(event)))
        else:
            self._facts[route.path, route.kind] = Fact(route.path, route.kind.value, event.ts, encode(event))

    def _route(self, topic: str) -> Route:
        parsed = parse(topic)
        if len(self._routes) >= ROUTES_LIMIT:
            self._routes.clear()
        route = Route(topic, parsed.path, address(parsed.path).line_path, parsed.kind, parsed.is_machine)
        self._routes[topic] = route
        return route

    def _new_machine(self, route: Route) -> tuple[Ledger, LineLedger]:
        line = self._lines.get(route.line_path) or self._new_line(route.line_path)
        self._check_room()
        machine = self._machines[route.path] = (Ledger(), line)
        return machine

    def _new_line(self, path: str) -> LineLedger:
        self._check_room()
        line = self._lines[path] = LineLedger()
        return line

    def _check_room(self) -> None:
        if len(self._machines) + len(self._lines) >= PATHS_LIMIT:
            raise BadPayload("too_many_paths", f"> {PATHS_LIMIT}")

    def _machine_change(self, path: str) -> MachineChange:
        ledger, _ = self._machines[path]
        rows = ledger.rows()
        return MachineChange(path, address(path).line_path, rows, ledger.freeze())

    def _line_change(self, path: str) -> LineChange:
        line = self._lines[path]
        return LineChange(path, self._windows.get(path, []), line.health(), line.freeze())

    def _restore(self, saved: Iterable[tuple[str, bytes]]) -> None:
        frozen = dict(saved)
        try:
            thawed = {path: machines.thaw(frozen[path]) for path in frozen if path and address(path).machine}
            self._lines |= {path: lines.thaw(frozen[path]) for path in frozen if path not in thawed}
        except (DecodeError, TypeError) as error:
            raise StoreError(
                f"the collector's state in the store cannot be read ({error}): start a new store"
            ) from error
        for path, ledger in thawed.items():
            line = self._lines.setdefault(address(path).line_path, LineLedger())
            self._machines[path] = (ledger, line)
            self.newest_us = max(self.newest_us, ledger.last_us)
            if ledger.order.held:
                self._patience.remember(path)
