"""A code in hand: less to pay, more to see, in place and without scripts alike."""

import re

from playwright.sync_api import expect

from e2e.accessibility import find_faults
from e2e.keyboard import Keyboard
from tests.box_office import FESTIVAL


def use_code(buyer, text):
    buyer.page.get_by_text("Have a code?").click()
    buyer.page.get_by_label("Promotion or access code").fill(text)
    buyer.button("Use code").click()


def test_code_lowers_the_prices_in_place_and_the_order_names_it(any_buyer):
    buyer = any_buyer
    buyer.open_event(FESTIVAL)
    buyer.choose("Full festival", 2)

    use_code(buyer, "salsa 10")

    expect(buyer.page.get_by_text("Code SALSA10: 10% off")).to_be_visible()
    expect(buyer.quantity("Full festival")).to_have_value("2")
    expect(buyer.page.get_by_role("strong").filter(has_text="$146.10")).to_be_visible()
    buyer.go_on()
    expect(buyer.page.get_by_role("button", name=re.compile(r"Pay 290.01"))).to_be_visible()
    buyer.go_to_pay().pay()
    buyer.expect_tickets(2)
    expect(buyer.page.get_by_text("-$30.00")).to_be_visible()


def test_access_code_shows_a_hidden_tier_in_place_and_takes_it_away_again(any_buyer):
    buyer = any_buyer
    buyer.open_event(FESTIVAL)
    expect(buyer.page.get_by_text("Crew pass")).to_have_count(0)

    use_code(buyer, "crew-pass")
    expect(buyer.quantity("Crew pass")).to_be_visible()
    buyer.button("Remove code").click()

    expect(buyer.page.get_by_text("Crew pass")).to_have_count(0)


def test_link_carries_a_code(any_buyer):
    any_buyer.go(f"/e/{FESTIVAL}?code=crew-pass")

    expect(any_buyer.quantity("Crew pass")).to_be_visible()


def test_code_is_taken_in_the_checkout_and_the_button_names_the_new_price(any_buyer):
    any_buyer.hold(FESTIVAL, "Full festival")

    use_code(any_buyer, "SALSA10")

    expect(any_buyer.page.get_by_role("button", name=re.compile(r"Pay 146.10"))).to_be_visible()
    any_buyer.button("Remove code").click()
    expect(any_buyer.page.get_by_role("button", name=re.compile(r"Pay 162.09"))).to_be_visible()


def test_focus_follows_the_news_and_the_keyboard_is_enough(buyer):
    buyer.open_event(FESTIVAL)
    keyboard = Keyboard(buyer.page)
    field = buyer.page.get_by_label("Promotion or access code")

    keyboard.press(buyer.page.get_by_text("Have a code?"))
    keyboard.type(field, "wrong one")
    keyboard.press(buyer.button("Use code"))
    expect(buyer.page.get_by_text("We do not know this code.")).to_be_visible()
    expect(field).to_be_focused()
    field.fill("salsa10")
    keyboard.press(buyer.button("Use code"))

    expect(buyer.page.locator("#code-applied")).to_be_focused()
    assert keyboard.faults == []


def test_pages_with_a_code_are_for_everybody(buyer):
    buyer.open_event(FESTIVAL)
    use_code(buyer, "wrong one")
    expect(buyer.page.get_by_text("We do not know this code.")).to_be_visible()
    assert find_faults(buyer.page) == []
    buyer.page.get_by_label("Promotion or access code").fill("salsa10")
    buyer.button("Use code").click()
    expect(buyer.page.get_by_text("Code SALSA10")).to_be_visible()
    assert find_faults(buyer.page) == []

    buyer.hold(FESTIVAL, "Full festival")
    expect(buyer.page.get_by_text("Code SALSA10")).to_be_visible()

    assert find_faults(buyer.page) == []
