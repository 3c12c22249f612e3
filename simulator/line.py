"""One line at run time: what it says about itself, its orders, and the machines that stand in it."""

from heapq import heappush
from typing import TYPE_CHECKING, NamedTuple

from contract.events import (
    BookChanged,
    CalendarPublished,
    CommandAnswered,
    LineDescribed,
    OrderProgressed,
    OrderStarted,
    ProductDescribed,
)
from contract.instants import DAY_US, SECOND_US
from simulator import shifts
from simulator.agenda import Agenda, Emission
from simulator.crews import Crew
from simulator.orders import OrderBook
from simulator.plant import LineSpec, Plant
from simulator.truth import LineTruth
from simulator.unit import RunningOrder, Unit

if TYPE_CHECKING:
    from simulator.station import BaseMachine

#: A calendar speaks for the day before, today and the seven days after it.
_CALENDAR_BEFORE_US, _CALENDAR_AFTER_US = DAY_US, 8 * DAY_US
_LineSays = (
    LineDescribed | CalendarPublished | OrderStarted | OrderProgressed | BookChanged | CommandAnswered
)  # fmt: skip


class World(NamedTuple):
    """What the lines of one engine share: plant, seed, start (µs), agenda, crews; ``keep_truth`` as for the engine."""

    plant: Plant
    seed: int
    start_us: int
    agenda: Agenda
    crews: dict[str, Crew]
    keep_truth: bool


