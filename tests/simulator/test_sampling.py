import math
import pickle

import numpy as np
import pytest

from simulator.sampling import (
    Bells,
    Constant,
    Erlang,
    Exponential,
    Lognormal,
    Normal,
    Shares,
    Triangular,
    Uniform,
    Weibull,
    generator,
    microseconds,
)

MEANS_AND_CVS = [
    (Constant(3), 3, 0),
    (Exponential(3), 3, 1),
    (Weibull(3, 2), 3, math.sqrt(math.gamma(2) / math.gamma(1.5) ** 2 - 1)),
    (Lognormal(0.6, mean=3), 3, 0.6),
    (Lognormal(0.6, median=3), 3 * math.sqrt(1.36), 0.6),
    (Triangular(1, 2, 6), 3, math.sqrt(7 / 6) / 3),
    (Uniform(1, 5), 3, math.sqrt(4 / 3) / 3),
    (Normal(3, 0.3), 3, 0.1),
    (Erlang(3, 4), 3, 0.5),
]


@pytest.mark.parametrize(("distribution", "mean", "cv"), MEANS_AND_CVS, ids=lambda value: type(value).__name__)
def test_a_distribution_has_its_mean_and_spread(distribution, mean, cv):
    draw = microseconds(distribution, 1e6, generator(7, "line", "machine", "test"))
    drawn = np.array([draw() for _ in range(40_000)]) / 1e6
    assert drawn.mean() == pytest.approx(mean, abs=4 * mean * cv / 200 + 1e-9)
    assert drawn.std() / mean == pytest.approx(cv, rel=0.05)
    assert distribution.mistake() is None


def test_draws_are_whole_microseconds_never_below_zero():
    draw = microseconds(Normal(1, 3), 1e6, generator(1, "l", "m", "p"))
    drawn = [draw() for _ in range(2000)]
    assert all(isinstance(value, int) and value >= 0 for value in drawn)


def test_a_stream_depends_on_every_part_of_its_name_and_on_nothing_else():
    names = [(1, "l", "m", "p"), (2, "l", "m", "p"), (1, "k", "m", "p"), (1, "l", "n", "p"), (1, "l", "m", "q")]
    first = [tuple(generator(*name).random(4)) for name in names]
    assert len(set(first)) == len(names)
    assert first == [tuple(generator(*name).random(4)) for name in reversed(names)][::-1]


def test_shares_fall_below_a_probability_as_often_as_they_should():
    share = Shares(generator(3, "l", "m", "scrap"))
    drawn = np.array([share() for _ in range(50_000)])
    assert drawn.min() >= 0
    assert drawn.max() < 1
    for probability in (0.02, 0.5, 0.9):
        expected, sd = 50_000 * probability, math.sqrt(50_000 * probability * (1 - probability))
        assert (drawn < probability).sum() == pytest.approx(expected, abs=4 * sd)


def test_bells_are_standard_normal():
    bell = Bells(generator(3, "l", "m", "value"))
    drawn = np.array([bell() for _ in range(50_000)])
    assert drawn.mean() == pytest.approx(0, abs=4 / math.sqrt(50_000))
    assert drawn.std() == pytest.approx(1, abs=4 / math.sqrt(100_000))
    assert (np.abs(drawn) < 1).mean() == pytest.approx(0.6827, abs=0.009)


@pytest.mark.parametrize("make", [Shares, Bells, lambda rng: microseconds(Exponential(3), 1e6, rng)])
def test_draws_go_on_where_they_were_after_a_pickle(make):
    draw = make(generator(3, "l", "m", "p"))
    for _ in range(700):
        draw()
    copy = pickle.loads(pickle.dumps(draw))
    assert [copy() for _ in range(1000)] == [draw() for _ in range(1000)]


@pytest.mark.parametrize(
    "distribution",
    [Constant(0), Exponential(-1), Weibull(3, 0.01), Lognormal(0.5), Lognormal(0.5, 1, 1), Lognormal(0, 1),
     Triangular(3, 2, 4), Triangular(1, 1, 1), Uniform(2, 2), Normal(1, 0), Erlang(1, 0), Exponential(math.inf)],
)  # fmt: skip
def test_impossible_parameters_are_said(distribution):
    assert distribution.mistake()
