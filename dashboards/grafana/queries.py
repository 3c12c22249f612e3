"""InfluxQL as the dashboards ask it: every pattern ``=~ /^${variable:regex}$/``, every ratio a sum over a sum.

The measurements of sums exist twice, by minute in one database and by hour in another; ``FROM /^line_(minute|hour)$/``
names whichever the data source has, so the variable ``resolution``, a data source, is all that changes over long spans.

InfluxQL gives 0 for anything divided by 0. What is not known is not 0, so a ratio is made outside of its sums, where
a row without a denominator can be left out.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from contract.points import LINE_TAGS, MACHINE_TAGS, MEASUREMENTS
from contract.spc import D2

_FIELD = re.compile(r"[a-z]\w*")


def table(name: str) -> str:
    """``line`` → the line's sums of whichever length the data source has; ``downtime`` → itself, quoted."""
    return f"/^{name}_(minute|hour)$/" if f"{name}_minute" in MEASUREMENTS else f'"{name}"'


def within(*tags: str) -> str:
    """The condition that each of ``tags`` is among what the variable of its name has chosen."""
    return " AND ".join(f'"{tag}" =~ /^${{{tag}:regex}}$/' for tag in tags)


LINES, MACHINES = within(*LINE_TAGS), within(*MACHINE_TAGS)
#: Of ``downtime``: stops with a cause of their own. Starved and blocked have it at another machine.
CAUSES = "(" + " OR ".join(f"\"category\" = '{one}'" for one in ("breakdown", "minor_stop", "setup", "waiting")) + ")"
#: Of ``machine_state``: heard of shortly before the end of the span; what other machines do now nobody knows.
HEARD = "time > ${__to}ms - 5m"
#: Of ``machine`` and ``made``: a station where units are only repaired is no step of the line.
IN_FLOW = '"off_flow" = false'
#: Of ``command``: to a machine that is chosen or to its whole line.
TO_MACHINES = f"{LINES} AND ({within('machine')} OR \"machine\" = '')"
_MARKS_SHOWN = 200
#: Eight hours that begin at 06:00, 14:00 and 22:00 in Viet Nam, as a group of time.
TURN = "8h, -1h"


class Ratio(Struct, frozen=True):
    """``top`` over ``bottom``: arithmetic on field names, each of which is summed first.

    ``only``: a further condition on ``top`` and ``bottom`` without which there is no such number.
    """

    table: str
    top: str
    bottom: str
    only: str = ""


def summed(arithmetic: str) -> str:
    """``execute_s + setup_s`` → ``SUM("execute_s") + SUM("setup_s")``."""
    return _FIELD.sub(lambda found: f'SUM("{found[0]}")', arithmetic)


def _grouped(by: Sequence[str], *, each: bool) -> str:
    groups = ["time($__interval)"] * each + [f'"{tag}"' for tag in by]
    return (" GROUP BY " + ", ".join(groups) if groups else "") + (" fill(none)" if each else "")


def sums(source: str, columns: dict[str, str], where: str, by: Sequence[str] = (), *, each: bool = False) -> str:
    """Sums under their names, for each value of the tags ``by``, for each interval if ``each``."""
    chosen = ", ".join(f'{summed(arithmetic)} AS "{name}"' for name, arithmetic in columns.items())
    return f"SELECT {chosen} FROM {table(source)} WHERE $timeFilter AND {where}{_grouped(by, each=each)}"


def ratio(one: Ratio, name: str, where: str, by: Sequence[str] = (), *, each: bool = False) -> str:
    """A ratio of sums under ``name``; a row without a denominator is left out."""
    inner = sums(one.table, {"top": one.top, "bottom": one.bottom}, where, by, each=each)
    only = f" AND {one.only}" if one.only else ""
    return f'SELECT "top" / "bottom" AS "{name}" FROM ({inner}) WHERE "bottom" > 0{only}{_grouped(by, each=False)}'


