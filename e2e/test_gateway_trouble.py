"""The gateway is slow or down: the buyer is told, keeps the tickets, and pays once."""

import pytest
from playwright.sync_api import expect

from e2e.programme import TierSpec

SESSIONS = "/v1/checkout/sessions"
EVERY_NEW_SESSION = {"path": SESSIONS, "method": "POST", "nth": "every"}
TROUBLES = {
    "asked to slow down": {"effect": "429"},
    "broken": {"effect": "500"},
    "broken after it was done": {"effect": "500", "when": "after"},
    "gone after it was done": {"effect": "reset", "when": "after"},
}
NOTE_WHAT_IS_SAID = """() => {
  const note = document.querySelector("[role=status][data-slow]");
  const keep = () => sessionStorage.setItem("said", note.textContent);
  new MutationObserver(keep).observe(note, { childList: true });
}"""


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec(places=4))


@pytest.fixture(params=TROUBLES.values(), ids=TROUBLES.keys())
def trouble(box_office, request):
    """A gateway that opens no page, until a test ends it."""
    box_office.sandbox("POST", "faults", [EVERY_NEW_SESSION | request.param])


@pytest.mark.usefixtures("trouble")
def test_trouble_at_the_gateway_keeps_the_hold_and_the_next_try_pays_once(
    any_buyer, programme, box_office, show
):
    any_buyer.hold(show.slug)
    any_buyer.type_email()

    any_buyer.pay_button.click()

    told = any_buyer.page.get_by_text("Your tickets are still held: try again.")
    expect(told).to_be_visible()
    expect(any_buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    assert programme.count_taken(show) == 1
    box_office.sandbox("POST", "faults", [])
    any_buyer.pay_button.click()
    any_buyer.payment_page.wait().pay()
    any_buyer.expect_tickets(1)
    number = any_buyer.order_number
    sessions = box_office.gateway.v1.checkout.sessions.list({"limit": 100}).data
    mine = [session for session in sessions if session.client_reference_id == number]
    # One whose answer got lost may be open still: nobody knows its address.
    assert [session.status for session in mine].count("complete") == 1
    assert programme.count_orders(show) == 1


def test_slow_gateway_is_announced_and_the_silent_one_given_up_on(buyer, box_office, show):
    buyer.hold(show.slug)
    buyer.type_email()
    fault = EVERY_NEW_SESSION | {"effect": "timeout", "seconds": 6}
    box_office.sandbox("POST", "faults", [fault])

    # The driver waits for the next page, so the page itself notes what it said meanwhile.
    buyer.page.evaluate(NOTE_WHAT_IS_SAID)

    buyer.pay_button.click()

    told = buyer.page.get_by_text("Your tickets are still held: try again.")
    expect(told).to_be_visible()
    said = buyer.page.evaluate("sessionStorage.getItem('said')")
    assert said == "This is taking a moment. Your tickets stay held."
    expect(buyer.pay_button).not_to_have_attribute("aria-busy", "true")
    box_office.sandbox("POST", "faults", [])
    buyer.pay_button.click()
    buyer.payment_page.wait()
