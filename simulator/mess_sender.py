"""What the network does to what one machine (or line) says: when each message reaches the wire, if at all. Pure.

    event ─→ device (mess_device.py) ─→ stuck? lost? ─→ offline, late, reorder: later ─→ duplicates, malformed: beside

Incidents are on an agenda of the machine's own: which, and when next. They are taken in order of time before anything
that is said later, so the size of the steps in which time passes makes no difference.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from contract.codec import KIND_OF, encode, encode_many
from contract.events import CommandAnswered, Event, LineDescribed, LinkChanged, MachineDescribed
from contract.topics import RETAINED, Address, Kind, address, topic_of
from simulator.agenda import NEVER
from simulator.mess_device import Device, Said
from simulator.mess_dice import Dice
from simulator.mess_garbage import garbage

#: The most one message is put off by ``reorder`` (s): what the contract allows kinds to overtake each other by.
REORDER_S = 119.0
#: How long a spell of each kind lasts, s.
OFFLINE_S, REBOOT_S, STUCK_S, SET_BACK_FOR_S = (120.0, 3600.0), (5.0, 90.0), (60.0, 900.0), (300.0, 1200.0)
LATE_SPELL_S, LATE_BY_S = (30.0, 120.0), (60.0, 600.0)
SET_BACK_S = (1.0, 120.0)
#: A duplicate comes this much later (s): one of five only after minutes.
_SOON_S, _MUCH_LATER_S, _MUCH_LATER = (0.0, 5.0), (60.0, 900.0), 0.2
#: One of this many duplicates is a whole batch: the last messages again, as arrays.
_BATCH_OF_DUPLICATES, BATCH_LIMIT = 10, 50
_STATES_KEPT = 8
#: The kinds that befall a machine rather than a message.
INCIDENTS = ("late", "offline", "reboot", "stale_retained", "clock_back", "stuck", "ghost_will")
#: What gets out of a machine that is stuck.
_NEVER_STUCK = frozenset({Kind.HEARTBEAT, Kind.INFO})
_GHOSTS = 5
_OBITUARY_S = (5.0, 60.0)


class Wire(NamedTuple):
    """One message on the wire, on the connection of ``path``.

    ``events`` is how many are in it (more than one: an array; 0: it is malformed). ``retain``: the broker is to keep
    it. ``is_kept``: it comes from the broker's memory, as on subscribing. ``link``: false where it is the last will of
    a lost connection, true where that is there again, ``None`` for what is merely said.
    """

    path: str
    topic: str
    payload: bytes
    events: int = 1
    retain: bool = False
    is_kept: bool = False
    link: bool | None = None


#: Called with the release time (µs), the kind of mess that put it off ("" for none) and the message.
Push = Callable[[int, str, Wire], None]


class LineSender:
    """What a line says comes as it is; at most it comes twice."""

    def __init__(self, path: str, seed: int, rates: dict[str, float], push: Push) -> None:
        self.path, self.seed, self.rates, self.push = path, seed, rates, push
        self.due_us = NEVER
        self._again = Dice(seed, path, "duplicates")
        self._topics: dict[type, str] = {}

    def take(self, event: Event) -> None:
        """It says ``event`` now."""
        wire = self.wire(event)
        self.push(event.ts, "", wire)
        self.repeat(event.ts, wire)

    def advance(self, now_us: int) -> None:
        """Everything that befalls it up to ``now_us``: nothing befalls a line."""

    def repeat(self, at_us: int, wire: Wire) -> None:
        """Say again what went out at ``at_us``, if chance will have it."""
        if self._again.chance(self.rates.get("duplicates", 0)):
            self.push(at_us + self._later_us(), "duplicates", wire)

    def wire(self, event: Event) -> Wire:
        """``event`` as a message."""
        topic = self._topics.get(type(event))
        if topic is None:
            topic = self._topics[type(event)] = topic_of(self.path, KIND_OF[type(event)])
        return Wire(self.path, topic, encode(event), retain=KIND_OF[type(event)] in RETAINED)

    def _later_us(self) -> int:
        far = self._again.chance(_MUCH_LATER)
        return self._again.between_us(*(_MUCH_LATER_S if far else _SOON_S))


class MachineSender(LineSender):
    """What a machine says, and everything that befalls its messages. ``due_us`` is when the next incident comes."""

    def __init__(self, path: str, seed: int, rates: dict[str, float], push: Push, start_us: int) -> None:
        super().__init__(path, seed, rates, push)
        self.device = Device(path, seed, start_us, rates)
        self._dice = {kind: Dice(seed, path, kind) for kind in ("lost", "reorder", "malformed", *INCIDENTS)}
        self._offline_us = self._stuck_us = 0  # until when
        self._late = (0, 0)  # what is said before the first comes at the second
        self._recent: deque[Said] = deque(maxlen=BATCH_LIMIT)
        self._states: deque[tuple[int, Wire]] = deque(maxlen=_STATES_KEPT)  # and when each reached the broker
        self._agenda: dict[str, int] = {}
        for kind in INCIDENTS:
            self._plan(kind, start_us)

    # ------------------------------------------------------------------ what is said

    def take(self, event: Event) -> None:
        """See :class:`LineSender`; call :meth:`advance` up to its time first."""
        if isinstance(event, CommandAnswered):
            answer = self.wire(self.device.answer(event))
            self.push(event.ts, "", answer)
            self.repeat(event.ts, answer)
            return
        assert not isinstance(event, LinkChanged | LineDescribed)
        for said in self.device.say(event):  # type: ignore[arg-type]  # a machine's event
            self._send(said, event.ts)

    def follow(self, event: Event) -> None:
        """It said ``event``, and that was heard as it is."""
        if isinstance(event, CommandAnswered):
            self.device.answer(event)
        else:
            assert not isinstance(event, LinkChanged | LineDescribed)
            self.device.say(event)  # type: ignore[arg-type]  # a machine's event

    def _send(self, said: Said, now_us: int) -> None:
        rates, kind = self.rates, KIND_OF[type(said)]
        if now_us < self._stuck_us and kind not in _NEVER_STUCK:
            return
        if self._dice["lost"].chance(rates.get("lost", 0)):
            return
        wire = self.wire(said)
        at_us, why = self._release(said, now_us)
        self.push(at_us, why, wire)
        self._recent.append(said)
        if kind is Kind.STATE:
            self._states.append((at_us, wire))
        self.repeat(at_us, wire)
        if self._again.chance(rates.get("duplicates", 0) / _BATCH_OF_DUPLICATES):
            self._repeat_batch(at_us + self._later_us())
        if self._dice["malformed"].chance(rates.get("malformed", 0)):
            topic, payload = garbage(self._dice["malformed"], wire.topic, wire.payload)
            self.push(at_us, "", Wire(self.path, topic, payload, events=0))

    def _release(self, said: Said, now_us: int) -> tuple[int, str]:
        """When it reaches the wire, and why not at once. What was kept offline comes in order, and so does an info."""
        if now_us < self._offline_us:
            return self._offline_us, "offline"
        if now_us < self._late[0]:
            return self._late[1], "late"
        if not isinstance(said, MachineDescribed) and self._dice["reorder"].chance(self.rates.get("reorder", 0)):
            return now_us + self._dice["reorder"].between_us(0, REORDER_S), "reorder"
        return now_us, ""

    def _repeat_batch(self, at_us: int) -> None:
        batches: dict[type, list[Said]] = {}
        for said in self._recent:
            batches.setdefault(type(said), []).append(said)
        for batch in batches.values():
            first = self.wire(batch[0])
            payload = first.payload if len(batch) == 1 else encode_many(batch)
            self.push(at_us, "duplicates", first._replace(payload=payload, events=len(batch), retain=False))

    # ------------------------------------------------------------------ incidents

    def advance(self, now_us: int) -> None:
        """See :class:`LineSender`."""
        while self.due_us <= now_us:
            kind = min(self._agenda, key=self._agenda.__getitem__)
            at_us = self._agenda.pop(kind)
            self._handlers()[kind](at_us)
            self._set_due()

    def switch(self, kind: str, now_us: int) -> None:
        """The rate of ``kind`` has changed; with 0, what it is at ends (but a controller that is off stays off)."""
        if not self.rates[kind]:
            self._end(kind, now_us)
        if kind in INCIDENTS:
            busy_us = {"offline": self._offline_us, "stuck": self._stuck_us, "late": self._late[0]}
            self._plan(kind, max(now_us, busy_us.get(kind, now_us)))

    def _end(self, kind: str, now_us: int) -> None:
        if kind == "offline":
            self._offline_us = now_us
        elif kind == "stuck":
            self._stuck_us = now_us
        elif kind == "late":
            self._late = (0, 0)
        elif kind == "clock_back":
            self.device.clock.set_back_us = 0
            self._agenda.pop("clock_right", None)

    def _plan(self, kind: str, from_us: int) -> None:
        """The next incident of ``kind`` after ``from_us``, by its rate of now."""
        self._agenda.pop(kind, None)
        rate = self.rates.get(kind, 0)
        if rate:
            self._agenda[kind] = from_us + self._dice[kind].wait_us(rate)
        self._set_due()

    def _set_due(self) -> None:
        self.due_us = min(self._agenda.values(), default=NEVER)

    def _handlers(self) -> dict[str, Callable[[int], None]]:
        return {
            "late": self._fall_behind,
            "offline": self._lose_link,
            "reboot": self._switch_off,
            "power_on": self._switch_on,
            "stale_retained": self._recall_state,
            "clock_back": self._set_clock_back,
            "clock_right": self._set_clock_right,
            "stuck": self._get_stuck,
            "ghost_will": self._haunt,
        }

    def _fall_behind(self, at_us: int) -> None:
        dice = self._dice["late"]
        until_us = at_us + dice.between_us(*LATE_SPELL_S)
        self._late = (until_us, until_us + dice.between_us(*LATE_BY_S))
        self._plan("late", until_us)

    def _lose_link(self, at_us: int) -> None:
        until_us = at_us + self._dice["offline"].between_us(*OFFLINE_S)
        self._link(at_us, is_up=False, why="")
        # Pushed before anything that waits for it, and so also there before it.
        self._link(until_us, is_up=True, why="offline")
        self._offline_us = until_us
        self._plan("offline", until_us)

    def _switch_off(self, at_us: int) -> None:
        until_us = at_us + self._dice["reboot"].between_us(*REBOOT_S)
        if not self.device.switch_off(until_us):
            self._plan("reboot", at_us)
            return
        if at_us >= self._offline_us:
            self._link(at_us, is_up=False, why="")
        self._agenda["power_on"] = until_us

    def _switch_on(self, at_us: int) -> None:
        said = self.device.switch_on(at_us)
        is_offline = at_us < self._offline_us
        self._link(self._offline_us if is_offline else at_us, is_up=True, why="offline" if is_offline else "")
        for each in said:
            self._send(each, at_us)
        self._plan("reboot", at_us)

    def _link(self, at_us: int, *, is_up: bool, why: str) -> None:
        wire = self.wire(self.device.link(online=is_up))
        self.push(at_us, why, wire._replace(link=is_up))

    def _recall_state(self, at_us: int) -> None:
        old = [wire for release_us, wire in self._states if release_us < at_us][:-1]
        if old:
            self.push(at_us, "", self._dice["stale_retained"].one_of(old)._replace(is_kept=True))
        self._plan("stale_retained", at_us)

    def _set_clock_back(self, at_us: int) -> None:
        dice = self._dice["clock_back"]
        self.device.clock.set_back_us = dice.between_us(*SET_BACK_S)
        self._agenda["clock_right"] = at_us + dice.between_us(*SET_BACK_FOR_S)

    def _set_clock_right(self, at_us: int) -> None:
        self.device.clock.set_back_us = 0
        self._plan("clock_back", at_us)

    def _get_stuck(self, at_us: int) -> None:
        self._stuck_us = at_us + self._dice["stuck"].between_us(*STUCK_S)
        self._plan("stuck", self._stuck_us)

    def _haunt(self, at_us: int) -> None:
        """A will of somebody who was never there; or one's own, by an old connection, which one then corrects."""
        dice = self._dice["ghost_will"]
        link = self.device.link(online=False)
        if dice.chance(0.5) or at_us < self._offline_us or "power_on" in self._agenda:
            where: Address = address(self.path)
            ghost = where._replace(machine=f"ghost-{int(dice.between(1, 1 + _GHOSTS))}").path
            self.push(at_us, "", Wire(self.path, topic_of(ghost, Kind.LINK), encode(link), retain=True))
        else:
            self.push(at_us, "", self.wire(link))
            self.push(at_us + dice.between_us(*_OBITUARY_S), "", self.wire(self.device.link(online=True)))
        self._plan("ghost_will", at_us)
