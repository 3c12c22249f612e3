"""InfluxDB = SQLite = truth: by machine, line and hour, in the sums and in the ratios that dashboards ask for.

Points are sent while the plant runs, so that minutes, stops and bottlenecks are written again when more is known.
`python bench/sent.py --influx` does it with many seeds of all plants.
"""

import pytest

from answers.cardinality import series_bound
from bench.points import HOURLY, live
from bench.sent import ASKED, Bucket, by_path, stale, untrue
from contract.points import MEASUREMENTS

RUNS = [("phone", 1, ""), ("printer", 2, ""), ("bottling", 3, ""), ("phone", 4, "all"), ("car", 5, "all"),
        # Here machines say what they are long after they are heard: who can be the bottleneck is another one then.
        ("garment", 105, "all")]  # fmt: skip
_COUNT_STATES = "SELECT COUNT(state_n) FROM machine_state GROUP BY enterprise, site, area, line, machine"
#: Every instant at which a state begins, or at which a minute does and it is known.
_STATES = """
    SELECT path, COUNT(*) FROM (
        SELECT machine_id, start_us FROM intervals
        UNION SELECT m.machine_id, minute_us FROM minutes m JOIN intervals i
            ON i.machine_id = m.machine_id AND start_us <= minute_us AND end_us > minute_us
    ) JOIN machines USING (machine_id) GROUP BY path
"""


@pytest.fixture(scope="module", params=RUNS, ids=lambda run: "-".join(map(str, run)).rstrip("-"))
def sent(request, influx, tmp_path_factory):
    bucket = Bucket(influx)
    with live(request.param, tmp_path_factory.mktemp("run") / "mes.db", 5, bucket.write) as told:
        yield told, bucket


@pytest.mark.influx
def test_what_is_told_is_true(sent):
    told, _ = sent
    assert untrue(told) == []
    assert not told.mess or any(one.unknown_us for one in told.score.machines)


@pytest.mark.influx
@pytest.mark.parametrize("check", ASKED, ids=lambda check: check.__name__)
def test_sums_and_ratios_are_those_of_the_answers(sent, check):
    """By machine, line and hour; bottlenecks and minutes even though they were told too early."""
    told, bucket = sent
    assert check(told, bucket) == []


@pytest.mark.influx
def test_every_point_is_the_one_that_a_first_sending_makes(sent):
    told, bucket = sent
    assert bucket.kept.points
    assert stale(bucket.kept, told) == []


@pytest.mark.influx
def test_products_defects_units_and_values(sent):
    told, bucket = sent
    for measurement, sql, count in (
        ("made_minute", "SELECT product, SUM(first) FROM made GROUP BY 1", "first"),
        ("defect_minute", "SELECT code, SUM(count) FROM defects GROUP BY 1", "count"),
    ):
        tag = MEASUREMENTS[measurement].tags[-1]
        series = bucket.ask(f'SELECT SUM("{count}") FROM {measurement} GROUP BY {tag}')
        assert {tags[tag]: rows[0][1] for _, tags, _, rows in series} == dict(told.store.rows(sql))
    for measurement, field, sql in (
        ("unit", "attempt", "SELECT COUNT(*), SUM(attempt) FROM units"),
        ("value", "value", "SELECT COUNT(*), SUM(value) FROM measurements"),
    ):
        [expected] = told.store.rows(sql)
        series = bucket.ask(f'SELECT COUNT("{field}"), SUM("{field}") FROM {measurement}')
        found = series[0][3][0][1:] if series else [0, None]
        assert found == [expected[0], pytest.approx(expected[1]) if expected[0] else None]


@pytest.mark.influx
def test_a_state_stands_at_every_minute_and_stops_add_up(sent):
    told, bucket = sent
    lost = dict(told.store.rows(
        "SELECT path, SUM(end_us - start_us) FROM intervals i JOIN machines USING (machine_id) WHERE category NOT IN"
        " ('execute', 'planned') AND stop_us <> (SELECT stop_us FROM intervals WHERE machine_id = i.machine_id"
        " ORDER BY start_us DESC LIMIT 1) GROUP BY path"
    ))  # fmt: skip
    stops = {}
    for _, tags, _, rows in bucket.ask("SELECT SUM(duration_s) FROM downtime WHERE category <> 'planned' GROUP BY *"):
        path = "/".join(tags[name] for name in ("enterprise", "site", "area", "line", "machine"))
        stops[path] = stops.get(path, 0) + rows[0][1]
    assert stops == pytest.approx({path: us / 1e6 for path, us in lost.items()}, abs=1e-5)
    states = {path: values[0] for (path, _), values in by_path(bucket.ask(_COUNT_STATES)).items()}
    assert states == dict(told.store.rows(_STATES))


@pytest.mark.influx
def test_there_are_no_more_series_than_is_said(sent):
    told, bucket = sent
    bound, fixed = series_bound(told.store), {"machine_minute", "machine_state", "line_minute", "data_health"}
    for name, measurement in MEASUREMENTS.items():
        if name == "collector":
            continue
        asked = f'SELECT * FROM "{name}" GROUP BY * LIMIT 1'
        count = len(bucket.ask(asked, HOURLY if measurement.is_hourly else ""))
        assert count <= bound[name], name
        assert count == bound[name] or name not in fixed, name
