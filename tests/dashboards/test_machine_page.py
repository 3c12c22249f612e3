"""The page of a machine in a real Chromium, with units and process values of a simulated hour."""

import pytest
from served_board import serving
from test_chromium import _CUT_OFF, _SIZES, PHONE, WALL, page_of
from test_line_page import near, ratio
from typer.testing import CliRunner

from answers.cycles import Cycle, cycles, paces
from answers.quality import value_chart
from answers.report import line_report
from answers.span import everything
from answers.store import Store
from app.cli import app
from contract.instants import SECOND_US
from dashboards.words import catalogue


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with two simulated hours of the small line."""
    folder = tmp_path_factory.mktemp("machine")
    store, events = folder / "mes.db", folder / "events.jsonl"
    for line in (f"simulate --plant smt --for 2h --seed 3 --out {events}", f"replay {events} --store {store}"):
        assert CliRunner().invoke(app, line.split()).exit_code == 0
    return store


@pytest.fixture(scope="module")
def board(made):
    with serving(made) as address:
        yield address


def opened(page):
    page.wait_for_selector(".machine-page .factor strong:not(:empty)", timeout=10_000)


@pytest.mark.chromium
@pytest.mark.parametrize("size", [WALL, PHONE], ids=["large", "phone"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_page_fits_and_speaks(chromium, board, language, size):
    words = catalogue(language)
    with page_of(chromium, f"{board}/machine?machine=printer&span=today", language, size) as page:
        opened(page)
        assert page.evaluate(_SIZES)[0] <= size[0]
        assert page.evaluate(_CUT_OFF) == []
        text = page.inner_text("main")
        for key in ("machine.time", "machine.stops", "machine.cycles", "machine.figures", "figure.mtbf", "figure.kwh"):
            assert words[key] in text
        assert page.title() == words["machine.title"]


@pytest.mark.chromium
def test_what_it_shows_is_what_the_answers_say(chromium, board, made):
    with Store.open(made) as store:
        [line], span = store.lines(), everything(store)
        report = next(one for one in line_report(store, line, span).machines if one.path.endswith("/printer"))
        codes = store.described(line)[report.path].values
        charts = [value_chart(store, report.path, line, code, span) for code in codes]
    with page_of(chromium, f"{board}/machine?machine=printer&span=today") as page:
        opened(page)
        cells = page.locator(".cells dd").all_text_contents()
        assert cells[0] == f"{report.sums.good:,}"
        assert ratio(cells[3]) == near(report.fpy)
        assert cells[7] == str(report.sums.breakdowns)
        assert ratio(page.text_content(".stairs .oee strong")) == near(report.kpis.oee)
        assert page.locator(".values .panel").count() == len(charts)
        for place, chart in enumerate(charts):
            panel = page.locator(".values .panel").nth(place)
            assert panel.locator(".point, .broken, .beyond").count() == len(chart.points)
            assert panel.locator(".broken").count() == sum(bool(point.rules) for point in chart.points)
            assert panel.locator(".control").count() == 2 * bool(chart.chart)


@pytest.mark.chromium
def test_the_way_leads_from_the_wall_to_the_machine_and_to_its_line(chromium, board):
    with page_of(chromium, board) as page:
        page.click(".tile >> text=Reflow oven")
        opened(page)
        assert page.text_content(".now h2") == "Reflow oven"
        page.click(".now .plain")
        page.wait_for_selector(".line-page .factor strong:not(:empty)", timeout=10_000)
        page.click(".pages a[href='/']")
        page.wait_for_selector(".numeral:not(:empty)", timeout=5000)
        page.click(".pace h2 a")
        page.wait_for_selector(".line-page", timeout=10_000)


def test_cycles_are_those_of_the_units_told(made):
    with Store.open(made) as store:
        [line], span = store.lines(), everything(store)
        for machine in store.machines(line):
            found = cycles(store, machine, span)
            [(told,)] = store.rows(
                "SELECT COUNT(*) FROM units JOIN machines USING (machine_id)"
                " WHERE path = ? AND ended_us >= ? AND ended_us < ?", machine, span.from_us, span.to_us,
            )  # fmt: skip
            assert len(found) == told
            assert found == sorted(found, key=lambda one: one.ended_us)
            half = type(span)(span.from_us, (span.from_us + span.to_us) // 2)
            assert cycles(store, machine, half) == [one for one in found if one.ended_us < half.to_us]


def unit(ended_s, lasted_s):
    return Cycle(ended_s * SECOND_US, lasted_s * SECOND_US, "", "pass")


@pytest.mark.parametrize(
    ("done", "servers", "seconds"),
    [
        ([unit(10, 10), unit(25, 9)], 1, [10, 9]),  # it waited between the two
        ([unit(100, 60), unit(110, 60), unit(130, 60)], 1, [60, 10, 20]),  # an oven holds many at once
        ([unit(20, 20), unit(25, 20), unit(40, 20), unit(45, 20)], 2, [10, 10, 10, 10]),  # two side by side
        ([unit(20, 20), unit(20, 20), unit(40, 20), unit(40, 20)], 1, [10, 10, 10, 10]),  # two cut from each panel
        ([], 3, []),
    ],
)
def test_the_time_a_part_takes_of_a_machine(done, servers, seconds):
    assert [one.lasted_us for one in paces(done, servers)] == [s * SECOND_US for s in seconds]
