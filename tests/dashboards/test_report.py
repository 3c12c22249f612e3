"""The shift report says just what `mes kpi` says of the same span, in both languages, and no name can break it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from made_up_line import NOW_US, make_store
from simulated import simulate

from answers.live import downtime
from answers.report import evidence
from answers.shift_report import shift_report
from answers.span import Span, shifts, whole
from answers.store import Store
from app.kpi_rows import ROWS, By, causes
from contract.events import Words
from contract.instants import HOUR_US
from dashboards.board.snapshot import STEPS
from dashboards.report.document import as_file, document
from dashboards.report.output import DEFECTS_SHOWN
from dashboards.report.writing import Writer
from dashboards.words import LANGUAGES, catalogue, report

#: Plant, seed, hours: two lines and orders; branches that join, and rework; a shift that is over.
RUNS = [("phone", 1, 2), ("printer", 4, 2), ("machining", 2, 9)]
ROOT = Path(__file__).parent.parent.parent / "dashboards"
SOURCES = [*sorted((ROOT / "report").glob("*.py")), ROOT / "board" / "report_route.py"]
SCRIPT = '<script>alert("x")</script><img src=x onerror="y"><b>'
#: Elements that have no end.
_VOID = {"meta", "link"}


class Read(HTMLParser):
    """What a reader of the page finds: text, numbers (`<data>`: (class, value, text)), and every tag and attribute."""

    def __init__(self, page):
        super().__init__()
        self.numbers, self.tags, self.attributes, self.texts, self._open = [], set(), set(), [], []
        self.feed(page)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "data":
            self.numbers.append([dict(attrs)["class"], dict(attrs)["value"], ""])

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, text):
        if "style" not in self._open:
            self.texts.append(text)
        if "data" in self._open:
            self.numbers[-1][2] += text

    def number(self, name):
        """The one number of that name: (as it is, as it is written)."""
        [(value, text)] = [(value, text) for each, value, text in self.numbers if each == name]
        return (float(value) if value else None), text


@pytest.fixture(scope="module", params=RUNS, ids=str)
def path(request, tmp_path_factory):
    name, seed, hours = request.param
    return simulate(tmp_path_factory.mktemp(name), name, seed, hours)


def spans(store, line):
    """Everything, each shift, and an hour across the first shift's end."""
    end_us = evidence(store).newest_us
    everything = whole(store.evidence()[0], end_us)
    found = [span for span, _ in shifts(store, line, everything)]
    return [everything, *found, Span(end_us - end_us % HOUR_US - HOUR_US, end_us - end_us % HOUR_US)]


def page_of(found, language="en"):
    return document([found], language, NOW_US, as_file())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_is_that_of_the_kpis(path, language):
    with Store.open(path) as store:
        for line in store.lines():
            for span in spans(store, line):
                row = next(row for row in ROWS[By.LINE](store, span) if row.whole["line"] == line)
                found = Read(page_of(shift_report(store, line, span), language))
                write, kpis, lost = Writer(language, "UTC"), row.kpis, row.whole["losses"]
                ratios = {
                    "oee": kpis.oee,
                    "factor-oee": kpis.oee,
                    "factor-availability": kpis.availability,
                    "factor-performance": kpis.performance,
                    "factor-quality": kpis.quality,
                    "coverage": kpis.coverage,
                }
                for name, value in ratios.items():
                    assert found.number(name) == (value, write.percent(value)), (line, span, name)
                assert found.number("good")[0] == row.good
                assert found.number("rate")[0] == kpis.throughput_per_h
                if lost.ppt_us:
                    taken = sum(float(value) for name, value, _ in found.numbers if name[5:] in STEPS)
                    assert found.number("step-planned")[0] == row.planned_us / 1e6
                    assert found.number("step-good")[0] == lost.good_ideal_us / 1e6
                    assert round((found.number("step-planned")[0] - taken) * 1e6) == lost.good_ideal_us
                energy = row.whole["energy"]
                if energy.kwh:
                    assert found.number("kwh")[0] == energy.kwh
                    assert found.number("kwh-per-good")[0] == energy.kwh_per_good
                told = [one for one in found.numbers if one[0] == "rty"]
                assert [float(value) for _, value, _ in told] == ([row.whole["rty"]] if told else [])


def test_a_defect_is_one_row_of_all_products(path):
    with Store.open(path) as store:
        for line in store.lines():
            span = whole(*store.evidence())
            found = shift_report(store, line, span)
            counted: dict[tuple[str, str], int] = {}
            for one in found.quality.pareto:
                counted[one.machine, one.code] = counted.get((one.machine, one.code), 0) + one.count
            told = [int(value) for name, value, _ in Read(page_of(found)).numbers if name == "defects"]
            assert told == sorted(counted.values(), reverse=True)[:DEFECTS_SHOWN]


