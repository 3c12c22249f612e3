"""How do the shipped plants run? Several seeds of some days each, from the plant file through the ledger to the KPIs.

    python bench/plants.py                        every plant, 5 days, 3 seeds
    python bench/plants.py phone --days 7         one of them
    python bench/plants.py --write                and put the tables into docs/plants.md and docs/plants.vi.md

A line's numbers are ratios of the sums over all seeds, never means of ratios.
"""

import argparse
import io
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

import msgspec

from answers.bottleneck import Bottlenecks, Period, Share, active_periods, share_out
from answers.live import downtime
from answers.orders import OrderState, line_orders
from answers.plant import stations
from answers.quality import LineQuality, quality
from answers.report import LineReport, line_reports, rolled
from answers.span import Span, everything
from answers.store import Store
from collector.intake import Intake
from collector.journal import Journal
from collector.replay import replay
from contract.events import Words
from contract.instants import DAY_US
from contract.kpi import Kpis, dpmo, energy, ratio, rolled_throughput_yield
from simulator.engine import Factory
from simulator.plant import LineSpec, Plant
from simulator.plant_file import load_plant, plant_names
from simulator.record import record
from simulator.station_spec import Station

DOCS = Path(__file__).parent.parent / "docs"
LANGUAGES = {"en": DOCS / "plants.md", "vi": DOCS / "plants.vi.md"}
BEGIN, END = "<!-- plants: begin -->", "<!-- plants: end -->"
DAYS, SEEDS = 5, 3
_Table = list[list[str]]
_HEADS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("plant", "line", "OEE %", "seeds", "A %", "P %", "Q %", "constraint", "bottleneck, % of the time",
         "greatest loss, % of planned time", "greatest stop", "no order %"),
        ("plant", "line", "good parts", "RTY %", "DPMO", "scrap %", "most found defect", "kWh a good part",
         "idle energy %", "orders in time"),
    ),
    "vi": (
        ("nhà máy", "dây chuyền", "OEE %", "các lần chạy", "A %", "P %", "Q %", "điểm giới hạn",
         "nút thắt, % thời gian", "tổn thất lớn nhất, % thời gian kế hoạch", "lý do dừng lớn nhất", "không có lệnh %"),
        ("nhà máy", "dây chuyền", "số lượng đạt", "RTY %", "DPMO", "phế phẩm %", "lỗi gặp nhiều nhất",
         "kWh mỗi sản phẩm đạt", "điện chạy không tải %", "lệnh đúng hạn"),
    ),
}  # fmt: skip
#: Fields of ``contract.kpi.Losses`` that can be the greatest.
_LOSSES = {
    "breakdown_us": Words("breakdowns", "hỏng hóc thiết bị"),
    "setup_us": Words("setup", "thiết lập và điều chỉnh"),
    "waiting_us": Words("waiting", "chờ người, liệu hoặc bảo trì"),
    "minor_stop_us": Words("minor stops", "dừng máy ngắn"),
    "starved_us": Words("starved", "chờ liệu"),
    "blocked_us": Words("blocked", "nghẽn đầu ra"),
    "speed_us": Words("reduced speed", "giảm tốc độ"),
    "defects_us": Words("defects", "sản phẩm lỗi"),
}
_RESERVED = {
    "waiting_maintenance": Words("waiting for maintenance", "chờ bảo trì"),
    "no_operator": Words("no operator", "vắng người vận hành"),
    "no_material": Words("no material", "hết vật liệu"),
    "changeover": Words("changeover", "chuyển đổi sản phẩm"),
    "first_article": Words("first article", "kiểm tra sản phẩm đầu"),
    "warm_up": Words("warm-up", "làm nóng máy"),
    "false_call_review": Words("review of a false call", "xem lại báo lỗi giả"),
}
_NOBODY = Words("–", "–")


