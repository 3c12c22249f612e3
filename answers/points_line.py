"""Points of one line: its minutes and hours, and which of its machines was the bottleneck."""

from collections.abc import Iterable, Iterator
from operator import attrgetter

from answers.bottleneck import periods_around, pieces, reigns
from answers.line_minutes import LineTime, line_hours, line_minutes
from answers.line_protocol import form, path_tags, template, text
from answers.plant import stations
from answers.span import Span
from answers.store import Store
from contract.instants import HOUR_US, MINUTE_US
from contract.kpi import Losses, line_losses
from contract.points import MEASUREMENTS

_KWH_J = 3.6e6
#: Fields that are times of ``contract.kpi.Losses``.
_LOSSES = [f"{name.removesuffix('_us')}_s" for name in Losses.__struct_fields__]
_losses_of = attrgetter(*Losses.__struct_fields__)
_OTHERS = [name for name in MEASUREMENTS["line_minute"].fields if name not in _LOSSES]
_TEMPLATE = template("line_minute", *_LOSSES, *_OTHERS)
_BOTTLENECK = template("bottleneck_minute")
_NEWEST = "SELECT MAX(ts_us) FROM current_state JOIN machines USING (machine_id) WHERE line_path = ?"
#: Keys further apart than this are read apart.
_NEAR_US = 6 * HOUR_US


def times(store: Store, line: str, minutes: list[int], hours: list[int]) -> tuple[list[str], list[str]]:
    """``line_minute`` of those minutes and ``line_hour`` of those hours; an hour is exactly the sum of its minutes."""
    found = line_minutes(store, line, [*minutes, *_minutes_of(hours)])
    of_hours = line_hours(found) if hours else {}
    return (
        _lines(form("line_minute", path_tags(line), _TEMPLATE), found, sorted(minutes)),
        _lines(form("line_hour", path_tags(line), _TEMPLATE), of_hours, sorted(hours)),
    )


def _lines(written: str, found: dict[int, LineTime], instants: Iterable[int]) -> list[str]:
    return [written % (*_values(found[at_us]), at_us) for at_us in instants if at_us in found]


def _values(one: LineTime) -> Iterator[object]:
    lost = line_losses(one.sums)
    own = one.sums.constraint
    values = {
        "run_s": (lost.ppt_us - lost.breakdown_us - lost.setup_us - lost.waiting_us) / 1e6,
        "booked_s": own.booked_us / 1e6,
        "in_shift_planned_s": one.in_shift_planned_us / 1e6,
        "execute_s": own.execute_us / 1e6,
        "made_ideal_s": (lost.good_ideal_us + lost.defects_us + lost.startup_us) / 1e6,
        "exit_good": one.sums.exit_good,
        "target": one.target,
        "constraint": text(one.constraint.rpartition("/")[2]),
        "energy_kwh": one.sums.energy_j / _KWH_J,
        "idle_energy_kwh": one.sums.idle_energy_j / _KWH_J,
    }
    yield from (us / 1e6 for us in _losses_of(lost))
    yield from (values[name] for name in _OTHERS)


def bottlenecks(store: Store, line: str, minutes: list[int], hours: list[int]) -> tuple[list[str], list[str]]:
    """``bottleneck_minute`` and ``bottleneck_hour`` of every station, also of those that were it for 0 s.

    So what was said while a period was not over yet, or before a station said that it is off the flow, and was somebody
    else's in the end, is written over. Nothing of time of which nobody has heard.
    """
    [(newest_us,)] = store.rows(_NEWEST, line)
    minutes = [at_us for at_us in minutes if at_us < (newest_us or 0)]
    hours = [at_us for at_us in hours if at_us < (newest_us or 0)]
    shares = _shares(store, line, [*minutes, *_minutes_of(hours)])
    of_minutes, of_hours = [], []
    for path in (station.path for station in stations(store, line)):
        own = shares.get(path, {})
        written = form("bottleneck_minute", path_tags(path), _BOTTLENECK)
        for at_us in minutes:
            sole_us, shifting_us = own.get(at_us, _NEVER)
            of_minutes.append(written % (sole_us / 1e6, shifting_us / 1e6, at_us))
        written = form("bottleneck_hour", path_tags(path), _BOTTLENECK)
        for at_us in hours:
            mine = [own.get(each, _NEVER) for each in _minutes_of([at_us])]
            sole_us, shifting_us = (sum(column) for column in zip(*mine, strict=True))
            of_hours.append(written % (sole_us / 1e6, shifting_us / 1e6, at_us))
    return of_minutes, of_hours


#: Machine path → minute → µs as the bottleneck alone, and while it was shifting.
_Shares = dict[str, dict[int, tuple[int, int]]]
_NEVER = (0, 0)


def _shares(store: Store, line: str, minutes: list[int]) -> _Shares:
    asked = set(minutes)
    shares: _Shares = {}
    for span in _near(sorted(asked)):
        for piece in pieces(reigns(periods_around(store, line, span))):
            own = shares.setdefault(piece.machine, {})
            at_us, end_us = max(piece.from_us, span.from_us), min(piece.to_us, span.to_us)
            while at_us < end_us:
                minute = at_us - at_us % MINUTE_US
                until_us = min(end_us, minute + MINUTE_US)
                sole_us, shifting_us = own.get(minute, _NEVER)
                us = until_us - at_us
                own[minute] = (sole_us + us, shifting_us) if piece.is_sole else (sole_us, shifting_us + us)
                at_us = until_us
    return shares


def _near(minutes: list[int]) -> list[Span]:
    """Minutes, in order → the spans that hold them, without long stretches that nobody asked about."""
    found: list[Span] = []
    for at_us in minutes:
        if found and at_us - found[-1].to_us <= _NEAR_US:
            found[-1] = Span(found[-1].from_us, at_us + MINUTE_US)
        else:
            found.append(Span(at_us, at_us + MINUTE_US))
    return found


def _minutes_of(hours: Iterable[int]) -> Iterator[int]:
    return (minute for hour in hours for minute in range(hour, hour + HOUR_US, MINUTE_US))
