"""Pay pressed right after a change of the tickets: what the fields say is what is paid."""

import re

import pytest
from playwright.sync_api import expect

from e2e.held_answers import HeldAnswers
from e2e.programme import TierSpec

ITEMS = "**/checkout/*/items"


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec(places=3))


@pytest.fixture
def at_checkout(buyer, show):
    """A buyer with one ticket, everything typed and kept."""
    buyer.hold(show.slug)
    with buyer.page.expect_response("**/contact"):
        buyer.type_email()
        buyer.page.get_by_label("Email").blur()
    return buyer


def one_more_and_pay(buyer) -> None:
    buyer.button("One more: Entry").click()
    buyer.pay_button.click()


def test_plus_then_pay_at_once_pays_what_the_field_says(at_checkout, programme, show):
    one_more_and_pay(at_checkout)

    at_checkout.payment_page.wait().pay()

    at_checkout.expect_tickets(2)
    assert programme.count_taken(show) == 2


def test_pay_waits_for_a_change_that_is_not_answered_yet(at_checkout):
    waiting = []
    at_checkout.page.route(ITEMS, lambda route: waiting.append(route), times=1)  # noqa: PLW0108  # Playwright marks its handlers
    with at_checkout.page.expect_request(ITEMS):
        at_checkout.button("One more: Entry").click()

    at_checkout.pay_button.click()
    expect(at_checkout.pay_button).to_have_attribute("aria-busy", "true")
    at_checkout.pay_button.click()
    waiting[0].continue_()

    at_checkout.payment_page.wait().pay()
    at_checkout.expect_tickets(2)


def test_second_plus_while_the_first_is_under_way_is_paid_too(at_checkout):
    waiting = []
    at_checkout.page.route(ITEMS, lambda route: waiting.append(route), times=1)  # noqa: PLW0108  # Playwright marks its handlers
    with at_checkout.page.expect_request(ITEMS):
        at_checkout.button("One more: Entry").click()

    one_more_and_pay(at_checkout)

    at_checkout.payment_page.wait().pay()
    at_checkout.expect_tickets(3)


def test_change_that_is_refused_is_told_and_nothing_is_paid(at_checkout, new_buyer, show):
    other = new_buyer()
    other.hold(show.slug, quantity=2)
    # Told before the press, it would be another decision: to pay for what there is.
    items = HeldAnswers(at_checkout.page, ITEMS, times=1)

    one_more_and_pay(at_checkout)
    items.wait()
    items.answer()

    alert = at_checkout.page.locator("#summary").get_by_role("alert")
    expect(alert).to_contain_text("Not enough tickets are left for that")
    expect(at_checkout.pay_button).not_to_have_attribute("aria-busy", "true")
    at_checkout.expect_heading("Checkout")


def test_change_that_nobody_took_is_sent_again_by_the_next_press(at_checkout):
    items = HeldAnswers(at_checkout.page, ITEMS, times=1)

    one_more_and_pay(at_checkout)
    items.wait()
    items.refuse(503, **{"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"})

    expect(at_checkout.page.locator("#alerts")).not_to_be_empty()
    expect(at_checkout.pay_button).not_to_have_attribute("aria-busy", "true")
    at_checkout.pay_button.click()
    at_checkout.payment_page.wait().pay()
    at_checkout.expect_tickets(2)


def test_number_that_cannot_be_is_said_at_its_field_and_nothing_is_paid(at_checkout):
    at_checkout.quantity("Entry").fill("99")
    at_checkout.pay_button.click()

    expect(at_checkout.quantity("Entry")).to_be_focused()
    expect(at_checkout.button(re.compile(r"^Pay\b"))).to_be_visible()
    at_checkout.expect_heading("Checkout")