class Line:
    """A line of the world's plant, from its start on."""

    __slots__ = (
        "_agenda", "_calendar_code", "_changed", "_exit_ideal_us", "_main", "_plant", "_said_order", "book", "boot",
        "machines", "path",
        "seq", "spec", "start_us", "truth",
    )  # fmt: skip

    def __init__(self, world: World, spec: LineSpec) -> None:
        plant, seed, start_us, agenda, _, keep_truth = world
        self.spec, self.start_us, self._plant, self._agenda = spec, start_us, plant, agenda
        self.path, self.boot, self.seq = plant.address(spec).path, start_us // SECOND_US, 0
        self.machines: list[BaseMachine] = []
        self._main = _main_flow(spec)
        self._exit_ideal_us = {product.id: spec.exit_ideal_us(product) for product in spec.products}
        first = next(iter(_sources(spec) & self._main))
        self.book = OrderBook(plant, spec, seed, start_us, spec.begun_parts(first))
        self.truth = LineTruth(plant, spec) if keep_truth else None
        self._said_order = ""
        self._changed: dict[str, RunningOrder] = {}
        self._calendar_code = agenda.register(self.publish_calendar)

    def is_main(self, index: int) -> bool:
        """Whether units of station ``index`` leave the line themselves (else they are built into others)."""
        return index in self._main

    # ------------------------------------------------------------------ orders and the units made for them

    def release(self, machine: "BaseMachine", now: int) -> Unit | None:
        """The next unit for a source to begin; ``None`` where nothing is ordered."""
        if not machine.share:
            return self._component(machine)
        order = self.book.turn(now)
        if order is None:
            return None
        if order.id != self._said_order:
            self._begin_order(order, now)
        order.units -= 1
        order.serial += 1
        order.released += machine.share
        self._changed[order.id] = order
        return Unit(f"{order.id}-{order.serial:05d}", order, machine.share)

    def _component(self, machine: "BaseMachine") -> Unit | None:
        begun = self.book.current or next(reversed(self.book.open.values()), None)
        order = begun or next(iter(self.book.waiting), None)  # a branch may be asked before the first machine begins
        if order is None:
            return None
        machine.made_components += 1
        return Unit(f"{order.id}-{machine.spec.id}-{machine.made_components:05d}", order, 0)

    def leave(self, unit: Unit, now: int, *, is_good: bool) -> None:
        """``unit`` is out of the line: good at its end, or scrapped anywhere."""
        order = unit.order
        if not unit.share:
            return
        if is_good:
            order.good += unit.share
        else:
            order.scrap += unit.share
        self._changed[order.id] = order
        if order.is_complete:
            self._complete(order, now)

    def is_without_order(self, *, at_source: bool = False) -> bool:
        """Nothing is ordered, and (but for a source) nothing is under way."""
        return self.book.is_empty and (at_source or not self.book.open)

    def wake(self, now: int) -> None:
        """There is something to begin again."""
        for machine in self.machines:
            machine.touch()
            if machine.source and not machine.halted:
                machine.pull(now)

    def _begin_order(self, order: RunningOrder, now: int) -> None:
        self._said_order = order.id
        if order.began_us < 0:
            order.began_us = now
            if self.truth is not None:
                self.truth.follow(order)
        line, product = self.spec, order.product
        takt_us = round(self._exit_ideal_us[product.id] / line.target_oee)
        self._say(
            OrderStarted(
                now, self._next(), self.boot, order.id, product.id, product.name, order.quantity, takt_us,
                line.target_oee, order.due_us,
            )
        )  # fmt: skip
        self.say_book(now)
        for machine in self.machines:  # what says Idle / no_order now may have to say Starved
            machine.touch()

    def _complete(self, order: RunningOrder, now: int) -> None:
        order.ended_us = now
        del self.book.open[order.id]
        self._progress(order, now)
        self._changed.pop(order.id, None)
        if self.is_without_order():
            for machine in self.machines:
                machine.touch()

    # ------------------------------------------------------------------ what it says

    def describe(self, now: int) -> None:
        """Say what it is, its calendar, its book, and what each machine is."""
        products = {p.id: ProductDescribed(p.name, p.family_id, p.opportunities) for p in self.spec.products}
        self._say(LineDescribed(now, self._next(), self.boot, self.spec.name, self._plant.name, products))
        self.publish_calendar(now, 0)
        self.say_book(now)
        for index, machine in enumerate(self.machines):
            upstream = [s.id for number, s in enumerate(self.spec.stations) if self.spec.downstream_of(number) == index]
            behind = self.spec.downstream_of(index)
            machine.describe(now, upstream, [] if behind is None else [self.spec.stations[behind].id])

    def publish_calendar(self, now: int, _slot: int) -> None:
        """Nothing to say where there are no shifts: then all time counts as planned production."""
        if not self._plant.shifts:
            return
        tz = self._plant.tz
        today = shifts.local_us(shifts.local_date(now, tz), 0, tz)
        begin, end = today - _CALENDAR_BEFORE_US, today + _CALENDAR_AFTER_US
        windows = shifts.windows(self._plant, begin, end)
        self._say(CalendarPublished(now, self._next(), self.boot, tz, begin, end, windows))
        tomorrow = shifts.local_us(shifts.local_date(today + 30 * 3600 * SECOND_US, tz), 0, tz)
        heappush(self._agenda.heap, (tomorrow, self._calendar_code, 0))

    def say_book(self, now: int) -> None:
        """Say what waits."""
        self._say(BookChanged(now, self._next(), self.boot, self.book.listing()))

    def say_progress(self, now: int) -> None:
        """Say how far each order is that moved since this was last said."""
        for order in self._changed.values():
            self._progress(order, now)
        self._changed.clear()

    def _progress(self, order: RunningOrder, now: int) -> None:
        left = max(0, order.released + order.units * self.book.share - order.good - order.scrap)
        finish = now + round(left * self._exit_ideal_us[order.product.id] / self.spec.target_oee)
        self._say(
            OrderProgressed(
                now, self._next(), self.boot, order.id, order.product.id, order.quantity, order.released, order.good,
                order.scrap, order.began_us, finish, order.is_complete, order.due_us,
            )
        )  # fmt: skip

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _say(self, event: _LineSays) -> None:
        self._agenda.out.append(Emission(self.path, event))


def _sources(spec: LineSpec) -> set[int]:
    fed = {spec.downstream_of(index) for index in range(len(spec.stations))}
    fed |= {spec.index(station.rework.to) for station in spec.stations if station.rework is not None}
    return set(range(len(spec.stations))) - fed


def _main_flow(spec: LineSpec) -> set[int]:
    """Stations whose units leave the line themselves: no join on their way takes them as a component."""
    main = set()
    for start in range(len(spec.stations)):
        index, behind, is_main = start, spec.downstream_of(start), True
        for _ in spec.stations:
            if behind is None:
                break
            takes = spec.stations[behind].assembles
            if takes and next(iter(takes)) != spec.stations[index].id:
                is_main = False
            index, behind = behind, spec.downstream_of(behind)
        if is_main:
            main.add(start)
    return main
