"""A page that waits goes on by itself after any failure, and says only what is new."""

import pytest
from playwright.sync_api import expect

from e2e.held_answers import HeldAnswers, wake
from e2e.tours import SILENT_GATEWAY
from e2e.witness import NO_NETWORK

LOOK = "**/return?round=*"
ITEMS = "**/checkout/*/items"
WATCH = """() => {
  window.said = [];
  new MutationObserver(() => said.push(document.getElementById("spoken").textContent))
    .observe(document.getElementById("spoken"), { childList: true });
}"""


@pytest.fixture
def buyer(new_buyer):
    """A buyer whose network fails where a test lets it."""
    return new_buyer(harmless=(NO_NETWORK,))


@pytest.fixture
def waiting(buyer, box_office, programme):
    """A buyer who has paid, while the gateway tells nobody."""
    buyer.hold(programme.put_on().slug)
    box_office.sandbox("POST", "deliveries", {"mode": "manual"})
    payment = buyer.go_to_pay()
    box_office.sandbox("POST", "faults", [SILENT_GATEWAY])
    payment.pay()
    buyer.expect_heading("Getting your tickets")
    return buyer


def fail(route):
    route.abort("connectionreset")


def be_busy(route):
    headers = {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML", "HX-Reselect": "#alert"}
    route.fulfill(status=503, headers=headers, body='<div id="alert"><p>Busy.</p></div>')


@pytest.mark.parametrize("trouble", [fail, be_busy])
def test_one_look_that_fails_does_not_end_the_waiting(waiting, box_office, trouble):
    with waiting.page.expect_event("requestfinished" if trouble is be_busy else "requestfailed"):
        waiting.page.route(LOOK, trouble, times=1)
    box_office.sandbox("POST", "faults", [])

    waiting.expect_tickets(1)


def test_look_that_fails_alarms_nobody_and_looking_by_hand_is_always_offered(waiting):
    looks = []
    waiting.page.route(LOOK, lambda route: (looks.append(1), be_busy(route)), times=2)

    # The second comes only after the first was given up on.
    looks_done = HeldAnswers(waiting.page, LOOK)
    looks_done.wait(1)

    expect(waiting.page.locator("#alerts")).to_be_empty()
    expect(waiting.page.get_by_role("link", name="Look again")).to_be_visible()


def test_page_looks_at_once_when_the_network_is_back(buyer, box_office, programme):
    buyer.page.clock.install()
    buyer.hold(programme.put_on().slug)
    box_office.sandbox("POST", "deliveries", {"mode": "manual"})
    payment = buyer.go_to_pay()
    box_office.sandbox("POST", "faults", [SILENT_GATEWAY])
    payment.pay()
    buyer.expect_heading("Getting your tickets")
    # No timer of the page runs from here on.
    buyer.page.clock.pause_at(buyer.page.evaluate("Date.now() + 60_000"))
    box_office.sandbox("POST", "faults", [])

    buyer.page.evaluate("window.dispatchEvent(new Event('online'))")

    buyer.expect_tickets(1)


def test_waiting_is_said_once_and_progress_when_it_comes(waiting):
    waiting.page.evaluate(WATCH)
    looks = HeldAnswers(waiting.page, LOOK)
    looks.wait(1)
    looks.answer()
    looks.wait(2)
    assert waiting.page.evaluate("said") == []

    looks.answer_changed("Waiting for your payment to be confirmed", "Payment received")

    expect(waiting.page.locator("#spoken")).to_have_text("Payment received")


def test_error_stays_until_something_the_buyer_did_went_well(buyer, programme):
    buyer.hold(programme.put_on().slug)
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    buyer.button("One more: Entry").click()
    items.wait()
    items.fail()
    alerts = buyer.page.locator("#alerts")
    expect(alerts).to_contain_text("You seem to be offline")

    with buyer.page.expect_response(f"**/checkout/{buyer.reference}"):
        wake(buyer.page)
    buyer.page.evaluate("new Promise(done => requestAnimationFrame(done))")

    expect(alerts).to_contain_text("You seem to be offline")
    buyer.button("One more: Entry").click()
    expect(alerts).to_be_empty()


def test_button_works_again_after_a_page_that_was_stopped(buyer, programme):
    show = programme.put_on()
    buyer.page.clock.install()
    buyer.open_event(show.slug)
    buyer.choose("Entry")
    leaving = HeldAnswers(buyer.page, "**/checkouts", times=1)
    buyer.button("Continue").click(no_wait_after=True)
    leaving.wait()

    buyer.page.evaluate("window.stop()")
    buyer.page.clock.fast_forward("00:11")

    expect(buyer.button("Continue")).not_to_have_attribute("aria-busy", "true")
    buyer.go_on()
    assert programme.count_taken(show) == 1


def test_total_is_said_in_a_place_that_stays(buyer, programme):
    buyer.open_event(programme.put_on().slug)
    buyer.page.locator("#spoken").evaluate("status => status.classList.add('is-same')")

    buyer.choose("Entry")

    expect(buyer.page.locator("#spoken.is-same")).to_contain_text("Total $34.17")