class LineRun(msgspec.Struct, frozen=True):
    """One line over one seed. ``opportunities``: those of all parts begun; ``no_order_us``: of the constraint."""

    plant: str
    line: str
    constraint: str
    is_comparable: bool
    report: LineReport
    bottleneck: dict[str, Share]
    span_us: int
    names: dict[str, Words]
    exit_parts: dict[str, float]
    off_flow: frozenset[str]
    reasons: dict[tuple[str, str], Words]
    quality: LineQuality
    opportunities: int
    stops: dict[tuple[str, str], int]
    in_time: int
    judged: int
    no_order_us: int


class Line(NamedTuple):
    """A line over all seeds: what the tables are made of."""

    runs: list[LineRun]
    kpis: Kpis

    @property
    def first(self) -> LineRun:
        return self.runs[0]


def run_plant(job: tuple[str, int, float]) -> list[LineRun]:
    """Simulate, replay and ask one seed of a plant."""
    name, seed, days = job
    plant = load_plant(name)
    factory = Factory(plant, seed, plant.default_start_us, keep_truth=False)
    events = io.BytesIO()
    record(factory, plant.default_start_us + round(days * DAY_US), events)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mes.db"
        with closing(Journal.open(path)) as journal:
            replay(events.getvalue().splitlines(), Intake(), journal, lambda _: None)
        with Store.open(path) as store:
            return [_ask(store, plant, line) for line in plant.lines]


def _ask(store: Store, plant: Plant, spec: LineSpec) -> LineRun:
    span, line = everything(store), plant.address(spec).path
    line_stations, made = stations(store, line), quality(store, line, span)
    report = line_reports(store, [line], span)[0]
    found = _bottlenecks(store, plant, spec, span)
    in_time, judged = _in_time(store, line)
    return LineRun(
        plant=plant.id,
        line=spec.id,
        constraint=spec.constraint.id,
        is_comparable=_is_comparable(spec.constraint),
        report=report,
        bottleneck=found.machines,
        span_us=found.span_us - found.nobody_us,
        names={station.path: station.name for station in line_stations},
        exit_parts={station.path: station.exit_parts for station in line_stations},
        off_flow=frozenset(station.path for station in line_stations if station.off_flow),
        reasons={(station.path, code): words for station in line_stations for code, words in station.reasons.items()},
        quality=made,
        opportunities=sum(one.parts * spec.product(one.product).opportunities for one in made.products),
        stops={(one.machine, one.reason): one.lost_us for one in downtime(store, line, span)},
        in_time=in_time,
        judged=judged,
        no_order_us=_no_order(store, report, span),
    )


def _bottlenecks(store: Store, plant: Plant, spec: LineSpec, span: Span) -> Bottlenecks:
    """The active-period method among stations that work on one part at a time.

    Belts, batches and parallel servers are active as long as one part is in them: whether they hold the line up cannot
    be seen from that.
    """
    periods: list[Period] = []
    for station in spec.stations:
        if _is_comparable(station):
            path = plant.address(spec, station.id).path
            periods += active_periods(path, store.intervals(path, span.from_us, span.to_us))
    return share_out(periods, span.from_us, span.to_us)


def _is_comparable(station: Station) -> bool:
    return station.servers == 1 and not (station.conveyor or station.batch or station.returns_to)


def _in_time(store: Store, line: str) -> tuple[int, int]:
    """Orders complete in time, and all that are complete or overdue."""
    begun = [one for one in line_orders(store, line) if one.late_us is not None]
    done = [one for one in begun if one.state is OrderState.COMPLETE]
    overdue = [one for one in begun if one.state is not OrderState.COMPLETE and (one.late_us or 0) > 0]
    return sum((one.late_us or 0) <= 0 for one in done), len(done) + len(overdue)


def _no_order(store: Store, report: LineReport, span: Span) -> int:
    pieces = store.intervals(report.constraint, span.from_us, span.to_us)
    return sum(one.end_us - one.start_us for one in pieces if one.reason == "no_order")


