"""Every number that can be explained leads to its own step, where the same number stands again."""

import re

import pytest
from opened_page import PHONE, page_of

pytestmark = pytest.mark.chromium
PAGES = ["/", "/line", "/machine", "/park", "/orders", "/quality", "/energy"]
#: Links as [text, path and query, width, height].
_LINKS = """() => [...document.querySelectorAll('a.opens[href]')].filter((link) => link.getClientRects().length)
  .map((link) => { const box = link.getBoundingClientRect();
    return [link.innerText, link.getAttribute('href'), box.width, box.height]; })"""


@pytest.mark.parametrize("path", PAGES)
def test_each_is_large_enough_for_a_finger_and_is_answered(chromium, served, path):
    with page_of(chromium, f"{served}{path}?", "en", PHONE) as page:
        page.wait_for_selector("a.opens[href]", state="attached", timeout=10_000)
        links = page.evaluate(_LINKS)
        assert len(links) >= (4 if path == "/park" else 5)
        assert [text for text, _, width, height in links if min(width, height) < 24] == []
        for target in {href.partition("#")[0] for _, href, _, _ in links}:
            way, _, asked = target.partition("?")
            answer = page.request.get(f"{served}/api/{way[1:].replace('/', '_')}.json?{asked}").json()
            assert "trouble" not in answer, target
            step = re.search(r"code=(\w+)", target)
            assert answer["data"].get("opened", "") == (step[1] if step and way == "/explain" else "")


def test_a_step_of_the_staircase_is_the_step_that_opens(chromium, served):
    with page_of(chromium, f"{served}/line?", "en") as page:
        page.wait_for_selector(".step.starved .value:not(:empty)", timeout=10_000)
        factor = page.text_content(".factor:nth-child(2) strong")
        page.click(".step.good a.opens")
        page.wait_for_selector(".rung.good.open .value:not(:empty)", timeout=10_000)
        assert page.locator(".rung.good").evaluate("node => node.getBoundingClientRect().top < innerHeight")
        page.go_back()
        page.wait_for_selector(".factor:nth-child(2)[href]", timeout=10_000)
        page.click(".factor:nth-child(2)")
        page.wait_for_selector("#performance.arrived .value", timeout=10_000)
        assert page.text_content("#performance .value") == factor


def test_a_cause_leads_to_the_intervals_of_its_machine(chromium, served):
    with page_of(chromium, f"{served}/line?", "en") as page:
        page.wait_for_selector(".cause a[href]", timeout=10_000)
        who = page.text_content(".cause .who")
        page.click(".cause a")
        page.wait_for_selector(".rung.open .reasons .who:not(:empty)", timeout=10_000)
        assert who in page.inner_text(".chooser h2")
        assert who in page.inner_text(".rung.open .reasons")


@pytest.mark.parametrize(
    ("path", "number", "opened"),
    [
        ("/quality", ".yields .oee strong", ".passes .rung.good .share"),
        ("/quality", ".ruler.fpy .lost", ".result .value"),
        ("/energy", ".whole dd a", ".result .value"),
        ("/orders", ".stairs .oee strong", ".result .value"),
        ("/park", ".site-of .oee-of", ".result .value"),
    ],
)
def test_a_clicked_number_is_found_again_as_the_sum_of_its_parts(chromium, served, path, number, opened):
    with page_of(chromium, f"{served}{path}?span=today", "en") as page:
        page.wait_for_selector(f"{number}:not(:empty)", timeout=10_000)
        said = page.locator(number).first.inner_text()
        page.locator(number).first.click()
        page.wait_for_selector(f"{opened}:not(:empty)", timeout=10_000)
        assert page.inner_text(".chooser .numeral") in said
        shown, whole = (
            float(re.sub(r"[^\d.]", "", text)) for text in (page.inner_text(opened), page.inner_text(".numeral"))
        )
        unit = 1000 if page.inner_text(opened).endswith(" Wh") else 1  # of kWh
        assert shown / unit == pytest.approx(whole, rel=0.005)
