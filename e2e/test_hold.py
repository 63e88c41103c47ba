"""A hold and its clock: what a buyer is told, and that nothing typed is lost."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import expect

from e2e.programme import TierSpec


def held_until(buyer) -> datetime:
    stamp = buyer.page.locator("#hold time").get_attribute("datetime")
    return datetime.fromisoformat(stamp)


def test_hold_that_runs_out_says_so_and_starts_again_with_one_tap(buyer, programme):
    show = programme.put_on()
    buyer.page.clock.install()
    reference = buyer.hold(show.slug, quantity=2)
    buyer.type_email("ada@example.com")
    buyer.page.get_by_label("Name").fill("Ada Example")
    expect(buyer.page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))

    programme.pass_time(reference, minutes=15)
    buyer.page.clock.fast_forward("15:02")

    over = buyer.page.get_by_role("heading", name="Your time ran out")
    expect(over).to_be_visible()
    expect(buyer.page.get_by_text("everything you typed is kept")).to_be_visible()
    expect(buyer.page.locator("#clock-announcement")).to_have_text("Time is up.")
    expect(buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    expect(buyer.page.get_by_label("Name")).to_have_value("Ada Example")

    buyer.button("Try again").click()

    expect(buyer.page.get_by_role("timer")).to_be_visible()
    expect(buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    expect(buyer.page.get_by_label("Name")).to_have_value("Ada Example")
    expect(buyer.quantity("Entry")).to_have_value("2")
    assert (buyer.reference, programme.count_taken(show)) == (reference, 2)


def test_time_that_is_up_while_paying_leads_back_with_everything_typed(any_buyer, programme):
    show = programme.put_on()
    reference = any_buyer.hold(show.slug)
    any_buyer.type_email("ada@example.com")
    programme.pass_time(reference, minutes=15)

    any_buyer.pay_button.click()

    expect(any_buyer.page.get_by_role("heading", name="Your time ran out")).to_be_visible()
    expect(any_buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    any_buyer.button("Try again").click()
    any_buyer.pay_button.click()
    any_buyer.payment_page.wait()


def test_tickets_gone_meanwhile_are_named_and_nothing_typed_is_lost(
    any_buyer, new_buyer, programme
):
    show = programme.put_on(TierSpec(places=2))
    reference = any_buyer.hold(show.slug, quantity=2)
    any_buyer.type_email("ada@example.com")
    programme.pass_time(reference, minutes=15)
    new_buyer().hold(show.slug, quantity=1)
    any_buyer.pay_button.click()

    any_buyer.button("Try again").click()

    expect(any_buyer.page.locator("#summary")).to_contain_text("only 1 left")
    expect(any_buyer.page.get_by_label("Email")).to_have_value("ada@example.com")


def test_more_time_adds_five_minutes_and_says_so(any_buyer, programme):
    any_buyer.hold(programme.put_on().slug)
    before = held_until(any_buyer)

    any_buyer.button("I need more time").click()

    hour = (before + timedelta(minutes=5)).isoformat()
    expect(any_buyer.page.locator("#hold time")).to_have_attribute("datetime", hour)
    if any_buyer.has_scripts:
        said = any_buyer.page.get_by_role("status").filter(has_text=re.compile("more|until"))
        expect(said).to_have_count(1)


def test_minutes_that_matter_are_announced_once(buyer, programme):
    buyer.page.clock.install()
    buyer.hold(programme.put_on().slug)
    announcement = buyer.page.locator("#clock-announcement")
    expect(announcement).to_be_empty()

    for wait, sentence in [("10:05", "5 minutes left"), ("03:00", "2 minutes left")]:
        buyer.page.clock.fast_forward(wait)
        expect(announcement).to_contain_text(sentence)


def test_number_of_tickets_changes_in_the_checkout_and_the_price_with_it(any_buyer, programme):
    show = programme.put_on(TierSpec(places=3))
    any_buyer.hold(show.slug)
    summary = any_buyer.page.locator("#summary")
    expect(summary).to_contain_text("$34.17")

    any_buyer.quantity("Entry").fill("3")
    if not any_buyer.has_scripts:
        any_buyer.button("Update numbers").click()
    else:
        any_buyer.quantity("Entry").press("Tab")

    expect(summary).to_contain_text("$98.13")
    assert programme.count_taken(show) == 3


def test_too_many_in_the_checkout_is_refused_and_the_old_basket_kept(
    any_buyer, new_buyer, programme
):
    show = programme.put_on(TierSpec(places=3))
    any_buyer.hold(show.slug)
    new_buyer().hold(show.slug, quantity=1)
    any_buyer.type_email("ada@example.com")

    any_buyer.quantity("Entry").fill("3")
    any_buyer.quantity("Entry").press("Enter")

    alert = any_buyer.page.locator("#summary").get_by_role("alert")
    expect(alert).to_contain_text("only 2 left")
    expect(alert).to_contain_text("What you held before is still held.")
    if any_buyer.has_scripts:
        expect(alert).to_be_focused()
        expect(any_buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    assert programme.count_taken(show) == 2