def gather(runs: Iterable[LineRun]) -> list[Line]:
    """Runs → one entry a line, in the order of the plants."""
    lines: dict[tuple[str, str], list[LineRun]] = {}
    for run in runs:
        lines.setdefault((run.plant, run.line), []).append(run)
    return [Line(found, rolled(line, [run.report for run in found]).kpis) for (_, line), found in lines.items()]


# ---------------------------------------------------------------- the tables


def plant_table(lines: list[Line], language: str) -> _Table:
    """What each plant is: one row a line."""
    heads = {"en": ["plant", "what it is", "line", "name"], "vi": ["nhà máy", "là gì", "dây chuyền", "tên"]}
    rows, last = [heads[language]], ""
    for line in lines:
        plant, line_id = load_plant(line.first.plant), line.first.line
        name = next(spec.name for spec in plant.lines if spec.id == line_id)
        about = "" if plant.id == last else _say(plant.about, language)
        rows.append([f"`{plant.id}`", about, f"`{line_id}`", _say(name, language)])
        last = plant.id
    return rows


def running_table(lines: list[Line], language: str) -> _Table:
    """How each line runs."""
    return [list(_HEADS[language][0]), *(_running(line, language) for line in lines)]


def _running(line: Line, language: str) -> list[str]:
    first, kpis = line.first, line.kpis
    oees = sorted(run.report.kpis.oee or 0 for run in line.runs)
    ppt_us = sum(run.report.losses.ppt_us for run in line.runs)
    lost = {field: sum(getattr(run.report.losses, field) for run in line.runs) for field in _LOSSES}
    worst = max(lost, key=lost.__getitem__)
    own = next(path for path in first.names if path.endswith(f"/{first.constraint}"))
    return [
        f"`{first.plant}`",
        f"`{first.line}`",
        f"**{_percent(kpis.oee)}**",
        f"{_percent(oees[0])}…{_percent(oees[-1])}",
        *(_percent(value) for value in (kpis.availability, kpis.performance, kpis.quality)),
        _say(first.names[own], language),
        _bottleneck(line, language),
        f"{_say(_LOSSES[worst], language)} {_percent(ratio(lost[worst], ppt_us))}",
        _worst_stop(line, language),
        _percent(ratio(sum(run.no_order_us for run in line.runs), ppt_us)),
    ]


def quality_table(lines: list[Line], language: str) -> _Table:
    """What each line makes of it."""
    return [list(_HEADS[language][1]), *(_quality(line, language) for line in lines)]


def _quality(line: Line, language: str) -> list[str]:
    first, runs = line.first, line.runs
    found, names = _found(runs)
    good = sum(run.report.sums.exit_good for run in runs)
    used = energy(
        sum(run.report.sums.energy_j for run in runs), sum(run.report.sums.idle_energy_j for run in runs), good
    )
    scrap = sum(one.made.scrap * run.exit_parts[one.path] for run in runs for one in run.report.machines)
    found_per_million = dpmo(found.total(), sum(run.opportunities for run in runs), 1)
    in_time, judged = sum(run.in_time for run in runs), sum(run.judged for run in runs)
    return [
        f"`{first.plant}`",
        f"`{first.line}`",
        f"{good:,}",
        _percent(rolled_throughput_yield(_yields(runs))),
        "–" if found_per_million is None else f"{found_per_million:,.0f}",
        _percent(scrap / (scrap + good) if good else None, 2),
        _top_defect(found, names, language),
        "–" if used.kwh_per_good is None else f"{used.kwh_per_good:.3g}",
        _percent(used.idle_share, 0),
        f"{in_time} / {judged}" if judged else "–",
    ]


def _found(runs: list[LineRun]) -> tuple[Counter[str], dict[str, Words]]:
    """Defect code → how often it was found, and its name."""
    found, names = Counter[str](), dict[str, Words]()
    for one in (bar for run in runs for bar in run.quality.pareto):
        found[one.code] += one.count
        names[one.code] = one.name or Words(one.code, one.code)
    return found, names


