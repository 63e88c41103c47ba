"""A code or a number that stands typed in the checkout is neither lost nor passed over."""

import re

import pytest
from playwright.sync_api import expect

from e2e.held_answers import HeldAnswers, wake
from e2e.programme import TierSpec
from e2e.witness import NO_NETWORK
from tests.box_office import FESTIVAL


@pytest.fixture
def buyer(new_buyer):
    """A buyer whose network fails where a test lets it."""
    return new_buyer(harmless=(NO_NETWORK,))


@pytest.fixture
def at_checkout(buyer):
    """A buyer of the festival, everything but the code typed and kept."""
    buyer.hold(FESTIVAL, "Day 1 pass")
    with buyer.page.expect_response("**/contact"):
        buyer.type_email()
        buyer.page.get_by_label("Email").blur()
    return buyer


def field_of(buyer):
    return buyer.page.get_by_label("Promotion or access code")


def type_code(buyer, text):
    buyer.page.get_by_text("Have a code?").click()
    field_of(buyer).focus()
    buyer.page.keyboard.type(text)


def come_back(buyer):
    """From the mail app, say; the summary is drawn anew."""
    # A mark that does not survive the swap.
    buyer.page.locator("#summary").evaluate("summary => summary.classList.add('is-old')")
    wake(buyer.page)
    expect(buyer.page.locator("#summary.is-old")).to_have_count(0)


def test_code_half_typed_is_there_when_the_buyer_comes_back(at_checkout):
    type_code(at_checkout, "SAL")

    come_back(at_checkout)

    expect(field_of(at_checkout)).to_have_value("SAL")
    expect(field_of(at_checkout)).to_be_focused()
    at_checkout.page.keyboard.type("SA10")
    at_checkout.button("Use code").click()
    expect(at_checkout.page.get_by_text("Code SALSA10: 10% off")).to_be_visible()


def test_code_typed_survives_more_time_and_another_number(at_checkout):
    type_code(at_checkout, "SALSA10")

    at_checkout.button("I need more time").click()
    expect(at_checkout.page.locator("#clock-announcement")).to_contain_text("You have more time")
    expect(field_of(at_checkout)).to_have_value("SALSA10")
    at_checkout.button("One more: Day 1 pass").click()

    expect(at_checkout.quantity("Day 1 pass")).to_have_value("2")
    expect(at_checkout.page.locator("#summary .line-sum")).to_contain_text("$110.00")
    expect(field_of(at_checkout)).to_have_value("SALSA10")


def test_number_typed_but_not_left_is_there_when_the_buyer_comes_back(buyer, programme):
    show = programme.put_on(TierSpec(places=9))
    buyer.hold(show.slug)
    buyer.quantity("Entry").press("ControlOrMeta+A")
    buyer.page.keyboard.type("3")

    come_back(buyer)

    expect(buyer.quantity("Entry")).to_have_value("3")
    expect(buyer.quantity("Entry")).to_be_focused()
    buyer.page.keyboard.press("Tab")
    expect(buyer.page.locator("#summary")).to_contain_text("$98.13")
    assert programme.count_taken(show) == 3


def test_pay_with_a_code_typed_uses_the_code_first(at_checkout):
    type_code(at_checkout, "SALSA10")

    at_checkout.pay_button.click()
    at_checkout.payment_page.wait().pay()

    at_checkout.expect_tickets(1)
    expect(at_checkout.page.get_by_text("-$5.50")).to_be_visible()


def test_pay_with_a_changed_number_and_a_code_typed_waits_for_both(at_checkout):
    codes = HeldAnswers(at_checkout.page, "**/checkout/*/code", times=1)
    type_code(at_checkout, "SALSA10")

    at_checkout.button("One more: Day 1 pass").click()
    at_checkout.pay_button.click()
    codes.wait()
    expect(at_checkout.pay_button).to_have_attribute("aria-busy", "true")
    codes.answer()
    at_checkout.payment_page.wait().pay()

    at_checkout.expect_tickets(2)
    expect(at_checkout.page.get_by_text("-$11.00")).to_be_visible()


def test_pay_with_an_unknown_code_says_so_and_pays_nothing(at_checkout):
    type_code(at_checkout, "wrong one")

    at_checkout.pay_button.click()

    expect(at_checkout.page.get_by_text("We do not know this code.")).to_be_visible()
    expect(field_of(at_checkout)).to_be_focused()
    expect(at_checkout.pay_button).not_to_have_attribute("aria-busy", "true")
    at_checkout.expect_heading("Checkout")
    # Who was told and presses again wants to go on without.
    at_checkout.pay_button.click()
    at_checkout.payment_page.wait()


def test_code_that_was_not_answered_is_sent_again_and_not_passed_over(at_checkout):
    codes = HeldAnswers(at_checkout.page, "**/checkout/*/code", times=1)
    type_code(at_checkout, "SALSA10")
    at_checkout.pay_button.click()
    codes.wait()
    codes.fail()
    expect(at_checkout.page.locator("#alerts")).to_contain_text("You seem to be offline")
    expect(at_checkout.button(re.compile("^Pay"))).not_to_have_attribute("aria-busy", "true")

    at_checkout.pay_button.click()
    at_checkout.payment_page.wait().pay()

    at_checkout.expect_tickets(1)
    expect(at_checkout.page.get_by_text("-$5.50")).to_be_visible()


def test_enter_in_the_code_field_of_an_event_uses_the_code(buyer):
    buyer.open_event(FESTIVAL)
    buyer.choose("Day 1 pass")
    type_code(buyer, "SALSA10")

    buyer.page.keyboard.press("Enter")

    expect(buyer.page.get_by_text("Code SALSA10: 10% off")).to_be_visible()
    expect(buyer.quantity("Day 1 pass")).to_have_value("1")
    buyer.expect_heading("A Lo Cubano Boulder Fest")
