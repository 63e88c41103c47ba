"""What is wrong is where one looks, with scripts and without: in sight, focused, in the title."""

import re

from playwright.sync_api import Locator, expect

from e2e.programme import TierSpec
from tests.box_office import FESTIVAL


def expect_news(buyer, news: Locator) -> None:
    expect(news).to_be_in_viewport()
    expect(news).to_be_focused()
    expect(buyer.page).to_have_title(re.compile(r"^Error: "))


def test_refused_choice_is_in_sight(any_buyer):
    any_buyer.open_event(FESTIVAL)

    any_buyer.button("Continue").click()

    expect_news(any_buyer, any_buyer.page.locator("#picker-faults"))


def test_refused_code_is_in_sight(new_buyer):
    buyer = new_buyer(java_script_enabled=False)
    buyer.open_event(FESTIVAL)
    buyer.page.get_by_text("Have a code?").click()
    field = buyer.page.get_by_label("Promotion or access code")
    field.fill("nonsense")

    buyer.button("Use code").click()

    expect(buyer.page.get_by_text("We do not know this code")).to_be_in_viewport()
    expect_news(buyer, field)


def test_enter_in_the_field_of_a_code_opens_what_it_opens(any_buyer):
    any_buyer.open_event(FESTIVAL)
    any_buyer.page.get_by_text("Have a code?").click()
    field = any_buyer.page.get_by_label("Promotion or access code")
    field.fill("crew-pass")

    field.press("Enter")

    expect(any_buyer.quantity("Crew pass")).to_be_visible()
    expect(any_buyer.page.locator("#code-applied")).to_be_in_viewport()


def test_empty_email_is_told_in_our_words_and_in_sight(any_buyer, programme):
    show = programme.put_on()
    any_buyer.hold(show.slug)

    any_buyer.pay_button.click()

    summary = any_buyer.page.locator("#contact-faults .alert")
    expect(summary).to_contain_text("Enter the email we should send your tickets to.")
    expect_news(any_buyer, summary)


def test_faulty_address_of_a_lost_mail_is_in_sight(any_buyer):
    any_buyer.go("/find-tickets")

    any_buyer.button("Mail me my tickets").click()

    expect_news(any_buyer, any_buyer.page.locator("main .alert"))


def test_last_places_are_taken_by_one_press(any_buyer, programme):
    show = programme.put_on(TierSpec(places=2))
    any_buyer.hold(show.slug)
    any_buyer.quantity("Entry").fill("5")
    if any_buyer.has_scripts:
        any_buyer.quantity("Entry").blur()
    else:
        any_buyer.button("Update numbers").click()

    any_buyer.button("Take 2: Entry").click()

    expect(any_buyer.quantity("Entry")).to_have_value("2")
    expect(any_buyer.button("Take 2: Entry")).to_have_count(0)
