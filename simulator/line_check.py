"""What one line of a plant file may not say: its products, orders, changeovers and stations."""

from collections.abc import Iterable
from itertools import permutations

from contract.instants import EARLIEST_US, LATEST_US, from_datetime
from simulator.flow_check import check_flow, feeders_of, main_flow, path_from
from simulator.mistakes import (
    LARGEST,
    require,
    require_above_0,
    require_count,
    require_distinct,
    require_id,
    require_known,
    require_number,
    require_possible,
)
from simulator.plant import ANY_FAMILY, Changeover, Demand, LineSpec, Order, Product
from simulator.station_check import check_station

_LONGEST_ORDER, _LONGEST_PREFIX = 40, 20
_LONGEST_SERIAL = 64
_MADE_UP = "00000000"  # the longest number that units and lots get
_MOST_PARTS = 10_000_000
_TEN_YEARS_H = 87_660


def check_line(where: str, line: LineSpec) -> None:
    """Raise :class:`contract.errors.PlantError` for the first impossible thing in this line."""
    require_id(f"{where}.id", line.id)
    require(0 < line.target_oee <= 1, f"{where}.target_oee", f"{line.target_oee:g} must be above 0 and at most 1")
    require(0 <= line.minor_stop_s <= LARGEST, f"{where}.minor_stop_s", "must not be negative")
    require(bool(line.stations), f"{where}.stations", "a line needs at least one station")
    require_distinct(f"{where}.stations", (station.id for station in line.stations))
    for index, station in enumerate(line.stations):
        check_station(f"{where}.stations[{index}]", station)
    check_flow(where, line)
    _check_products(where, line)
    for index, order in enumerate(line.orders):
        check_order(f"{where}.orders[{index}]", order, line.products)
    if line.demand is not None:
        _check_demand(f"{where}.demand", line.demand, line.products)
    for index, changeover in enumerate(line.changeovers):
        _check_changeover(f"{where}.changeovers[{index}]", changeover, line)
    _check_every_changeover(where, line)
    _check_serials(where, line)


def check_order(where: str, order: Order, products: Iterable[Product]) -> None:
    """One order by itself; ``products`` are those of its line."""
    require_number(f"{where}.id", order.id, _LONGEST_ORDER)
    require_known(f"{where}.product", order.product, "product", [product.id for product in products])
    require_count(f"{where}.quantity", order.quantity, _MOST_PARTS)
    require(order.due is None or order.due_h is None, f"{where}.due", "say either due or due_h")
    if order.due_h is not None:
        in_time = 0 < order.due_h <= _TEN_YEARS_H
        require(in_time, f"{where}.due_h", f"{order.due_h:g} must be greater than 0 and at most ten years")
    if order.due is not None:
        offset = order.due.tzinfo is not None
        require(offset, f"{where}.due", f"{order.due} has no offset: write it like 2026-01-09T16:00:00+07:00")
        sane = EARLIEST_US <= from_datetime(order.due) <= LATEST_US
        require(sane, f"{where}.due", f"{order.due} is not between the years 2000 and 2100")


def _check_products(where: str, line: LineSpec) -> None:
    require(bool(line.products), f"{where}.products", "a line needs at least one [[lines.products]]")
    require_distinct(f"{where}.products", (product.id for product in line.products))
    ids = [station.id for station in line.stations]
    for index, product in enumerate(line.products):
        place = f"{where}.products[{index}]"
        require_number(f"{place}.id", product.id)
        require_number(f"{place}.family", product.family_id)
        require(0 <= product.opportunities <= LARGEST, f"{place}.opportunities", "must be 0 or more")
        for station, cycle_s in product.cycle_s.items():
            require_known(f"{place}.cycle_s", station, "station", ids)
            require_above_0(f"{place}.cycle_s.{station}", cycle_s, 0.001)
    known = [product.id for product in line.products]
    for number, one in enumerate(line.stations):
        for index, material in enumerate(one.materials):
            for product_id in material.products:
                place = f"{where}.stations[{number}].materials[{index}].products"
                require_known(place, product_id, "product", known)


