"""Variables, time and intervals go into a query as Grafana puts them there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import UsageError
from dashboards.grafana.interpolate import Everything, Scope, duration, escaped, interpolated, interval_ms

DAY = Scope(1_700_000_000_000, 1_700_086_400_000)


def put(text, **values):
    return interpolated(text, values, DAY, 60_000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("smt-1", "smt-1"),
        ("Oven (2)/a.b", r"Oven \(2\)\/a\.b"),
        (["a"], "a"),
        (["a", "b+c"], r"(a|b\+c)"),
        (Everything(), ".*"),
    ],
)
def test_a_value_goes_into_a_pattern(value, expected):
    assert put("/^${line:regex}$/", line=value) == f"/^{expected}$/"


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_pattern_finds_its_own_value_and_no_other(value, other):
    pattern = escaped(value)
    assert re.fullmatch(pattern, value)
    assert (re.fullmatch(pattern, other) is not None) == (value == other)
    assert not re.search(r"(?<!\\)/", pattern.replace("\\\\", "")), "a bare slash would end the pattern"


def test_time_and_intervals():
    assert put("$timeFilter") == "time >= 1700000000000ms and time <= 1700086400000ms"
    assert put("time($__interval) $__interval_ms") == "time(1m) 60000"
    assert put("time(${__range_ms}ms, ${__from}ms) $__range_s") == "time(86400000ms, 1700000000000ms) 86400"


@pytest.mark.parametrize(
    ("points", "least_ms", "expected"),
    [
        (1500, 60_000, 60_000),
        (1000, 60_000, 60_000),
        (500, 60_000, 120_000),
        (96, 60_000, 900_000),
        (1500, 3_600_000, 3_600_000),
    ],
)
def test_an_interval_is_the_range_over_the_points_rounded_but_not_too_short(points, least_ms, expected):
    assert interval_ms(DAY, points, least_ms) == expected


def test_durations_are_written_in_the_largest_unit_that_fits():
    assert [duration(ms) for ms in (500, 15_000, 120_000, 3_600_000, 86_400_000)] == ["500ms", "15s", "2m", "1h", "1d"]


def test_links_carry_values():
    assert put("${line:queryparam}", line=["a b", "c/d"]) == "var-line=a%20b&var-line=c%2Fd"
    assert put("${line:queryparam}", line=Everything()) == "var-line=$__all"
    assert put("${line:percentencode}", line="a b") == "a%20b"


def test_a_variable_that_nobody_set_is_named():
    with pytest.raises(UsageError, match="robot"):
        put("/^${robot:regex}$/")
