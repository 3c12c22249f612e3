"""The badge on every page says of the data what the page "data health" says."""

import sqlite3

import pytest
from made_up_line import LINE, NOW_US, SHIFT_US, say
from served_board import serving
from test_chromium import PHONE, page_of

from answers.health import health
from answers.span import GRACE_US, whole
from answers.store import Store
from contract.instants import MINUTE_US, SECOND_US
from contract.states import Category
from dashboards.board.condition import condition
from dashboards.board.pages import pages
from dashboards.board.snapshot import stations_now
from dashboards.words import catalogue

LATER_US = NOW_US + GRACE_US + MINUTE_US


@pytest.fixture
def troubled(store):
    """A store in which one machine has been silent for a while, another is offline, and messages were refused."""
    say(store, "spi", LATER_US, online=0)
    with sqlite3.connect(store) as connection:
        connection.execute(
            "UPDATE current_state SET ts_us = ? WHERE machine_id ="
            " (SELECT machine_id FROM machines WHERE path LIKE '%/aoi')", (NOW_US,)
        )  # fmt: skip
        connection.execute("INSERT INTO health (path, quarantined) VALUES (?, 5), (?, 2)", (f"{LINE}/spi", LINE))
    connection.close()
    return store


def test_what_is_missing_is_what_the_page_of_health_says(troubled):
    span = whole(SHIFT_US, LATER_US + 1)
    with Store.open(troubled) as opened:
        found, right = condition(opened, [LINE], span), health(opened, span, 1)
    assert found.unknown_s == pytest.approx(sum(one.unknown_us for one in right.machines) / 1e6)
    assert found.unknown_s > 0
    due_us = sum(one.unknown_us / (1 - one.coverage) for one in right.machines if one.unknown_us)
    assert found.due_s == pytest.approx(due_us / 1e6)
    assert (found.silent, found.heard_us, found.refused) == (2, NOW_US, 7)


def test_a_whole_account_is_said_to_be_complete(store):
    with Store.open(store) as opened:
        found = condition(opened, [LINE], whole(SHIFT_US, NOW_US - MINUTE_US))
    assert (found.unknown_s, found.silent, found.refused) == (0, 0, 0)


@pytest.mark.parametrize(("ago_us", "silent"), [(5 * SECOND_US, False), (5 * SECOND_US + 1, True)])
def test_who_was_just_heard_of_is_not_silent_however_far_the_others_are_ahead(troubled, ago_us, silent):
    with sqlite3.connect(troubled) as connection:
        rows = connection.execute("SELECT path, ts_us FROM current_state JOIN machines USING (machine_id)").fetchall()
        delays = [(path, LATER_US - ts_us - (ago_us if path.endswith("/aoi") else 0)) for path, ts_us in rows]
        connection.executemany("INSERT INTO delays VALUES (?, ?)", delays)
    connection.close()
    with Store.open(troubled) as opened:
        standing = {one.id: one.category for one in stations_now(opened, LINE, LATER_US)}
        found = condition(opened, [LINE], whole(SHIFT_US, LATER_US + 1))
        told = {one.path: one.silent for one in health(opened, whole(SHIFT_US, LATER_US + 1), 1).machines}
    assert (standing["aoi"] is Category.UNKNOWN, told[f"{LINE}/aoi"]) == (silent, silent)
    assert found.silent == 1 + silent  # the other has said that it is not there


@pytest.mark.chromium
@pytest.mark.parametrize("path", ["/", *(page.path for page in pages())])
def test_every_page_says_it_and_leads_to_data_health(chromium, troubled, path):
    with serving(troubled) as address, page_of(chromium, f"{address}{path}?", "en") as page:
        page.wait_for_selector("a.condition[data-state=silent]", timeout=10_000)
        text = page.inner_text("a.condition")
        assert "2 silent" in text
        assert catalogue("en")["condition.refused"].replace("{count}", "7") in text
        assert page.get_attribute("a.condition", "href") == "/health"
        assert page.locator("#live .age").inner_text()
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert page.locator(".site").bounding_box()["width"] > PHONE[0] / 2, "it leaves the name its room"
