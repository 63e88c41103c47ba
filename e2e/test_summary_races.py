"""Changes of the checkout that overtake each other: none is lost, and all parts say the same."""

import re

import pytest
from playwright.sync_api import expect

from e2e.held_answers import HeldAnswers, expect_agreement, wake
from e2e.programme import TierSpec
from e2e.witness import NO_NETWORK

ITEMS = "**/checkout/*/items"
EXTENSION = "**/checkout/*/extension"
CODE = "**/checkout/*/code"
# What htmx says besides, where it gives up.
SILENCE = re.compile("htmx:timeout")
TWO, THREE = "$66.15", "$98.13"


@pytest.fixture
def buyer(new_buyer):
    """A buyer whose network fails where a test lets it."""
    return new_buyer(harmless=(NO_NETWORK, SILENCE))


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec(places=5))


def plus(buyer):
    buyer.button("One more: Entry").click()


def hold_looks(buyer):
    return HeldAnswers(buyer.page, f"**/checkout/{buyer.reference}", times=1)


def test_second_tap_just_before_the_first_is_answered_counts(buyer, programme, show):
    buyer.page.clock.install()
    buyer.hold(show.slug)
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()
    buyer.page.clock.pause_at(buyer.page.evaluate("Date.now() + 1000"))
    plus(buyer)

    with buyer.page.expect_response(f"**/checkout/{buyer.reference}"):
        items.answer()
    buyer.page.clock.run_for(1000)
    buyer.page.clock.resume()

    expect_agreement(buyer.page, total=THREE, quantity="3")
    assert programme.count_taken(show) == 3


def test_look_that_is_overtaken_by_a_choice_changes_nothing(buyer, programme, show):
    buyer.hold(show.slug)
    looks = hold_looks(buyer)
    wake(buyer.page)
    looks.wait()
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()

    looks.answer()
    items.answer()

    expect_agreement(buyer.page, total=TWO, quantity="2")
    assert programme.count_taken(show) == 2


def test_more_time_asked_during_a_choice_leaves_both(buyer, programme, show):
    buyer.hold(show.slug)
    before = buyer.page.locator("#hold time").get_attribute("datetime")
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()

    buyer.button("I need more time").click()
    items.answer()

    expect(buyer.page.locator("#hold time")).not_to_have_attribute("datetime", before)
    expect_agreement(buyer.page, total=TWO, quantity="2")
    assert programme.count_taken(show) == 2


def test_choice_made_while_more_time_is_asked_is_kept(buyer, programme, show):
    buyer.hold(show.slug)
    before = buyer.page.locator("#hold time").get_attribute("datetime")
    extension = HeldAnswers(buyer.page, EXTENSION, times=1)
    buyer.button("I need more time").click()
    extension.wait()

    plus(buyer)
    extension.answer()

    expect_agreement(buyer.page, total=TWO, quantity="2")
    expect(buyer.page.locator("#hold time")).not_to_have_attribute("datetime", before)
    assert programme.count_taken(show) == 2


def test_refused_code_does_not_undo_the_choice_made_meanwhile(buyer, programme, show):
    buyer.hold(show.slug)
    codes = HeldAnswers(buyer.page, CODE, times=1)
    buyer.page.get_by_text("Have a code?").click()
    buyer.page.get_by_label("Promotion or access code").fill("wrong one")
    buyer.button("Use code").click()
    codes.wait()

    plus(buyer)
    codes.answer()

    expect_agreement(buyer.page, total=TWO, quantity="2")
    expect(buyer.page.get_by_text("We do not know this code.")).to_be_visible()
    expect(buyer.page.get_by_label("Promotion or access code")).to_have_value("wrong one")


def test_choice_that_could_not_be_sent_stands_and_is_paid(buyer, show):
    buyer.hold(show.slug)
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()
    items.fail()
    expect(buyer.page.locator("#alerts")).to_contain_text("You seem to be offline")

    with buyer.page.expect_response(f"**/checkout/{buyer.reference}"):
        wake(buyer.page)

    expect(buyer.quantity("Entry")).to_have_value("2")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(2)


def test_answer_that_comes_under_a_finger_moves_nothing_away(buyer, show):
    buyer.hold(show.slug)
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()
    buyer.button("One more: Entry").hover()
    buyer.page.mouse.down()

    with buyer.page.expect_response(f"**/checkout/{buyer.reference}"):
        items.answer()
    buyer.page.mouse.up()

    expect_agreement(buyer.page, total=THREE, quantity="3")


def test_answer_kept_back_for_a_finger_is_shown_once_it_is_off(buyer, show):
    buyer.hold(show.slug)
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()
    buyer.page.locator("#summary-title").hover()
    buyer.page.mouse.down()

    with buyer.page.expect_response(f"**/checkout/{buyer.reference}"):
        items.answer()
    buyer.page.mouse.up()

    expect_agreement(buyer.page, total=TWO, quantity="2")


def test_silence_is_given_up_on_and_told(buyer, show):
    buyer.hold(show.slug)
    assert buyer.page.evaluate("htmx.config.timeout") == 15_000
    buyer.page.evaluate("htmx.config.timeout = 500")
    items = HeldAnswers(buyer.page, ITEMS)

    plus(buyer)
    buyer.pay_button.click()

    expect(buyer.page.locator("#alerts")).to_contain_text("You seem to be offline")
    expect(buyer.pay_button).not_to_have_attribute("aria-busy", "true")
    items.end()
    buyer.go_to_pay().pay()
    buyer.expect_tickets(2)


def test_waiting_with_pay_is_announced_when_it_is_long(buyer, show):
    buyer.page.clock.install()
    buyer.hold(show.slug)
    buyer.type_email()
    items = HeldAnswers(buyer.page, ITEMS, times=1)
    plus(buyer)
    items.wait()

    buyer.pay_button.click()
    buyer.page.clock.fast_forward(3100)

    note = buyer.page.get_by_role("status").filter(has_text="This is taking a moment.")
    expect(note).to_be_visible()
    items.fail()
    expect(note).to_have_count(0)
