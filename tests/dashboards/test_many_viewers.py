"""As many viewers as a board lets in, over real connections: each gets every frame, whoever else is slow or knocks."""

import asyncio

import pytest
from made_up_line import NOW_US, stop
from served_board import serving, watching

from bench.viewers import Viewer, come, leave
from contract.instants import SECOND_US
from dashboards.words import LANGUAGES, catalogue

VIEWERS, SLOW, TOO_MANY = 300, 20, 50
CHANGES = 5
PATIENCE_S = 60


def test_everybody_gets_every_frame_and_who_is_too_many_is_told(store):
    async def scene(board):
        viewers, slow = (
            [Viewer(keep=True), *(Viewer() for _ in range(VIEWERS - SLOW - 1))],
            [Viewer() for _ in range(SLOW)],
        )
        await come(board, viewers + slow)
        assert {one.status for one in viewers + slow} == {200}
        for one in slow:
            one.transport.pause_reading()
        late = [Viewer() for _ in range(TOO_MANY)]
        await come(board, late)
        assert {one.status for one in late} == {503}
        assert catalogue("vi")["stream.full"] in late[0].refusal.decode()
        for change in range(1, CHANGES + 1):
            stop(store, "printer", NOW_US + change * SECOND_US, "stencil_clog")
            await until_told(viewers, f'"heard_us":{NOW_US + change * SECOND_US}')
        assert not any(one.dropped for one in viewers + slow)
        assert sum(one.resyncs for one in viewers) == 0
        await leave(viewers + slow + late)

    with serving(store, max_viewers=VIEWERS) as board:
        asyncio.run(scene(board))


async def until_told(viewers, words):
    """Wait until the viewer that keeps frames has one with ``words``, and everybody else has it too."""

    def told():
        number = next((number for number, body in viewers[0].bodies.items() if words.encode() in body), None)
        return number is not None and all(number in one.frames for one in viewers)

    async with asyncio.timeout(PATIENCE_S):
        while not told():  # noqa: ASYNC110 - a protocol of bytes announces nothing
            await asyncio.sleep(0.02)


@pytest.mark.chromium
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_for_which_there_is_no_room_says_so(chromium, store, language):
    words = catalogue(language)
    with serving(store, max_viewers=1) as board, watching(board) as inside:
        next(inside)
        context = chromium.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        page.goto(f"{board}/?lang={language}")
        page.wait_for_selector(".message h2", timeout=30_000)
        assert page.inner_text(".message h2") == words["live.full"]
        assert words["stream.full"] in page.inner_text("main")
        assert page.get_attribute("#live", "data-state") == "full"
        context.close()


def test_a_page_of_numbers_for_which_there_is_no_room_says_so_and_asks_on(chromium, store):
    with serving(store, max_viewers=1) as board, watching(board) as inside:
        next(inside)
        context = chromium.new_context()
        page = context.new_page()
        page.clock.install()
        page.goto(f"{board}/line?lang=en")
        page.wait_for_selector("#live[data-state=full]")
        stop(store, "printer", NOW_US + SECOND_US, "stencil_clog")
        with page.expect_response("**/api/**"):
            page.clock.fast_forward(4000)
        page.wait_for_selector(".stop[data-category=minor_stop]")
        assert catalogue("en")["live.full"] in page.text_content("#live")
        assert page.get_attribute("body", "data-state") == "live"
        context.close()
