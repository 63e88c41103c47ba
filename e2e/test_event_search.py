"""Finding an event by its name and month, with and without scripts."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from webapp.clock import utc_now


def titles(buyer):
    return buyer.page.locator("#events h2")


def test_search_by_plain_form(new_buyer, programme):
    show = programme.put_on(title="Lantern parade")
    buyer = new_buyer(java_script_enabled=False)
    buyer.go("/")

    buyer.page.get_by_label("Search").fill(show.title.upper())
    buyer.button("Search").click()

    expect(titles(buyer)).to_have_text([show.title])
    expect(buyer.page.get_by_label("Search")).to_have_value(show.title.upper())


def test_search_while_typing_keeps_the_focus_and_the_address(buyer, programme):
    show = programme.put_on(title="Lantern parade")
    buyer.go("/")
    words = buyer.page.get_by_label("Search")

    words.press_sequentially(show.title)

    expect(titles(buyer)).to_have_text([show.title])
    expect(words).to_be_focused()
    expect(buyer.page).to_have_url(re.compile(r"/\?q=Lantern"))
    expect(buyer.page.get_by_role("status").filter(has_text="1 event found")).to_be_visible()
    buyer.page.reload()
    expect(titles(buyer)).to_have_text([show.title])


def test_back_button_shows_what_was_found_before(buyer, programme):
    show = programme.put_on(title="Lantern parade")
    buyer.go("/")
    buyer.page.get_by_label("Search").fill("no such evening")
    expect(buyer.page.locator("#events").get_by_text("No event matches")).to_be_visible()

    buyer.page.go_back()

    expect(titles(buyer).filter(has_text=show.title)).to_be_visible()
    expect(buyer.page.get_by_label("Search")).to_have_value("")


def test_month_is_chosen_in_place(any_buyer, programme):
    starts_at = utc_now() + timedelta(days=200)
    show = programme.put_on(
        title="Far away", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)
    )
    near = programme.put_on(title="Nearby")
    any_buyer.go("/")

    month = any_buyer.page.get_by_label("Month")
    month.select_option(f"{starts_at:%Y-%m}")
    if not any_buyer.has_scripts:
        any_buyer.button("Search").click()

    expect(titles(any_buyer).filter(has_text=show.title)).to_be_visible()
    expect(titles(any_buyer).filter(has_text=near.title)).to_have_count(0)
    expect(month).to_have_value(f"{starts_at:%Y-%m}")
