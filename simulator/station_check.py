"""What one station of a plant file may not say although each of its values has the right type."""

from collections.abc import Iterator

import msgspec

from simulator.mistakes import (
    LARGEST,
    require,
    require_above_0,
    require_code,
    require_count,
    require_distinct,
    require_id,
    require_known,
    require_number,
    require_possible,
    require_reason,
    require_share,
)
from simulator.station_spec import Absence, Maintenance, Material, Station, StopMode, Value, Wear

#: The reason of the stop in which a person looks at a false call.
_REVIEW = "false_call_review"
_SECOND_IN_MINUTES = 1 / 60
_SHORTEST_S = 0.001  # shorter cycles make more events than anybody can store


def check_station(where: str, station: Station) -> None:
    """Raise :class:`contract.errors.PlantError` for the first impossible thing that needs no other station to see."""
    require_id(f"{where}.id", station.id)
    require_id(f"{where}.role", station.role)
    require_above_0(f"{where}.cycle_s", station.cycle_s, _SHORTEST_S)
    if station.buffer is not None:
        require(0 <= station.buffer <= LARGEST, f"{where}.buffer", f"{station.buffer} must be 0 or more places")
    for key in ("servers", "splits"):
        require_count(f"{where}.{key}", getattr(station, key), 1000)
    require(-1 < station.speed_loss <= 1000, f"{where}.speed_loss", "must be above -1 (0.05 is 5 % slower)")
    require_possible(f"{where}.spread", station.spread, _SHORTEST_S)
    for source, parts in station.assembles.items():
        require_count(f"{where}.assembles.{source}", parts, 1000)
    _check_kind(where, station)
    whole = station.splits == 1 or not station.assembles
    require(whole, f"{where}.splits", "a station either joins or cuts: remove this, or assembles")
    require(station.ideal_us > 0, f"{where}.cycle_s", "must be at least a microsecond for each part")
    _check_stops(where, station)
    _check_quality(where, station)
    for index, value in enumerate(station.values):
        _check_value(f"{where}.values[{index}]", value)
    require_distinct(f"{where}.values", (value.code for value in station.values))
    for index, material in enumerate(station.materials):
        _check_material(f"{where}.materials[{index}]", material)
    _check_power(where, station)


def stops_of(where: str, station: Station) -> Iterator[tuple[str, StopMode | Maintenance | Wear]]:
    """Everything at a station that may wait for a crew, each with its place in the file."""
    for kind in ("micro_stops", "failures", "maintenance", "wear"):
        for index, stop in enumerate(getattr(station, kind)):
            yield f"{where}.{kind}[{index}]", stop


def check_absences(where: str, absences: tuple[Absence, ...]) -> None:
    """Those of a station's operator, or of a crew."""
    for index, absence in enumerate(absences):
        require_possible(f"{where}.absences[{index}].every_min", absence.every_min, _SECOND_IN_MINUTES)
        require_possible(f"{where}.absences[{index}].lasts_min", absence.lasts_min)


def _check_kind(where: str, station: Station) -> None:
    """A conveyor and a batch machine are kinds of their own."""
    plain = Station(id=station.id, name=station.name, role=station.role, cycle_s=station.cycle_s)
    if station.conveyor is not None:
        require_above_0(f"{where}.conveyor.transit_s", station.conveyor.transit_s)
        require_count(f"{where}.conveyor.places", station.conveyor.places)
        for key in ("servers", "spread", "speed_loss"):
            same = getattr(station, key) == getattr(plain, key)
            require(same, f"{where}.{key}", "a conveyor moves at one speed: remove this")
        for key in ("batch", "assembles", "splits"):
            same = getattr(station, key) == getattr(plain, key)
            require(same, f"{where}.{key}", "a conveyor carries parts one by one: remove this, or the conveyor")
    if station.batch is not None:
        require_count(f"{where}.batch.size", station.batch.size, 10_000)
        require(0 <= station.batch.wait_s <= LARGEST, f"{where}.batch.wait_s", "must be 0 or more seconds")
        for key in ("assembles", "splits"):
            same = getattr(station, key) == getattr(plain, key)
            require(same, f"{where}.{key}", "a batch leaves as it came: remove this, or the batch")


def _check_stops(where: str, station: Station) -> None:
    stops = list(stops_of(where, station))
    for place, stop in stops:
        require_reason(f"{place}.code", stop.code)
    codes = [stop.code for stop in station.crew_stops]
    require_distinct(where, [*codes, *(material.slot for material in station.materials)])
    if station.inspects is not None and station.inspects.review_s is not None:
        require(_REVIEW not in codes, where, f"{_REVIEW!r} is the stop of review_s: choose another code")
    for place, stop in stops:
        if isinstance(stop, StopMode):
            require_possible(f"{place}.every_min", stop.every_min, _SECOND_IN_MINUTES)
            require_possible(f"{place}.lasts_s", stop.lasts_s)
        elif isinstance(stop, Maintenance):
            _check_maintenance(place, stop, station)
        else:
            _check_wear(place, stop)
    check_absences(where, station.absences)
    if station.warm_up is not None:
        after_min = station.warm_up.after_min
        require(0 <= after_min <= LARGEST, f"{where}.warm_up.after_min", "must be 0 or more minutes")
        require_possible(f"{where}.warm_up.lasts_min", station.warm_up.lasts_min)


