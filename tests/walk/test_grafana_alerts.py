"""Each alert on a real InfluxDB: it fires for what is wrong and for nothing else; control charts by Nelson's rules."""

import operator
import random

import pytest

from app.influxql import InfluxReader
from bench._filled import Bucket
from contract.points import LINE_TAGS, MACHINE_TAGS
from contract.spc import individuals, nelson
from dashboards.grafana import alerts
from dashboards.grafana.check import alert_questions

pytestmark = pytest.mark.influx
NOW_MS, MINUTE_MS = 1_700_000_040_000, 60_000
HOURS_8_MS = 8 * 3_600_000
RULES = {rule.name: rule for rule in alerts.RULES}
#: Nelson's rule → the alert for it.
CHARTS = {1: "spc", 2: "spc_side", 3: "spc_run"}


def tags(names, last):
    return ",".join(f"{name}={last if name == names[-1] else 'x'}" for name in names)


def point(measurement, tagged, fields, at_ms):
    told = ",".join(f"{name}={value}" for name, value in fields.items())
    return f"{measurement}{',' if tagged else ''}{tagged} {told} {at_ms * 1000}".encode()


def minutes(measurement, names, last, fields, *, ago=range(90)):
    """The same in each of the minutes so long ago."""
    return [point(measurement, tags(names, last), fields, NOW_MS - number * MINUTE_MS) for number in ago]


def fires(bucket, name):
    """The tags of the series for which an alert fires now."""
    rule = RULES[name]
    uid = alerts.uid(rule, "en")
    [question] = [one for one in alert_questions("en", NOW_MS) if one.panel == uid]
    compare = getattr(operator, rule.op)
    with InfluxReader(bucket.settings) as reader:
        series = reader.ask(question.source, question.text)
    lasts = [(one.tags, [row[1] for row in one.values if row[1] is not None]) for one in series]
    return [tagged for tagged, values in lasts if values and compare(values[-1], rule.limit)]


def of_line(**more):
    return {"exit_good": "2i", "ppt_s": 60.0, "good_ideal_s": 45.0} | more


def of_machine(**more):
    stood = dict.fromkeys(("breakdown_s", "minor_stop_s", "waiting_s"), 0.0)
    return stood | {"ppt_s": 60.0, "scrap": "0i", "total": "10i"} | more


@pytest.fixture(scope="module")
def plant(influx):
    """Lines and machines of which each has at most one thing wrong, named so."""
    bucket = Bucket(influx)
    lines = {
        "fine": of_line(),
        "stands": of_line(exit_good="0i"),
        "slow": of_line(good_ideal_s=20.0),
        "rests": of_line(exit_good="0i", ppt_s=0.0, good_ideal_s=0.0),
    }
    machines = {
        "fine": of_machine(),
        "stands": of_machine(breakdown_s=40.0, waiting_s=20.0),
        "scraps": of_machine(scrap="1i"),
        "rests": of_machine(ppt_s=0.0, breakdown_s=0.0, total="0i"),
    }
    told = [each for name, fields in lines.items() for each in minutes("line_minute", LINE_TAGS, name, fields)]
    told += [
        each for name, fields in machines.items() for each in minutes("machine_minute", MACHINE_TAGS, name, fields)
    ]
    told += minutes("machine_state", MACHINE_TAGS, "fine", {"category_n": "1i"})
    told += minutes("machine_state", MACHINE_TAGS, "silent", {"category_n": "1i"}, ago=range(20, 90))
    bucket.write("", told)
    return bucket


@pytest.mark.parametrize(
    ("name", "tag", "expected"),
    [
        ("line_stopped", "line", {"stands"}),
        ("oee", "line", {"slow"}),
        ("stopped", "machine", {"stands"}),
        ("scrap", "machine", {"scraps"}),
        ("silent", "machine", {"silent"}),
    ],
)
def test_an_alert_fires_for_what_is_wrong_and_for_nothing_else(plant, name, tag, expected):
    assert {tagged[tag] for tagged in fires(plant, name)} == expected


def test_a_spool_that_grows_is_told_and_one_that_is_only_long_is_not(influx):
    for growth, expected in ((200, 1), (0, 0)):
        bucket = Bucket(influx)
        bucket.write("", [
            point("collector", "", {"waiting": f"{5000 - growth * number}i"}, NOW_MS - number * MINUTE_MS)
            for number in range(10)
        ])  # fmt: skip
        assert len(fires(bucket, "waiting")) == expected


def made_up(seed):
    """Values of a process, in order: quiet, or at the end far out, or moved, or drifting, or too few for a rule."""
    draw = random.Random(seed)  # the seed is the test's parameter
    many = draw.choice((5, 8, 9, 12, 40, 120))
    values = [draw.gauss(100, 2) for _ in range(many)]
    if seed % 4 == 1:
        values[-1] += draw.choice((-1, 1)) * draw.uniform(3, 16)
    if seed % 4 == 2:
        moved = draw.choice((8, 9, 10))
        values[-moved:] = [100 + draw.uniform(0.5, 3) for _ in values[-moved:]]
    if seed % 4 == 3:
        steps = draw.choice((5, 6, 7))
        values[-steps:] = sorted(values[-steps:], reverse=draw.random() < 0.5)
    return values


def test_the_control_charts_alert_where_nelsons_rules_are_broken_at_the_newest_value(influx):
    bucket, expected, told = Bucket(influx), {name: set() for name in CHARTS.values()}, []
    for seed in range(200):
        values, series = made_up(seed), f"{tags(MACHINE_TAGS, 'm')},code=c{seed}"
        step_ms = HOURS_8_MS // (len(values) + 1)
        start_ms = NOW_MS - HOURS_8_MS + step_ms
        told += [point("value", series, {"value": value}, start_ms + at * step_ms) for at, value in enumerate(values)]
        chart = individuals(values)
        for rule, at in nelson(values, chart.centre, chart.sigma).items():
            if rule in CHARTS and len(values) - 1 in at:
                expected[CHARTS[rule]].add(f"c{seed}")
    bucket.write("", told)
    for name, codes in expected.items():
        assert 10 < len(codes) < 150, "both must occur"
        assert {tagged["code"] for tagged in fires(bucket, name)} == codes, name
