"""Control charts against published examples, the Nelson rules against Nelson's own words, capability by hand."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from contract.spc import NELSON, capability, individuals, nelson, proportions

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2, "Example of moving range": flow rate of ten batches.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# The same, 6.3.3.2: defective chips in 30 wafers of 50 chips.
WAFERS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]

numbers = some.floats(-1e6, 1e6, allow_nan=False)
#: On a grid, so that points on the centre and on the lines of sigmas are drawn too.
grid = some.lists(some.integers(-8, 8).map(lambda n: n / 2), max_size=60)


def test_the_individuals_chart_of_the_handbook():
    chart = individuals(FLOW)
    assert chart.centre == pytest.approx(50.81)
    assert chart.mean_range == pytest.approx(1.8778, abs=5e-5)
    assert chart.upper == pytest.approx(55.8041, abs=5e-5)
    assert chart.lower == pytest.approx(45.8159, abs=5e-5)
    assert nelson(FLOW, chart.centre, chart.sigma) == {}  # "the process is in control"


def test_the_proportions_chart_of_the_handbook():
    chart = proportions([(50, wafer) for wafer in WAFERS])
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert {(round(point.lower, 4), round(point.upper, 4)) for point in chart.points} == {(0.0524, 0.4102)}
    assert [index + 1 for index, point in enumerate(chart.points) if point.is_out] == [15, 23]


def test_limits_of_proportions_depend_on_the_size_of_each_sample():
    small, large, none = proportions([(50, 5), (5000, 500), (0, 0)]).points
    assert large.upper - large.lower < small.upper - small.lower
    assert (none.share, none.lower, none.is_out) == (None, None, False)
    assert proportions([(0, 0)]).centre is None


def test_a_chart_of_one_point_has_no_limits():
    assert individuals([]) is individuals([1.0]) is None


# Nelson 1984, figure 1: each rule with a series that breaks it at its last point, not before (centre 0, sigma 1).
BROKEN = {
    1: [0.5, -0.5, 3.1],
    2: [-0.2, *[0.3, 0.4] * 4, 0.3],
    3: [0.4, -0.6, -0.3, 0.1, 0.2, 0.3, 0.5],
    4: [-0.1, 0.3] * 7,
    5: [0.1, 2.2, -0.3, 2.1],
    6: [-0.4, 1.2, 1.1, 0.2, 1.4, 1.3],
    7: [0.2, 0.3, -0.4, -0.1, 0.5, 0.1, -0.3, -0.5, 0.3, 0.4, -0.2, -0.3, 0.2, 0.1, -0.4],
    8: [1.1, -1.2, -1.3, 1.2, -1.1, 1.4, 1.2, -1.5],
}


@pytest.mark.parametrize("rule", NELSON)
def test_a_rule_is_broken_by_its_last_point_and_kept_without_it(rule):
    series = BROKEN[rule]
    assert nelson(series, 0, 1)[rule] == [len(series) - 1]
    assert rule not in nelson(series[:-1], 0, 1)


@pytest.mark.parametrize(
    ("rule", "series"),
    [
        (1, [3.0, -3.0]),  # on the line is not beyond it
        (2, [0.3] * 8 + [0.0] + [0.3] * 8),  # on the centre is on neither side
        (3, [0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6]),  # level is not rising
        (4, [0.1, 0.3, 0.1, 0.1] * 5),
        (5, [2.5, -2.5, 0.0, 2.5]),  # two of three, but on two sides, then too far apart
        (6, [1.5, 1.5, -1.5, 1.5, -1.5, 1.5]),
        (7, [0.5] * 14 + [1.5]),
        (8, [1.5] * 7 + [1.0]),
    ],
)
def test_what_is_almost_a_break_is_none(rule, series):
    assert rule not in nelson(series, 0, 1)


@given(grid)
def test_below_the_centre_is_as_above_it(values):
    assert nelson(values, 0, 1) == nelson([-value for value in values], 0, 1)


@given(grid, some.integers(1, 4).map(float), some.integers(-20, 20).map(float))
def test_neither_the_unit_nor_the_target_matters(values, scale, shift):
    moved = [value * scale + shift for value in values]
    assert nelson(moved, shift, scale) == nelson(values, 0, 1)


@given(grid, some.integers(0, 60))
def test_what_comes_later_does_not_change_what_was_seen(values, cut):
    before = nelson(values[:cut], 0, 1)
    after = nelson(values, 0, 1)
    for rule in NELSON:
        assert before.get(rule, []) == [index for index in after.get(rule, []) if index < cut]


@given(grid)
def test_the_rules_are_what_their_words_say(values):
    """Each rule once more, straight from its sentence, over every window of its length."""
    found = nelson(values, 0, 1)

    def windows(length):
        return {end: values[end - length + 1 : end + 1] for end in range(length - 1, len(values))}

    def sided(length, least, beyond):
        good = []
        for end in range(len(values)):
            window = values[max(0, end - length + 1) : end + 1]
            for side in (1, -1):
                if side * values[end] > beyond and sum(side * value > beyond for value in window) >= least:
                    good.append(end)  # noqa: PERF401
        return good

    def steps(window):
        return [b - a for a, b in pairwise(window)]

    def turns(moves):
        return all(a * b < 0 for a, b in pairwise(moves))

    sentences = {
        1: [end for end, value in enumerate(values) if abs(value) > 3],
        2: [end for end, w in windows(9).items() if min(w) > 0 or max(w) < 0],
        3: [end for end, w in windows(6).items() if min(steps(w)) > 0 or max(steps(w)) < 0],
        4: [end for end, w in windows(14).items() if turns(steps(w))],
        5: sided(3, 2, 2),
        6: sided(5, 4, 1),
        7: [end for end, w in windows(15).items() if max(map(abs, w)) <= 1],
        8: [end for end, w in windows(8).items() if min(map(abs, w)) > 1],
    }  # fmt: skip
    assert found == {rule: at for rule, at in sentences.items() if at}


def test_without_variation_nothing_is_beyond_a_sigma_and_nothing_is_capable_or_not():
    flat = [5.0] * 20
    chart = individuals(flat)
    assert (chart.sigma, chart.lower, chart.upper) == (0, 5, 5)
    assert nelson(flat, chart.centre, chart.sigma) == {}
    assert set(msgspec.structs.astuple(capability(flat, 4, 6))) == {None}


def test_capability_by_hand():
    # Mean 10, every moving range 2: sigma 2/1.128. Squares of the offsets add up to 8: deviation √(8/7).
    values = [9.0, 11.0] * 4
    found = capability(values, 4, 18)
    assert found.cp == pytest.approx(14 / (6 * 2 / 1.128))
    assert found.cpk == pytest.approx(6 / (3 * 2 / 1.128))  # the lower limit is nearer
    assert found.pp == pytest.approx(14 / (6 * (8 / 7) ** 0.5))
    assert found.ppk == pytest.approx(6 / (3 * (8 / 7) ** 0.5))


def test_capability_with_one_limit_or_none():
    values = [9.0, 11.0] * 4
    upper = capability(values, None, 18)
    assert (upper.cp, upper.pp) == (None, None)
    assert upper.cpk == pytest.approx(8 / (3 * 2 / 1.128))
    assert set(msgspec.structs.astuple(capability(values, None, None))) == {None}
    assert set(msgspec.structs.astuple(capability([9.0], 4, 18))) == {None}


@given(some.lists(numbers, min_size=2, max_size=50), numbers, some.floats(0.1, 1e6))
def test_a_process_is_never_better_than_it_could_be_centred(values, lsl, width):
    found = capability(values, lsl, lsl + width)
    for both, worst in ((found.cp, found.cpk), (found.pp, found.ppk)):
        if both is not None:
            assert worst <= both * (1 + 1e-9) + 1e-9