def _check_wear(where: str, wear: Wear) -> None:
    require_count(f"{where}.life_parts", wear.life_parts, 10**9)
    require_possible(f"{where}.service_s", wear.service_s)
    require_share(f"{where}.scrap_at_end", wear.scrap_at_end)
    often = 1 <= wear.stops_at_end <= 1000
    require(often, f"{where}.stops_at_end", f"{wear.stops_at_end:g} must be from 1 (as often as when new) on")


def _check_maintenance(where: str, job: Maintenance, station: Station) -> None:
    require_above_0(f"{where}.every_h", job.every_h, _SECOND_IN_MINUTES)
    require_possible(f"{where}.lasts_min", job.lasts_min)
    early = 0 < job.opportune_from <= 1
    require(early, f"{where}.opportune_from", f"{job.opportune_from:g} must be above 0 and at most 1 (never early)")
    renewable = [wear.code for wear in station.wear] + [failure.code for failure in station.failures]
    for code in job.renews:
        require_known(f"{where}.renews", code, "wear or failure", renewable)


def _check_quality(where: str, station: Station) -> None:
    require_share(f"{where}.scrap", station.scrap)
    worst = station.scrap + sum(wear.scrap_at_end for wear in station.wear)
    require(worst <= 1, f"{where}.scrap", f"with scrap_at_end of its wear it comes to {worst:g}: at most 1")
    for index, defect in enumerate(station.defects):
        require_code(f"{where}.defects[{index}].code", defect.code)
        require_share(f"{where}.defects[{index}].rate", defect.rate)
    require_distinct(f"{where}.defects", (defect.code for defect in station.defects))
    rates = sum(defect.rate for defect in station.defects)
    require(rates <= 1, f"{where}.defects", f"their rates come to {rates:g}: together at most 1")
    if station.inspects is not None:
        for code, probability in station.inspects.detects.items():
            require_share(f"{where}.inspects.detects.{code}", probability)
        require_share(f"{where}.inspects.false_call", station.inspects.false_call)
        reviewed = not station.inspects.false_call or station.inspects.review_s is not None
        require(reviewed, f"{where}.inspects", "false_call needs review_s: how long a person looks at the part")
        require_possible(f"{where}.inspects.review_s", station.inspects.review_s)


def _check_value(where: str, value: Value) -> None:
    require_code(f"{where}.code", value.code)
    require(len(value.unit) <= 64, f"{where}.unit", "at most 64 characters")
    require_above_0(f"{where}.sd", value.sd)
    for key in ("target", "drift_per_h"):
        size = abs(getattr(value, key))
        require(size <= LARGEST, f"{where}.{key}", f"at most {LARGEST}: choose a larger unit")
    above = value.lsl is None or value.lsl < value.target
    require(above, f"{where}.lsl", f"{value.lsl} must be below the target {value.target:g}")
    below = value.usl is None or value.target < value.usl
    require(below, f"{where}.usl", f"{value.usl} must be above the target {value.target:g}")
    one = (value.every_parts is None) != (value.every_s is None)
    require(one, where, "say how often it is measured: either every_parts or every_s")
    if value.every_parts is not None:
        require_count(f"{where}.every_parts", value.every_parts)
    if value.every_s is not None:
        require_above_0(f"{where}.every_s", value.every_s, 1)


def _check_material(where: str, material: Material) -> None:
    require_reason(f"{where}.slot", material.slot)
    require_number(f"{where}.material", material.material, 40)
    require_count(f"{where}.per_part", material.per_part)
    require_count(f"{where}.lot_size", material.lot_size, 10**9)
    few = f"{material.lot_size} is less than the {material.per_part} that one part takes"
    require(material.lot_size >= material.per_part, f"{where}.lot_size", few)
    low = 0 <= material.low_at < material.lot_size
    require(low, f"{where}.low_at", f"{material.low_at} must be 0 or more and below lot_size {material.lot_size}")
    require_possible(f"{where}.replenish_min", material.replenish_min)
    require_possible(f"{where}.change_s", material.change_s)
    require_share(f"{where}.splice", material.splice)


def _check_power(where: str, station: Station) -> None:
    if station.power_w is None:
        return
    for key, watts in msgspec.structs.asdict(station.power_w).items():
        require(0 <= watts <= 10**8, f"{where}.power_w.{key}", f"{watts} must be 0 or more watts, at most 100 MW")
