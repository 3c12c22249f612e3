"""What each page shows of a real run is what ``mes kpi`` and the answers say, written as the language writes it."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import pytest
from test_chromium import page_of
from typer.testing import CliRunner

from answers.energy import line_energies
from answers.order_report import order_reports
from answers.plant import stations
from answers.quality import quality
from answers.report import line_report
from answers.span import everything
from answers.store import Store, short
from answers.trace import recall, trace
from app.cli import app
from dashboards.words import LANGUAGES, catalogue

pytestmark = pytest.mark.chromium
_ROWS = """(caption) => {
  const all = [...document.querySelectorAll('details.data')];
  const one = all.find((node) => node.querySelector('caption').textContent.startsWith(caption));
  one.open = true;
  one.ontoggle();
  return [...one.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent));
}"""


class Writes(NamedTuple):
    """Numbers as a language writes them, by the rules of CLDR; ``format.js`` asks the browser for the same."""

    language: str

    def say(self, key, **values):
        return catalogue(self.language)[key].format(**values)

    def decimal(self, value, digits):
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        text = f"{rounded:,.{digits}f}"
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    def number(self, value):
        return self.decimal(value, 0)

    def percent(self, ratio):
        if ratio is None:
            return self.say("format.absent")
        return self.say("format.percent", n=self.decimal(Decimal(ratio) * 100, 1))

    def measured(self, value, unit=""):
        """Four significant digits, without noughts at the end."""
        exponent = Decimal(value).adjusted() if value else 0
        text = self.decimal(value, max(0, 3 - exponent))
        point = "." if self.language == "en" else ","
        short_text = text.rstrip("0").rstrip(point) if point in text else text
        return self.say("format.measured", n=short_text, unit=unit) if unit else short_text

    def energy(self, kwh, most=None):
        """Three significant digits, below 1 kWh in Wh; in a column decimals as suit its largest, ``most`` kWh."""
        if most is None and kwh < 1:
            kwh, most, unit = 1000 * kwh, 10 * 1000 * kwh, "wh"
        else:
            most, unit = 10 * kwh if most is None else most, "kwh"
        digits = 0 if most >= 1000 else 1 if most >= 100 else 2
        return self.say("format.measured", n=self.decimal(kwh, digits), unit=self.say(f"measure.{unit}"))

    def name(self, words):
        return getattr(words, self.language)


class Told(NamedTuple):
    """A served run, and what is known of it: ``kpis`` of each path as ``mes kpi`` gives them."""

    address: str
    store: Store
    span: object
    kpis: dict
    lines: list


@pytest.fixture(scope="module")
def told(plant, served):
    kpis = {}
    for by in ("line", "machine"):
        printed = CliRunner().invoke(app, ["kpi", "--store", str(plant), "--by", by, "--json"])
        kpis |= {row[by]: row["kpis"] for row in json.loads(printed.stdout)}
    with Store.open(plant) as store:
        yield Told(served, store, everything(store), kpis, store.lines())


@pytest.fixture(params=LANGUAGES)
def opened(request, chromium, told):
    """Open an address in a language: its page, and how its numbers must be written."""
    contexts = []

    def visit(address, drawn):
        context = page_of(chromium, f"{told.address}{address}", request.param)
        page = context.__enter__()
        contexts.append(context)
        page.wait_for_selector(drawn, timeout=30_000)
        return page, Writes(request.param)

    yield visit
    for context in contexts:
        context.__exit__(None, None, None)


def rows(page, writes, key):
    return page.evaluate(_ROWS, writes.say(key))


def names_of(told, line, writes):
    return {one.id: writes.name(one.name) for one in stations(told.store, line)}


def factors(writes, kpis):
    return [writes.percent(kpis[key]) for key in ("availability", "performance", "quality")]


def test_the_wall(opened, told):
    page, writes = opened("/?", ".numeral:not(:empty)")
    assert page.locator("section.line").count() == len(told.lines)
    for place, line in enumerate(told.lines):
        section = page.locator("section.line").nth(place)
        assert writes.name(told.store.named(line).name) in section.inner_text()
        assert section.locator(".stairs .oee strong").text_content() == writes.percent(told.kpis[line]["oee"])
        assert section.locator(".factor strong").all_text_contents() == factors(writes, told.kpis[line])
        good = line_report(told.store, line, told.span).sums.exit_good
        assert section.locator(".numeral").text_content() == writes.number(good)


def test_a_line(opened, told):
    for line in told.lines:
        page, writes = opened(f"/line?line={line}", ".factor strong:not(:empty)")
        assert page.text_content(".stairs .oee strong") == writes.percent(told.kpis[line]["oee"])
        assert page.locator(".stairs .factor strong").all_text_contents() == factors(writes, told.kpis[line])
        names = names_of(told, line, writes)
        report = line_report(told.store, line, told.span)
        expected = [
            [
                names[short(one.path)],
                writes.percent(told.kpis[one.path]["oee"]),
                *factors(writes, told.kpis[one.path]),
                writes.number(one.sums.good),
                writes.number(one.sums.scrap),
                writes.percent(told.kpis[one.path]["coverage"]),
            ]
            for one in report.machines
        ]
        assert [row[:8] for row in rows(page, writes, "head.stations")] == expected


def test_a_machine(opened, told):
    for line in told.lines:
        report = line_report(told.store, line, told.span)
        one = report.machines[2]
        page, writes = opened(f"/machine?machine={one.path}", ".machine-page .factor strong:not(:empty)")
        kpis = told.kpis[one.path]
        assert page.text_content(".now h2") == names_of(told, line, writes)[short(one.path)]
        assert page.text_content(".stairs .oee strong") == writes.percent(kpis["oee"])
        assert page.locator(".stairs .factor strong").all_text_contents() == factors(writes, kpis)
        counts = (one.sums.good, one.sums.scrap, one.sums.rework)
        assert page.locator(".cells dd").all_text_contents()[:4] == [
            *map(writes.number, counts),
            writes.percent(one.fpy),
        ]


@pytest.mark.parametrize(
    ("definition", "key"), [("tpm", "oee"), ("iso", "oee"), ("nee", "nee"), ("ooe", "ooe"), ("teep", "teep")]
)
def test_a_number_explained(opened, told, definition, key):
    line = told.lines[0]
    page, writes = opened(f"/explain?line={line}&definition={definition}", ".chooser .numeral:not(:empty)")
    assert page.text_content(".chooser .numeral") == writes.percent(told.kpis[line][key])


def test_quality(opened, told):
    line = told.lines[0]
    right = quality(told.store, line, told.span)
    page, writes = opened(f"/quality?line={line}", ".yields .oee strong:not(:empty)")
    assert page.text_content(".yields .oee strong") == writes.percent(right.rty)
    names = names_of(told, line, writes)
    expected = {}
    for one in right.stations:
        count = expected.setdefault(names[short(one.machine)], [0, 0])
        count[0] += one.made.first
        count[1] += one.made.first_good
    shown = {row[0]: row[1:4] for row in rows(page, writes, "quality.yields")}
    assert shown == {
        who: [writes.number(first), writes.number(good), writes.percent(good / first)]
        for who, (first, good) in expected.items()
    }


def test_orders(opened, told):
    line = told.lines[0]
    page, writes = opened(f"/orders?line={line}&span=today", ".order-row .worked")
    shown = {row[0]: row[-2:] for row in rows(page, writes, "orders.progress")}
    reports = order_reports(told.store, line, told.span)
    assert reports
    for one in reports:
        assert shown[one.order] == [writes.percent(one.kpis.oee), writes.percent(one.rty)]


def test_a_unit_and_a_lot(opened, told):
    page, writes = opened("/trace?", ".beginnings a")
    unit = page.locator(".beginnings a").first.text_content()
    found = trace(told.store, unit)
    page, writes = opened(f"/trace?unit={unit}", ".unit-of .passed .who:not(:empty)")
    names = {one.path: writes.name(one.name) for line in told.lines for one in stations(told.store, line)}
    assert [row[0] for row in rows(page, writes, "trace.path")] == [names[one.machine] for one in found.steps]
    lot = page.locator(".unit-of .lot").first.text_content()
    page, writes = opened(f"/trace?lot={lot}", ".recall:not([hidden])")
    assert [row[0] for row in rows(page, writes, "trace.recall")] == [one.unit for one in recall(told.store, lot).units]


def test_energy(opened, told):
    line = told.lines[0]
    [right] = line_energies(told.store, [line], told.span)
    page, writes = opened(f"/energy?line={line}", ".cells dd:not(:empty)")
    energy = right.energy
    shown = page.locator(".cells dd").all_text_contents()
    assert shown[:4] == [
        writes.energy(energy.kwh),
        writes.percent(energy.idle_share),
        writes.energy(energy.idle_kwh),
        writes.energy(energy.kwh_per_good),
    ]
    assert shown[4] == writes.number(right.good)
    names = names_of(told, line, writes)
    most, most_idle = (max(getattr(one.energy, key) for one in right.machines) for key in ("kwh", "idle_kwh"))
    expected = {
        names[short(one.machine)]: [
            writes.energy(one.energy.kwh, most),
            writes.energy(one.energy.idle_kwh, most_idle),
            writes.percent(one.energy.idle_share),
        ]
        for one in right.machines
        if one.energy.kwh
    }
    assert {row[0]: row[1:4] for row in rows(page, writes, "energy.machines") if row[0] in expected} == expected


def test_the_park(opened, told):
    page, writes = opened("/park?", ".tile-of .gap-of:not(:empty)")
    expected = []
    for line in told.lines:
        kpis = told.kpis[line]
        expected.append([writes.name(told.store.named(line).name), writes.percent(kpis["oee"]), *factors(writes, kpis)])
    assert [[row[0], *row[4:8]] for row in rows(page, writes, "park.table")] == expected
