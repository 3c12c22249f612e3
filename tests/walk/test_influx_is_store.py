"""InfluxDB = SQLite = truth: by machine, line and hour, in the sums and in the ratios that dashboards ask for.

Points are sent while the plant runs, so that minutes, stops and bottlenecks are written again when more is known.
`MES_TEST_SEEDS=20` adds as many seeds of other plants.
"""

import os
import urllib.parse
import urllib.request

import pytest

from answers.cardinality import series_bound
from answers.span import everything
from bench.points import HOURLY, LINE_FIELDS, RATIOS, asked_of_store, live, machine_sums
from contract.instants import HOUR_US
from contract.points import MEASUREMENTS

PLANTS = ("phone", "printer", "bottling", "car", "steel", "solar", "garment", "machining", "smt")
RUNS = [("phone", 1, ""), ("printer", 2, ""), ("bottling", 3, ""), ("phone", 4, "all"), ("car", 5, "all")]
# For a soak: more seeds, plant after plant, every other one in a mess.
MORE = int(os.environ.get("MES_TEST_SEEDS", "0"))
RUNS += [(PLANTS[seed % len(PLANTS)], seed, ("", "all")[seed % 2]) for seed in range(100, 100 + MORE)]
_COUNT_STATES = "SELECT COUNT(state_n) FROM machine_state GROUP BY enterprise, site, area, line, machine"
#: Every instant at which a state begins, or at which a minute does and it is known.
_STATES = """
    SELECT path, COUNT(*) FROM (
        SELECT machine_id, start_us FROM intervals
        UNION SELECT m.machine_id, minute_us FROM minutes m JOIN intervals i
            ON i.machine_id = m.machine_id AND start_us <= minute_us AND end_us > minute_us
    ) JOIN machines USING (machine_id) GROUP BY path
"""


class Bucket:
    """Two buckets of a real InfluxDB."""

    def __init__(self, influx):
        self._influx, self.name = influx, influx.bucket()
        for suffix in ("", HOURLY):
            if influx.is_own:
                influx.command(f'CREATE DATABASE "{self.name}{suffix}"')

    def write(self, suffix, lines):
        asked = {"bucket": self.name + suffix, "precision": "us", "org": self._influx.org or "-"}
        headers = {"Authorization": f"Token {self._influx.token}"} if self._influx.token else {}
        url = f"{self._influx.url}/api/v2/write?{urllib.parse.urlencode(asked)}"
        with urllib.request.urlopen(urllib.request.Request(url, b"\n".join(lines), headers), timeout=60) as answer:
            assert answer.status == 204

    def ask(self, text, suffix=""):
        return self._influx.query(self.name + suffix, text)


@pytest.fixture(scope="module", params=RUNS, ids=lambda run: "-".join(map(str, run)).rstrip("-"))
def sent(request, influx, tmp_path_factory):
    bucket = Bucket(influx)
    with live(request.param, tmp_path_factory.mktemp("run") / "mes.db", 5, bucket.write) as told:
        yield told, bucket


def by_path(series):
    """Series grouped by the tags of a path → (path, time) → values."""
    names = ("enterprise", "site", "area", "line", "machine")
    return {
        ("/".join(tags[name] for name in names if tags.get(name)), row[0]): row[1:]
        for _, tags, _, rows in series
        for row in rows
        if any(value is not None for value in row[1:])
    }


def ask_sums(bucket, measurement, fields, told, suffix=""):
    span = everything(told.store)
    asked = ", ".join(f'SUM("{field}")' for field in fields)
    tags = ", ".join(MEASUREMENTS[measurement].tags)
    when = f"time >= {span.from_us - HOUR_US}u AND time < {span.to_us}u"
    return by_path(bucket.ask(f'SELECT {asked} FROM "{measurement}" WHERE {when} GROUP BY time(1h), {tags}', suffix))


def equal(found, expected):
    assert found.keys() == expected.keys()
    for key, values in found.items():
        assert values == pytest.approx(expected[key], abs=1e-6), key


@pytest.mark.influx
def test_what_is_told_is_true(sent):
    told, _ = sent
    verdicts = {one.verdict for one in (*told.score.machines, *told.score.orders)}
    assert verdicts == {"equal"} if not told.mess else "equal" in verdicts | {"equal"}
    assert not told.mess or any(one.unknown_us for one in told.score.machines)


@pytest.mark.influx
def test_machines_by_the_hour_and_over_the_span(sent):
    told, bucket = sent
    fields, expected = machine_sums(told)
    equal(ask_sums(bucket, "machine_minute", fields, told), expected)
    equal(ask_sums(bucket, "machine_hour", fields, told, HOURLY), expected)


@pytest.mark.influx
def test_lines_by_the_hour(sent):
    told, bucket = sent
    expected = {(path, hour): values for path, hour, values in asked_of_store(told)}
    equal(ask_sums(bucket, "line_minute", LINE_FIELDS, told), expected)
    equal(ask_sums(bucket, "line_hour", LINE_FIELDS, told, HOURLY), expected)


@pytest.mark.influx
def test_ratios_of_sums_are_the_numbers_of_the_answers(sent):
    """What `mes kpi --by line` and `--by machine` say, as the dashboards ask: a ratio of sums."""
    told, bucket = sent
    for measurement, ratios in RATIOS.items():
        for name, (over, under) in ratios.items():
            asked = " + ".join(f'SUM("{field}")' for field in over), " + ".join(f'SUM("{field}")' for field in under)
            tags = ", ".join(MEASUREMENTS[measurement].tags)
            series = bucket.ask(f'SELECT ({asked[0]}) / ({asked[1]}) FROM "{measurement}" GROUP BY {tags}')
            found = {path: values[0] for (path, _), values in by_path(series).items()}
            for path, kpis in told.kpis(measurement).items():
                expected = getattr(kpis, name)
                # Divided by nothing a database says 0 or nothing; the answers say that it is not known.
                assert (found.get(path) or 0) == pytest.approx(expected or 0, rel=1e-9), (path, name)


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
def test_bottlenecks_are_those_of_the_answers_even_though_they_were_told_too_early(sent):
    told, bucket = sent
    expected, settled = told.bottlenecks(), told.settled_hours()
    for measurement, suffix in (("bottleneck_minute", ""), ("bottleneck_hour", HOURLY)):
        found = ask_sums(bucket, measurement, ["sole_s", "shifting_s"], told, suffix)
        known = {key: values for key, values in found.items() if (key[0].rpartition("/")[0], key[1]) in settled}
        equal({key: values for key, values in known.items() if max(values) > 1e-6}, expected)


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
