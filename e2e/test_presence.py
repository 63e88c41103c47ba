"""A checkout in view tells so, and its hold ends when it would have ended anyway."""

import pytest
from playwright.sync_api import Page, expect

from e2e.witness import NO_NETWORK

BEATS = "**/checkout/*/presence"


@pytest.fixture
def watcher(new_buyer, programme):
    """A buyer at a checkout whose browser's clock is the test's."""
    buyer = new_buyer(harmless=(NO_NETWORK,))
    buyer.page.clock.install()
    with buyer.page.expect_response(BEATS) as beat:
        buyer.hold(programme.put_on().slug)
    assert beat.value.status == 204
    return buyer


def turn(page: Page, state: str) -> None:
    """Show the tab or hide it, as far as the page can tell."""
    page.evaluate(
        """state => {
          Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        state,
    )


def held_until(page: Page) -> str | None:
    return page.locator("#hold time").get_attribute("datetime")


def test_page_in_view_beats_and_moves_no_hold(watcher):
    before = held_until(watcher.page)

    for _ in range(2):
        with watcher.page.expect_response(BEATS) as beat:
            watcher.page.clock.fast_forward("01:00")
        assert beat.value.status == 204
    with watcher.page.expect_response(BEATS):
        watcher.page.reload()

    assert held_until(watcher.page) == before


def test_hidden_page_says_once_that_it_goes_and_is_silent_until_it_is_shown(watcher):
    beats = []
    watcher.page.on("request", lambda request: beats.append(request.url))
    with watcher.page.expect_response(BEATS):
        turn(watcher.page, "hidden")
    beats.clear()

    watcher.page.clock.run_for(180_000)
    while_hidden = [url for url in beats if url.endswith("/presence")]

    assert while_hidden == []
    with watcher.page.expect_response(BEATS):
        turn(watcher.page, "visible")


def test_beat_that_is_lost_says_nothing_and_the_next_one_comes(watcher):
    watcher.page.route(BEATS, lambda route: route.abort("connectionreset"), times=1)
    with watcher.page.expect_event("requestfailed"):
        watcher.page.clock.fast_forward("01:00")
    expect(watcher.page.locator("#alerts")).to_be_empty()

    with watcher.page.expect_response(BEATS) as beat:
        watcher.page.clock.fast_forward("01:00")

    assert beat.value.status == 204