def _yields(runs: list[LineRun]) -> Iterator[tuple[int, int]]:
    """(passed the first time, went through the first time) of each station of the flow, over all runs."""
    for reports in zip(*(run.report.machines for run in runs), strict=True):
        if reports[0].path in runs[0].off_flow:
            continue
        yield sum(one.made.first_good for one in reports), sum(one.made.first for one in reports)


def _top_defect(found: Counter[str], names: dict[str, Words], language: str) -> str:
    if not found:
        return "–"
    [(code, count)] = found.most_common(1)
    return f"{_say(names[code], language)} {_percent(ratio(count, found.total()), 0)} %"


def _bottleneck(line: Line, language: str) -> str:
    """The station that was the bottleneck alone longest, and for how much of the time in which there was one.

    Nothing where the constraint itself could not be compared.
    """
    shares = Counter[str]()
    for run in line.runs:
        shares.update({path: share.sole_us for path, share in run.bottleneck.items()})
    if not shares or not line.first.is_comparable:
        return "–"
    [(path, us)] = shares.most_common(1)
    return f"{_say(line.first.names[path], language)} {_percent(ratio(us, sum(run.span_us for run in line.runs)), 0)}"


def _worst_stop(line: Line, language: str) -> str:
    stops = sum((Counter(run.stops) for run in line.runs), Counter[tuple[str, str]]())
    if not stops:
        return "–"
    [((path, reason), _)] = stops.most_common(1)
    words = line.first.reasons.get((path, reason)) or _RESERVED.get(reason, Words(reason, reason))
    return f"{_say(line.first.names[path], language)}: {_say(words, language)}"


def _say(words: Words, language: str) -> str:
    return str(getattr(words, language))


def _percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value * 100:.{digits}f}"


def markdown(table: _Table, language: str) -> str:
    """The table as Markdown, its numbers as the language writes them."""
    head, *rows = table
    lines = (f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
    return "\n".join(re.sub(r"(?<=\d)[.,](?=\d)", _vietnamese, one) if language == "vi" else one for one in lines)


def _vietnamese(sign: re.Match[str]) -> str:
    return "," if sign[0] == "." else "."


def tables_of(lines: list[Line], language: str) -> list[_Table]:
    """Everything between the markers of a document."""
    return [table(lines, language) for table in (plant_table, running_table, quality_table)]


def written(text: str, tables: list[_Table], language: str) -> str:
    """A document with the tables between its markers. Raises :class:`ValueError` if it has none."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the document has no {BEGIN} … {END}")
    return "\n\n".join([before + BEGIN, *(markdown(table, language) for table in tables), END + after])


def _show(tables: list[_Table]) -> None:
    for head, *rows in tables:
        for row in rows:
            print("\n".join(f"  {name:<34}{cell}" for name, cell in zip(head, row, strict=True)), end="\n\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plants", nargs="*", help="names of shipped plants; none: all")
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--write", action="store_true", help="put the tables into the documents")
    asked = parser.parse_args()
    if asked.write and (asked.plants or asked.days != DAYS or asked.seeds != SEEDS):
        sys.exit("the documents hold every plant, as long and as often as the defaults say: leave the rest out")
    began = time.perf_counter()
    jobs = [(name, seed, asked.days) for name in asked.plants or plant_names() for seed in range(1, asked.seeds + 1)]
    with Pool(os.cpu_count()) as pool:
        lines = gather(run for runs in pool.imap(run_plant, jobs) for run in runs)
    _show(tables_of(lines, "en")[1:])
    print(f"{len(jobs)} runs of {asked.days:g} days in {time.perf_counter() - began:.0f} s")
    for language, path in LANGUAGES.items() if asked.write else ():
        path.write_text(written(path.read_text("utf-8"), tables_of(lines, language), language), "utf-8")
        print(f"written: {path.name}")


if __name__ == "__main__":
    main()