def ratios(several: dict[str, Ratio], more: dict[str, str], where: str, by: Sequence[str]) -> str:
    """A row for each value of the tags ``by``: several ratios and sums of one measurement.

    ``0 * LN(0)`` is no number and stands as null, which is what a ratio without a denominator is.
    """
    [source] = {one.table for one in several.values()}
    asked = [part for one in several.values() for part in (one.top, one.bottom)] + list(more.values())
    # Each sum once, however many columns it is in.
    place = {arithmetic: f"sum_{number}" for number, arithmetic in enumerate(dict.fromkeys(asked))}
    columns = [
        f'"{place[one.top]}" / "{place[one.bottom]}" + 0 * LN("{place[one.bottom]}") AS "{name}"'
        for name, one in several.items()
    ]
    columns += [f'"{place[arithmetic]}" AS "{name}"' for name, arithmetic in more.items()]
    inner = sums(source, {name: arithmetic for arithmetic, name in place.items()}, where, by)
    return f"SELECT {', '.join(columns)} FROM ({inner}){_grouped(by, each=False)}"


def product(one: Ratio, name: str, where: str, by: Sequence[str]) -> str:
    """Π of a ratio over the values of ``by``, as e to the sum of logarithms: for the rolled throughput yield."""
    each = ratio(one, "one", f"{where} AND {IN_FLOW}", by)
    logs = f'SELECT LN("one") AS "log" FROM ({each}){_grouped(by, each=False)}'
    return f'SELECT EXP(SUM("log")) AS "{name}" FROM ({logs})'


def of_each(function: str, one: Ratio, name: str, where: str, by: Sequence[str]) -> str:
    """``MEAN`` or ``MIN`` of a ratio over the values of ``by``: only where the mistake itself is shown."""
    each = ratio(one, "one", f"{where} AND {IN_FLOW}", by)
    return f'SELECT {function}("one") AS "{name}" FROM ({each})'


def last(source: str, first: str, others: dict[str, str], where: str, by: Sequence[str]) -> str:
    """The newest point of each value of ``by``: the field ``first`` under its own name, others as named."""
    chosen = "".join(f', "{field}" AS "{name}"' for field, name in others.items())
    tags = ", ".join(f'"{tag}"' for tag in by)
    read = f"FROM {table(source)} WHERE $timeFilter AND {where} GROUP BY {tags}"
    return f'SELECT LAST("{first}") AS "{first}"{chosen} {read}'


def reasons(field: str, where: str, language: str, most: int) -> str:
    """The ``most`` largest sums of ``downtime`` by reason, largest first, each with what its machine calls it.

    Where machines call one code differently, one of their words.
    """
    called = f'LAST("reason_{language}") AS "reason"'
    inner = (
        f'SELECT SUM("{field}") AS "whole", {called} FROM "downtime" WHERE $timeFilter AND {where} GROUP BY "reason"'
    )
    return f'SELECT TOP("whole", {most}) AS "value", "reason" FROM ({inner}) WHERE "whole" > 0'


def standing(where: str, language: str) -> str:
    """Machines that stand now with a cause of their own: category, reason, and for how long, s, at the span's end."""
    told = {f"reason_{language}": "reason", "since_ms": "since_ms"}
    now = last("machine_state", "category", told, f"{where} AND {HEARD}", MACHINE_TAGS)
    tags = ", ".join(f'"{tag}"' for tag in MACHINE_TAGS)
    age = '(${__to} - "since_ms") / 1000 AS "for_s"'
    return f'SELECT "category", "reason", {age} FROM ({now}) WHERE {CAUSES} GROUP BY {tags}'


def age(where: str) -> str:
    """For how long a machine has been what it is, s, at the span's end."""
    now = last("machine_state", "since_ms", {}, f"{where} AND {HEARD}", MACHINE_TAGS)
    return f'SELECT (${{__to}} - "since_ms") / 1000 AS "for_s" FROM ({now})'


def largest(source: str, arithmetic: str, by: Sequence[str], where: str, most: int) -> str:
    """The ``most`` largest sums by the tags ``by``, largest first: a Pareto chart's order comes from the database."""
    return _top(sums(source, {"whole": arithmetic}, where, by), by, most)


def _top(inner: str, by: Sequence[str], most: int) -> str:
    tags = ", ".join(f'"{tag}"' for tag in by)
    return f'SELECT TOP("whole", {tags}, {most}) AS "value" FROM ({inner}) WHERE "whole" > 0'


