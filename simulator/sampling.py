"""Random streams by name, and the distributions drawn from them.

Every use of chance has a stream of its own, keyed by seed, line, machine and purpose (Philox is counter-based: any
key gives an independent stream). Changing one machine or one parameter therefore leaves every other draw as it was,
which lets two plants be compared with the same luck.
"""

import math
from hashlib import blake2b

import msgspec
import numpy as np
from numpy.typing import NDArray

#: Draws are made this many at a time: numpy is fast on blocks and slow on single numbers.
BLOCK = 512

Floats = NDArray[np.float64]


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """A distribution of numbers >= 0. The key that holds it in a plant file names the unit (``repair_min``)."""

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """``size`` numbers >= 0."""
        raise NotImplementedError

    def mistake(self) -> str | None:
        """What is impossible about the parameters, or ``None``."""
        raise NotImplementedError


class Constant(_Shape, frozen=True, tag="constant"):
    """Always ``value``."""

    value: float

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        del rng
        return np.full(size, self.value)

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        return _not_positive(value=self.value)


class Exponential(_Shape, frozen=True, tag="exponential"):
    """Without memory; ``mean`` is also the standard deviation."""

    mean: float

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        return rng.exponential(self.mean, size)

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        return _not_positive(mean=self.mean)


class Weibull(_Shape, frozen=True, tag="weibull"):
    """Times to failure: ``shape`` > 1 wears out, 1 is exponential, < 1 dies young. Scale = mean / Γ(1 + 1/shape)."""

    mean: float
    shape: float

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        return rng.weibull(self.shape, size) * (self.mean / math.gamma(1 + 1 / self.shape))

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        return _not_positive(mean=self.mean) or _outside("shape", self.shape, 0.2, 50)


class Lognormal(_Shape, frozen=True, tag="lognormal"):
    """Repair times: most short, some long. Either ``mean`` or ``median``; ``cv`` = deviation / mean.

    sigma² = ln(1 + cv²), mu = ln(mean) − sigma²/2 = ln(median).
    """

    cv: float
    mean: float | None = None
    median: float | None = None

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        variance = math.log1p(self.cv**2)
        mu = math.log(self.median) if self.median is not None else math.log(self.mean or 0) - variance / 2
        return rng.lognormal(mu, math.sqrt(variance), size)

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        if (self.mean is None) == (self.median is None):
            return "give either mean or median"
        centre = self.mean if self.mean is not None else self.median
        return _not_positive(cv=self.cv, **{"mean" if self.mean is not None else "median": centre or 0})


class Triangular(_Shape, frozen=True, tag="triangular"):
    """What people estimate: at least ``low``, most often ``mode``, at most ``high``."""

    low: float
    mode: float
    high: float

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        return rng.triangular(self.low, self.mode, self.high, size)

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        if not 0 <= self.low <= self.mode <= self.high or self.low == self.high:
            return f"needs 0 <= low <= mode <= high and low < high, not {self.low}, {self.mode}, {self.high}"
        return None


class Uniform(_Shape, frozen=True, tag="uniform"):
    """Anything from ``low`` to ``high`` alike."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        return rng.uniform(self.low, self.high, size)

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        return None if 0 <= self.low < self.high else f"needs 0 <= low < high, not {self.low}, {self.high}"


class Normal(_Shape, frozen=True, tag="normal"):
    """The bell curve cut off below 0: what falls below is drawn again, so the mean rises a little when sd is large."""

    mean: float
    sd: float

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        drawn = rng.normal(self.mean, self.sd, size)
        while (below := drawn < 0).any():
            drawn[below] = rng.normal(self.mean, self.sd, int(below.sum()))
        return drawn

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        return _not_positive(mean=self.mean, sd=self.sd)


class Erlang(_Shape, frozen=True, tag="erlang"):
    """Work in ``phases`` equal exponential steps; cv = 1/√phases."""

    mean: float
    phases: int

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """See :class:`_Shape`."""
        return rng.gamma(self.phases, self.mean / self.phases, size)

    def mistake(self) -> str | None:
        """See :class:`_Shape`."""
        return _not_positive(mean=self.mean, phases=self.phases)


Distribution = Constant | Exponential | Weibull | Lognormal | Triangular | Uniform | Normal | Erlang


def _not_positive(**values: float) -> str | None:
    wrong = [f"{name} = {value:g}" for name, value in values.items() if not 0 < value < math.inf]
    return f"{wrong[0]}: it must be greater than 0" if wrong else None


def _outside(name: str, value: float, low: float, high: float) -> str | None:
    return None if low <= value <= high else f"{name} = {value:g}: it must be from {low:g} to {high:g}"


def generator(seed: int, line: str, machine: str, purpose: str) -> np.random.Generator:
    """The stream of that name; the same name always gives the same numbers."""
    name = f"{seed}/{line}/{machine}/{purpose}".encode()
    key = int.from_bytes(blake2b(name, digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))


class Draws:
    """The draws of one purpose, one a call; made a block at a time. It can be pickled and goes on where it was."""

    __slots__ = ("_block", "_distribution", "_rng", "_unit_us")

    def __init__(self, distribution: Distribution, unit_us: float, rng: np.random.Generator) -> None:
        self._distribution, self._unit_us, self._rng = distribution, unit_us, rng
        self._block: list[int] = []

    def __call__(self) -> int:
        """The next draw in whole microseconds >= 0."""
        try:
            return self._block.pop()
        except IndexError:
            drawn = self._distribution.draw(self._rng, BLOCK) * self._unit_us
            self._block = np.rint(drawn).astype(np.int64)[::-1].tolist()
            return self._block.pop()


class _Numbers:
    """Numbers one a call, drawn a block at a time."""

    __slots__ = ("_block", "_rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: list[float] = []

    def __call__(self) -> float:
        """The next number."""
        if not self._block:
            self._block = self._drawn()[::-1].tolist()
        return self._block.pop()

    def _drawn(self) -> Floats:
        raise NotImplementedError


class Shares(_Numbers):
    """Numbers 0 <= x < 1, all alike: for what happens with a probability, which may change meanwhile."""

    __slots__ = ()

    def _drawn(self) -> Floats:
        return self._rng.random(BLOCK)


class Bells(_Numbers):
    """Standard normal numbers: mean 0, standard deviation 1."""

    __slots__ = ()

    def _drawn(self) -> Floats:
        return self._rng.standard_normal(BLOCK)


def microseconds(distribution: Distribution, unit_us: float, rng: np.random.Generator) -> Draws:
    """Draws of ``distribution`` times ``unit_us``, in whole microseconds >= 0."""
    return Draws(distribution, unit_us, rng)
