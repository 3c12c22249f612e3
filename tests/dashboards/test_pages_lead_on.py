"""The pages behind the wall lead on from each other, add up as a person reads them, and keep hostile names as text."""

import pytest
from made_up_line import NOW_US, STATIONS, make_store, stop
from served_board import serving
from test_chromium import _SIZES, PHONE, page_of

from answers.report import line_report
from answers.span import Span
from answers.store import Store
from dashboards.words import catalogue

pytestmark = pytest.mark.chromium


def test_the_lines_oee_leads_to_what_it_is_made_of(chromium, served, plant):
    with page_of(chromium, f"{served}/line?", "en") as page:
        page.wait_for_selector(".stairs .oee strong:not(:empty)", timeout=10_000)
        said = page.text_content(".stairs .oee strong")
        page.click("a.explain")
        page.wait_for_selector(".chooser .numeral:not(:empty)", timeout=10_000)
        assert page.text_content(".chooser .numeral") == said
        answer = page.request.get(f"{served}/api/explain.json").json()
        with Store.open(plant) as store:
            report = line_report(store, answer["line"], Span(answer["from_us"], answer["to_us"]))
        assert said == f"{report.kpis.oee:.1%}"
        page.click("text=✗ mean")
        page.wait_for_selector(".chooser.mistake", timeout=10_000)
        assert page.text_content(".chooser .numeral") == f"{report.mean_oee:.1%}"
        assert "basis=mean" in page.url


def test_the_steps_shown_add_up_to_the_second(chromium, served):
    with page_of(chromium, f"{served}/explain?definition=iso", "en") as page:
        page.wait_for_selector(".rung .value:not(:empty)", timeout=10_000)
        rungs = page.eval_on_selector_all(
            ".rung", "all => all.map((one) => [one.className, one.querySelector('.value').textContent])"
        )
        left = None
        for kind, text in rungs:
            shown = seconds(text)
            if "taken" in kind:
                left += shown
            else:
                assert left in (None, shown), kind
                left = shown


def seconds(text):
    hours, minutes, rest = text.lstrip("−+").split(":")
    whole = int(hours) * 3600 + int(minutes) * 60 + int(rest)
    return -whole if text.startswith("−") else whole


def test_a_step_opens_to_intervals_whose_sum_is_the_step(chromium, served):
    with page_of(chromium, f"{served}/explain?span=hour", "en", PHONE) as page:
        page.wait_for_selector(".rung.execute .what", timeout=10_000)
        page.click(".rung.execute .what")
        page.wait_for_selector(".rung.execute.open tbody tr", timeout=10_000)
        last = page.locator(".rung.execute tbody tr").last.locator("td").last.text_content()
        assert seconds(last.partition(".")[0]) == pytest.approx(
            seconds(page.text_content(".rung.execute .value")), abs=1
        )
        assert "code=execute" in page.url
        assert page.evaluate(_SIZES)[0] <= PHONE[0]


@pytest.mark.parametrize("path", ["explain", "orders", "quality", "trace", "energy", "park"])
def test_hostile_names_are_text_and_nothing_made_speaks(chromium, tmp_path, path):
    attack = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>"
    stations = [(name, attack, attack, (fault, attack, attack)) for name, _, _, (fault, *_) in STATIONS[:3]]
    store = make_store(tmp_path / "mes.db", NOW_US, stations, line="acme/<b>site/smt/<i>line")
    stop(store, "printer", NOW_US, "stencil_clog")
    asked = "unit=<img src=x>" if path == "trace" else "code=breakdown" if path == "explain" else ""
    with serving(store) as address, page_of(chromium, f"{address}/{path}?{asked}&", "vi", PHONE) as page:
        page.wait_for_selector("main .panel h2:not(:empty)", timeout=10_000)
        assert page.title() == catalogue("vi")[f"{path}.title"]
        assert page.locator("main img, main script, main b, main i").count() == 0
        assert page.evaluate(_SIZES)[0] <= PHONE[0]
        empty = {"orders": "orders.none", "trace": "trace.none_near", "energy": "energy.none"}.get(path)
        assert not empty or catalogue("vi")[empty] in page.inner_text("main")