def longest(source: str, field: str, columns: dict[str, str], where: str, most: int) -> str:
    """The ``most`` points in which a field is largest, by time, with more of each."""
    chosen = ", ".join(f'"{each}" AS "{name}"' for each, name in columns.items())
    return f'SELECT TOP("{field}", {most}) AS "{field}", {chosen} FROM {table(source)} WHERE $timeFilter AND {where}'


def same(*fields: str) -> dict[str, str]:
    """Fields under their own names."""
    return {field: field for field in fields}


def minutes(columns: dict[str, str]) -> dict[str, str]:
    """Sums of seconds as minutes."""
    return {name: f"{field} / 60" for name, field in columns.items()}


def states(field: str, where: str, by: Sequence[str]) -> str:
    """What a state was at the end of each interval. Silence stays empty: states are told again each minute."""
    tags = ", ".join(f'"{tag}"' for tag in by)
    return (
        f'SELECT LAST("{field}") AS "{field}" FROM "machine_state"'
        f" WHERE $timeFilter AND {where} GROUP BY time($__interval), {tags} fill(null)"
    )


def of_interval(function: str, source: str, fields: Sequence[str], where: str, by: Sequence[str]) -> str:
    """``MEAN`` or ``LAST`` of fields in each interval that has one."""
    chosen = ", ".join(f'{function}("{field}") AS "{field}"' for field in fields)
    return f"SELECT {chosen} FROM {table(source)} WHERE $timeFilter AND {where}{_grouped(by, each=True)}"


def running_total(source: str, field: str, where: str) -> str:
    """The sum of a field since the span began."""
    added = f'SELECT CUMULATIVE_SUM(SUM("{field}")) AS "{field}" FROM {table(source)}'
    return f"{added} WHERE $timeFilter AND {where} GROUP BY time($__interval) fill(0)"


def share_of_order(where: str, by: Sequence[str]) -> str:
    """Good parts over the quantity ordered, of the order each line was on at the end of each interval."""
    read = f'FROM "order_progress" WHERE $timeFilter AND {where}{_grouped(by, each=True)}'
    return f'SELECT LAST("good") / LAST("quantity") AS "share" {read}'


def coverage(where: str, by: Sequence[str]) -> str:
    """(known − planned) ÷ (span − planned) of each machine."""
    known = sums("machine", {"booked": "booked_s", "planned": "planned_s"}, where, by)
    return (
        'SELECT ("booked" - "planned") / ($__range_s - "planned") AS "coverage"'
        f" FROM ({known}){_grouped(by, each=False)}"
    )


def capability(where: str, by: Sequence[str]) -> str:
    """Ppu and Ppl: from the mean to each specification limit, over three standard deviations of all values."""
    read = ", ".join(f'LAST("{limit}") AS "{limit}"' for limit in ("usl", "lsl"))
    inner = (
        f'SELECT MEAN("value") AS "centre", STDDEV("value") AS "spread", {read} FROM "value"'
        f" WHERE $timeFilter AND {where}{_grouped(by, each=False)}"
    )
    both = '("usl" - "centre") / (3 * "spread") AS "ppu", ("centre" - "lsl") / (3 * "spread") AS "ppl"'
    return f'SELECT {both} FROM ({inner}) WHERE "spread" > 0{_grouped(by, each=False)}'


def collector(arithmetic: str, name: str) -> str:
    """What the collector says of itself, at the end of each interval."""
    return f'SELECT {arithmetic} AS "{name}" FROM "collector" WHERE $timeFilter GROUP BY time($__interval) fill(none)'


def marks(where: str, language: str, *, accepted: bool) -> str:
    """The newest commands and notes, what and by whom: what Grafana hangs on its charts at their instants."""
    chosen = f'SELECT "text_{language}" AS "text", "by" AS "title" FROM "command"'
    is_so = "true" if accepted else "false"
    return f'{chosen} WHERE $timeFilter AND {where} AND "accepted" = {is_so} ORDER BY time DESC LIMIT {_MARKS_SHOWN}'


