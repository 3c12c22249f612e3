"""Wall, park, line and report say one target at every instant, which only grows; a line's minutes add up to it."""

from contextlib import closing
from itertools import cycle, islice, pairwise

import pytest
from msgspec.structs import replace
from simulated import Growing

from answers.basis import order_turns
from answers.line_minutes import line_minutes
from answers.live import pace, this_shift
from answers.report import evidence
from answers.shift_report import shift_report
from answers.span import Span, everything, whole
from answers.store import Store
from answers.target import target
from contract.instants import MINUTE_US
from dashboards.board.asking import resolve
from dashboards.board.pages import Query, explain_target, line, park
from dashboards.board.snapshot import shift_so_far
from simulator.plant import Order

#: Plant, seed, hours, size of its first orders, of one product after another; 0: as the file has them.
RUNS = [("phone", 1, 5, 0), ("garment", 1, 6, 60), ("garment", 2, 6, 60), ("garment", 3, 6, 60),
        ("bottling", 1, 3, 400), ("bottling", 2, 3, 400)]  # fmt: skip
#: So many that a jump back at a change of orders is larger than what falls due from one to the next.
_PARTS = 30
_ORDERS = 12
#: No divisor of an hour, nor of a minute.
_STEP_US = 7 * MINUTE_US // 3


@pytest.fixture(scope="module", params=RUNS, ids=str)
def run(request, tmp_path_factory):
    """A store at its end, and what the pages said while it grew: [((line, shift), wall, park, line page, report)]."""
    name, seed, hours, size = request.param
    said = []
    path = tmp_path_factory.mktemp(name) / "mes.db"
    with closing(Growing(path, name, seed, hours, _PARTS, adapt=lambda plant: ordered(plant, size))) as growing:
        for _ in range(_PARTS):
            growing.grow()
            with Store.open(path) as store:
                said += told(store)
    with Store.open(path) as store:
        yield store, said


def ordered(plant, size):
    """The plant with small orders on all its lines."""
    if not size:
        return plant
    lines = [replace(one, orders=tuple(islice(orders_of(one, size), _ORDERS))) for one in plant.lines]
    return replace(plant, lines=tuple(lines))


def orders_of(line_spec, size):
    for number, product in enumerate(cycle(reversed(line_spec.products))):
        yield Order(f"SMALL-{line_spec.id}-{number}", product.id, size)


def told(store):
    now_us = evidence(store).newest_us
    ask = resolve(store, Query(span="shift"), ("span",))
    in_park = {one.path: one.target_now for site in park.read(store, ask).sites for one in site.lines}
    for path in store.lines():
        shift = this_shift(store, path, now_us)
        if shift is None:
            continue
        wall = shift_so_far(store, path, now_us)
        of_line = line.read(store, resolve(store, Query(line=path, span="shift"), ("line", "span"))).now.shift
        report = shift_report(store, path, whole(shift.start_us, now_us + 1))
        opened = [explained(store, path, code) for code in ("", "shift")]
        yield (
            (path, shift.start_us),
            (wall.target_now, wall.target_shift),
            in_park[path],
            (of_line.target_now, of_line.target_shift),
            (int(report.target or 0), int(report.target_shift or 0)),
            tuple(opened),
        )


def explained(store, path, code):
    """The whole parts due by what Explain lists; they are planned time ÷ takt, turn by turn."""
    ask = resolve(store, Query(line=path, span="shift", code=code), ("line", "span"))
    found = explain_target.read(store, ask)
    assert all(one.due == one.planned_us / one.takt_us for one in found.wanted)
    assert found.good == sum(one.good for one in found.came) == pace(store, path, evidence(store).newest_us).good
    assert found.target is None or found.target == sum(one.due for one in found.wanted)
    return int(sum(one.due for one in found.wanted))


def test_every_page_says_the_target_that_the_report_says(run):
    _, said = run
    assert len(said) >= _PARTS - 1
    assert any(wall[0] for _, wall, *_ in said)
    for _, wall, in_park, of_line, report, opened in said:
        assert wall == of_line == report == opened
        assert in_park == report[0]


def test_the_target_never_jumps_back_while_the_store_grows(run):
    _, said = run
    for turn in {turn for turn, *_ in said}:
        due = [wall[0] for each, wall, *_ in said if each == turn]
        assert due == sorted(due), turn


def test_what_was_due_stays_due_when_the_order_changes(run):
    store, _ = run
    takts = []
    for path in store.lines():
        span = everything(store)
        shift = this_shift(store, path, span.to_us - 1)
        end_us = min(shift.end_us, span.to_us)
        orders = [one.order for one in order_turns(store, path, Span(shift.start_us, end_us)) if one.order]
        takts.append({one.takt_us for one in orders})
        due = [pace(store, path, at_us).target_now for at_us in range(shift.start_us, end_us, _STEP_US)]
        assert all(one <= other for one, other in pairwise(due)), path
        assert due[0] == 0 < due[-1]
    assert max(map(len, takts)) > 1, "no order changes the takt: the run tells nothing"


def test_the_minutes_of_influxdb_add_up_to_it(run):
    store, _ = run
    span = everything(store)
    for path in store.lines():
        minutes = line_minutes(store, path, range(span.from_us, span.to_us, MINUTE_US))
        assert len(minutes) == (span.to_us - span.from_us) // MINUTE_US
        assert sum(one.target for one in minutes.values()) == pytest.approx(target(store, path, span), rel=1e-12)
