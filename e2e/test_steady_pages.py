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


def fail(looks):
    looks.fail()


def be_busy(looks):
    looks.refuse(503, **{"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"})


@pytest.mark.parametrize("trouble", [fail, be_busy])
def test_look_that_fails_alarms_nobody_and_does_not_end_the_waiting(waiting, box_office, trouble):
    looks = HeldAnswers(waiting.page, LOOK)
    looks.wait(1)
    trouble(looks)

    looks.wait(2)
    expect(waiting.page.locator("#alerts")).to_be_empty()
    expect(waiting.page.get_by_role("link", name="Look again")).to_be_visible()
    box_office.sandbox("POST", "faults", [])
    looks.end()
    looks.answer()
    waiting.expect_tickets(1)


def test_page_looks_at_once_when_the_network_is_back(buyer, box_office, programme):
    buyer.page.clock.install()
    buyer.hold(programme.put_on().slug)
    box_office.sandbox("POST", "deliveries", {"mode": "manual"})
    payment = buyer.go_to_pay()
    box_office.sandbox("POST", "faults", [SILENT_GATEWAY])
    payment.pay()
    buyer.expect_heading("Getting your tickets")
    looks = HeldAnswers(buyer.page, LOOK)
    looks.wait(1)
    # No timer of the page ends from here on.
    buyer.page.clock.pause_at(buyer.page.evaluate("Date.now() + 1000"))
    looks.fail()

    buyer.page.evaluate("window.dispatchEvent(new Event('online'))")

    looks.wait(2)


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
    # What the browser makes of Stop: the page stays as it was.
    buyer.page.route("**/checkouts", lambda route: route.abort("aborted"), times=1)
    with buyer.page.expect_event("requestfailed"):
        buyer.button("Continue").click(no_wait_after=True)
    expect(buyer.button("Continue")).to_have_attribute("aria-busy", "true")

    buyer.page.clock.fast_forward("00:11")

    expect(buyer.button("Continue")).not_to_have_attribute("aria-busy", "true")
    buyer.go_on()
    assert programme.count_taken(show) == 1


def test_total_is_said_in_a_place_that_stays(buyer, programme):
    buyer.open_event(programme.put_on().slug)
    buyer.page.locator("#spoken").evaluate("status => status.classList.add('is-same')")

    buyer.choose("Entry")

    expect(buyer.page.locator("#spoken.is-same")).to_contain_text("Total $34.17")


def test_form_that_is_too_old_is_told_what_to_do_in_place(buyer, programme):
    buyer.hold(programme.put_on().slug)
    token = buyer.page.locator("form[data-choice] [name=csrf_token]")
    token.evaluate("field => { field.value = 'stale'; }")

    buyer.button("One more: Entry").click()

    expect(buyer.page.locator("#alerts")).to_contain_text("reload the page and send the form again")
