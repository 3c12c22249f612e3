"""Numbers, times and durations as the reader's language writes them on paper, and words.

Numbers round as the board's do: half away from zero.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from math import floor
from zoneinfo import ZoneInfo

from answers.plant import Station
from answers.store import short
from contract.events import Words
from contract.instants import SECOND_US, to_datetime
from contract.states import Category
from dashboards.words import catalogue, report

_SHORT_S, _HOUR_MIN, _DAY_MIN = 60, 60, 1440


class Writer:
    """Writes one language of :data:`dashboards.words.LANGUAGES`, by the clock of ``tz``."""

    def __init__(self, language: str, tz: str) -> None:
        self.language = language
        self._words = catalogue(language) | report(language)
        self._tz = ZoneInfo(tz)
        self._marks = str.maketrans({",": self._words["report.thousands"], ".": self._words["report.decimal"]})

    def say(self, key: str, **values: str) -> str:
        """The words of ``key`` with its places filled."""
        return self._words[key].format(**values)

    def name(self, both: Words) -> str:
        """A name from the wire in this language."""
        return both.vi or both.en if self.language == "vi" else both.en

    def number(self, value: float, digits: int = 0) -> str:
        """``1,234.5``, or ``1.234,5``."""
        rounded = abs(Decimal(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        sign = "−" if value < 0 and rounded else ""
        return sign + f"{rounded:,f}".translate(self._marks)

    def percent(self, ratio: float | None) -> str:
        """A ratio to the tenth of a percent; a dash where it is not known."""
        return self.say("format.absent") if ratio is None else self.say("format.percent", n=self.number(ratio * 100, 1))

    def duration(self, us: int) -> str:
        """``38 min``, ``7 h 30``, as on the board; with its sign."""
        s = _rounded(abs(us) / SECOND_US)
        sign = "−" if us < 0 and s else ""
        m = _rounded(s / 60)
        if s < _SHORT_S:
            return sign + self.say("format.s", s=str(s))
        if m < _HOUR_MIN:
            return sign + self.say("format.min", m=str(m))
        if m < _DAY_MIN:
            return sign + self.say("format.h_min", h=str(m // 60), m=f"{m % 60:02d}")
        return sign + self.say("format.d_h", d=str(m // _DAY_MIN), h=str(m % _DAY_MIN // 60))

    def exact(self, us: int) -> str:
        """``5:47:12``, for what must add up before your eyes."""
        s = _rounded(abs(us) / SECOND_US)
        sign = "−" if us < 0 and s else ""
        return f"{sign}{s // 3600}:{s // 60 % 60:02d}:{s % 60:02d}"

    def clock(self, us: int) -> str:
        """Wall clock of the plant: ``14:05``."""
        return f"{to_datetime(us).astimezone(self._tz):%H:%M}"

    def day(self, us: int) -> str:
        """``2026-01-05``, or ``05/01/2026``."""
        when = to_datetime(us).astimezone(self._tz)
        return self.say("report.day", y=f"{when:%Y}", m=f"{when:%m}", d=f"{when:%d}")

    def instant(self, us: int) -> str:
        """Day and clock."""
        return self.say("format.instant", day=self.day(us), time=self.clock(us))

    def span(self, from_us: int, to_us: int) -> str:
        """From and to, the day only where it is another one."""
        begin, end = self.clock(from_us), self.clock(to_us)
        if self.day(from_us) != self.day(to_us):
            begin, end = self.instant(from_us), self.instant(to_us)
        return self.say("format.between", **{"from": begin, "to": end})

    def days(self, from_us: int, to_us: int) -> str:
        """The day, or the first and the last, of a span that ends before ``to_us``."""
        first, last = self.day(from_us), self.day(to_us - 1)
        return first if first == last else self.say("format.between", **{"from": first, "to": last})

    def reason(self, station: Station | None, reason: str, category: Category) -> str:
        """What a stop is called: the machine's word, else the reserved one, else the code, else its category."""
        own = station.reasons.get(reason) if station else None
        if own is not None:
            return self.name(own)
        return self._words.get(f"reason.{reason}") or reason or self.say(f"category.{category}")

    def machine(self, stations: Iterable[Station], path: str) -> str:
        """What people call the machine at ``path``."""
        return next((self.name(one.name) for one in stations if one.path == path), short(path))


def _rounded(value: float) -> int:
    return floor(value + 0.5)