def test_the_causes_and_the_stops_one_by_one_are_the_same_time(path):
    with Store.open(path) as store:
        for line in store.lines():
            for span in spans(store, line):
                found = shift_report(store, line, span)
                lost_us = sum(one.lost_us for one in causes(store, span) if one.line == line)
                own_us = sum(one.lasted_us for one in found.stops)
                assert sum(one.lost_us for one in downtime(store, line, span)) == lost_us
                # A fault's stop may hold pieces of waiting for a neighbour, which no cause counts.
                assert own_us >= lost_us
                if found.causes:
                    all_of_them = Read(page_of(found)).numbers
                    assert [float(value) for name, value, _ in all_of_them if name == "lost"][-1] == lost_us / 1e6


@pytest.fixture
def found(tmp_path):
    """The report of the made-up line, whose shift runs."""
    with Store.open(make_store(tmp_path / "mes.db", NOW_US)) as store:
        [line] = store.lines()
        [(span, _)] = shifts(store, line, whole(*store.evidence()))
        return shift_report(store, line, span)


def hostile(found, text):
    """The same with ``text`` for every name that comes from the wire."""
    both = Words(en=text, vi=text)
    replace = msgspec.structs.replace
    stations = [replace(one, name=both, reasons=dict.fromkeys(one.reasons, both)) for one in found.stations]
    windows = [replace(one, name=both) for one in found.shifts]
    return replace(found, name=both, plant=both, stations=stations, shifts=windows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_is_text_whatever_is_in_it(found, language):
    page = Read(page_of(hostile(found, SCRIPT), language))
    assert "script" not in page.tags
    assert page.texts.count(SCRIPT) >= 10
    assert not page.tags & {"a", "img", "iframe", "form", "object", "b"}
    assert {name for name in page.attributes if name.startswith("on")} == set()


def test_nothing_in_the_file_comes_from_elsewhere_or_needs_a_script(found):
    text = page_of(found)
    page = Read(text)
    assert not page.attributes & {"href", "src", "style", "onclick", "onload"}
    assert not re.findall(r"https?://|@import|url\((?!#)", text)
    assert "default-src 'none'" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_those_of_the_language_and_none_is_left_open(found, language):
    page = Read(page_of(found, language))
    text = " ".join(page.texts)
    words = report(language)
    for key in (
        "report.title",
        "report.stairs",
        "report.longest",
        "report.remarks",
        "report.hands_over",
        "report.sign",
    ):
        assert words[key] in text
    assert found.name.vi in text or language == "en"
    assert not re.findall(r"[{}]|report\.[a-z]", text)
    assert f'<html lang="{language}">' in page_of(found, language)


def test_numbers_and_days_are_written_as_the_language_writes_them():
    english, vietnamese = Writer("en", "Asia/Ho_Chi_Minh"), Writer("vi", "Asia/Ho_Chi_Minh")
    assert (english.percent(0.678), vietnamese.percent(0.678)) == ("67.8%", "67,8 %")
    assert (english.number(1234567.25, 1), vietnamese.number(1234567.25, 1)) == ("1,234,567.3", "1.234.567,3")
    assert (english.day(NOW_US), vietnamese.day(NOW_US)) == ("2026-01-05", "05/01/2026")
    assert (english.percent(None), english.number(-0.04, 1), vietnamese.number(-2.5)) == ("–", "0.0", "−3")
    assert (vietnamese.duration(5 * HOUR_US), english.exact(-HOUR_US // 2)) == ("5 giờ 00", "−0:30:00")


def test_a_shift_that_runs_says_so_and_what_the_whole_is_due(found):
    text = " ".join(Read(page_of(found)).texts)
    assert report("en")["report.interim"].format(time="14:00") in text
    assert report("en")["report.of_whole"].format(target="900") in text


def test_both_languages_have_every_word_with_the_same_places():
    english, vietnamese = (report(language) for language in LANGUAGES)
    assert set(english) == set(vietnamese)
    for key, text in english.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", vietnamese[key])), key
        assert vietnamese[key].strip()
    assert not set(english) & set(catalogue("en"))


def test_every_word_is_said_and_nothing_is_said_that_has_none():
    """Keys stand whole (`"report.made"`), or by their end where a helper adds the rest."""
    code = "\n".join(path.read_text("utf-8") for path in SOURCES)
    words = report("en")
    whole_keys = set(re.findall(r'"(report\.\w+)"', code)) - {"report.css"}
    assert whole_keys <= set(words)
    said = set(re.findall(r'"(\w+)"', code))
    endings = tuple(re.findall(r'f"report\.(\w+_){', code))
    unsaid = {
        key
        for key in words
        if key not in whole_keys
        and key[7:] not in said
        and not any(key[7:].startswith(begin) and key[7 + len(begin) :] in said for begin in endings)
    }
    assert unsaid == set()


def test_no_source_has_words_of_its_own():
    for path in SOURCES:
        code = re.sub(r'"""(?:.|\n)*?"""|#.*', "", path.read_text("utf-8"))
        assert not re.findall(r'el\("\w+", f?"[^"]*[A-Za-z]', code), path.name