def _check_demand(where: str, demand: Demand, products: tuple[Product, ...]) -> None:
    require(bool(demand.products), f"{where}.products", "name at least one product with its weight")
    for product, weight in demand.products.items():
        require_known(f"{where}.products", product, "product", [one.id for one in products])
        require_above_0(f"{where}.products.{product}", weight)
    require_possible(f"{where}.quantity", demand.quantity, 1)
    require_above_0(f"{where}.slack", demand.slack)
    require_number(f"{where}.prefix", demand.prefix, _LONGEST_PREFIX)


def _check_changeover(where: str, changeover: Changeover, line: LineSpec) -> None:
    require(bool(changeover.stations), f"{where}.stations", "name at least one station, or remove the changeover")
    require_distinct(f"{where}.stations", changeover.stations)
    for station in changeover.stations:
        require_known(f"{where}.stations", station, "station", [one.id for one in line.stations])
    families = [ANY_FAMILY, *_families(line)]
    for key in ("from_family", "to_family"):
        require_known(f"{where}.{key}", getattr(changeover, key), "family", families)
    same = changeover.from_family == changeover.to_family != ANY_FAMILY
    require(not same, where, f"within the family {changeover.to_family!r} nothing changes over: remove this")
    checked = changeover.first_article_min is None or changeover.lasts_min is not None
    require(checked, f"{where}.first_article_min", "nothing is set up: add lasts_min, or remove this")
    require_possible(f"{where}.lasts_min", changeover.lasts_min)
    require_possible(f"{where}.first_article_min", changeover.first_article_min)


def _check_every_changeover(where: str, line: LineSpec) -> None:
    """A station that changes over between some families does so between all; and no entry is hidden by earlier ones."""
    pairs = list(permutations(_families(line), 2))
    taken: set[int] = set()
    for station in dict.fromkeys(name for entry in line.changeovers for name in entry.stations):
        for before, after in pairs:
            fits = [
                index
                for index, entry in enumerate(line.changeovers)
                if station in entry.stations and _fits(entry, before, after)
            ]
            missing = (
                f"{station!r} has none from {before!r} to {after!r}: add one ('{ANY_FAMILY}' is any family), "
                "without lasts_min where nothing is set up"
            )
            require(bool(fits), f"{where}.changeovers", missing)
            taken.add(fits[0])
    for index, _ in enumerate(line.changeovers if pairs else ()):
        hidden = "the ones before it already fit all it is for: put it before them"
        require(index in taken, f"{where}.changeovers[{index}]", hidden)


def _fits(entry: Changeover, before: str, after: str) -> bool:
    return entry.from_family in (ANY_FAMILY, before) and entry.to_family in (ANY_FAMILY, after)


def _families(line: LineSpec) -> list[str]:
    return list(dict.fromkeys(product.family_id for product in line.products))


def _check_serials(where: str, line: LineSpec) -> None:
    """The longest serials and lot numbers that can come up fit the wire, whatever order is put into the book."""
    main = main_flow(line)
    for index, station in enumerate(line.stations):
        place = f"{where}.stations[{index}]"
        if station.returns_to is None and not feeders_of(line, index):
            own = "" if index in main else f"-{station.id}"
            cuts = [line.stations[behind].splits for behind in path_from(line, index)]
            rest = f"{own}-{_MADE_UP}" + "".join(f".{splits}" for splits in cuts if splits > 1)
            mend = f"serials of its parts, like ORDER{rest}, could be longer than {_LONGEST_SERIAL}: shorten the id"
            require(_LONGEST_ORDER + len(rest) <= _LONGEST_SERIAL, f"{place}.id", mend)
        for number, material in enumerate(station.materials):
            lot = f"{line.id}.{station.id}.{material.slot}.{_MADE_UP}"
            mend = f"its lots would be called like {lot!r}, longer than {_LONGEST_SERIAL}: shorten one of the ids"
            require(len(lot) <= _LONGEST_SERIAL, f"{place}.materials[{number}].slot", mend)