def raw(source: str, columns: dict[str, str], where: str, most: int) -> str:
    """The newest ``most`` points, field by field under the names given."""
    chosen = ", ".join(f'"{field}" AS "{name}"' for field, name in columns.items())
    return f"SELECT {chosen} FROM {table(source)} WHERE $timeFilter AND {where} ORDER BY time DESC LIMIT {most}"


#: One group that holds the whole span and begins where it begins, as groups of time begin at the epoch otherwise.
WHOLE = "time(${__range_ms}ms, ${__from}ms)"


def levels(columns: dict[str, str], inner: str, by: Sequence[str] = ()) -> str:
    """Numbers of the whole span as level lines, each repeated for every interval by ``fill(previous)``.

    ``inner`` is grouped by :data:`WHOLE`, so its row lies in the first interval: ``fill(previous)``, which does not
    look before the span, finds it there.
    """
    tags = "".join(f', "{tag}"' for tag in by)
    made = ", ".join(f'{arithmetic} AS "{name}"' for name, arithmetic in columns.items())
    drawn = ", ".join(f'MAX("{name}") AS "{name}"' for name in columns)
    return (
        f"SELECT {drawn} FROM (SELECT {made} FROM ({inner}){_grouped(by, each=False)})"
        f" WHERE $timeFilter GROUP BY time($__interval){tags} fill(previous)"
    )


def individuals(where: str, by: Sequence[str]) -> str:
    """``centre``, ``upper`` and ``lower`` of an individuals chart: 3 sigma, sigma the mean moving range ÷ 1.128.

    The same arithmetic as ``contract.spc.individuals``.
    """
    tags = "".join(f', "{tag}"' for tag in by)
    read = f'FROM "value" WHERE $timeFilter AND {where}{_grouped(by, each=False)}'
    ranges = f'SELECT ABS(DIFFERENCE("value")) AS "range" {read}'
    values = f'SELECT "value" AS "one" {read}'
    both = (
        f'SELECT MEAN("one") AS "mean", MEAN("range") AS "range" FROM ({ranges}), ({values})'
        f" WHERE $timeFilter GROUP BY {WHOLE}{tags}"
    )
    reach = f'(3 * "range" / {D2})'
    lines = {"centre": '"mean"', "upper": f'"mean" + {reach}', "lower": f'"mean" - {reach}'}
    return levels(lines, both, by)


def proportions(one: Ratio, where: str) -> str:
    """``centre``, ``upper`` and ``lower`` of a p-chart: p̄ and p̄ ± 3·√(p̄(1 − p̄)/n) within 0 and 1, n of each interval.

    The same arithmetic as ``contract.spc.proportions``. p̄ is drawn out as a level line, to stand beside each sample.
    """
    whole = (
        f'SELECT {summed(one.top)} AS "top", {summed(one.bottom)} AS "bottom" FROM {table(one.table)}'
        f" WHERE $timeFilter AND {where} GROUP BY {WHOLE}"
    )
    centre = levels({"p": '"top" / "bottom"'}, whole)
    # Times 1.0: beside numbers of another subquery, InfluxDB 1.x loses whole ones.
    samples = sums(one.table, {"n": f"1.0 * ({one.bottom})"}, where, each=True)
    both = (
        f'SELECT MAX("p") AS "p", SUM("n") AS "n" FROM ({centre}), ({samples})'
        " WHERE $timeFilter GROUP BY time($__interval) fill(none)"
    )
    reach = '3 * SQRT("p" * (1 - "p") / "n")'
    reaches = f'SELECT "p", "p" + {reach} AS "above", "p" - {reach} AS "below" FROM ({both}) WHERE "n" > 0'
    # The larger of a and 0 is (a + |a|) / 2.
    upper, lower = '1 - (1 - "above" + ABS(1 - "above")) / 2', '("below" + ABS("below")) / 2'
    return f'SELECT "p" AS "centre", {upper} AS "upper", {lower} AS "lower" FROM ({reaches})'


def ranked(function: str, one: Ratio, where: str, by: Sequence[str], most: int) -> str:
    """The ``most`` best (``TOP``) or worst (``BOTTOM``) of a ratio, in this order."""
    tags = ", ".join(f'"{tag}"' for tag in by)
    return f'SELECT {function}("one", {tags}, {most}) AS "value" FROM ({ratio(one, "one", where, by)})'
