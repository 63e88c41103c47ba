"""The list of a wallet: what is true stands first, and what is over goes down by itself."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from e2e.phone import Phone
from e2e.ticket_buying import BoughtTickets, TicketBuying
from webapp.clock import utc_now


@pytest.fixture
def evenings(phone: Phone, tickets: TicketBuying) -> tuple[BoughtTickets, BoughtTickets]:
    """Two events on a phone: one over in two hours, one over in a week."""
    found = []
    for days, title in ((0, "Tonight"), (7, "Next week")):
        begins = utc_now() + timedelta(days=days, hours=1)
        bought = tickets.buy(title=title, starts_at=begins, ends_at=begins + timedelta(hours=1))
        phone.go(bought.link)
        expect(phone.page.locator("[data-wallet-keep-state]")).not_to_be_empty()
        if found:
            phone.page.get_by_role("button", name="Keep on this phone").click()
            phone.page.get_by_role("button", name="Add them").click()
        found.append(bought)
    phone.go_and_check("/wallet")
    return found[0], found[1]


def open_at(phone: Phone, moment: datetime) -> None:
    """Open the list when the phone's clock says so."""
    phone.page.clock.set_system_time(moment)
    phone.go("/wallet")


def test_an_event_that_is_over_goes_down_without_a_network(phone, evenings):
    tonight, next_week = evenings
    coming, past = phone.page.locator("#wallet-coming"), phone.page.locator("#wallet-past")
    expect(coming.get_by_role("heading").first).to_have_text(tonight.show.title)
    expect(past).to_be_hidden()

    with phone.network.dead():
        open_at(phone, utc_now() + timedelta(hours=3))

        expect(coming.get_by_role("heading")).to_have_text([next_week.show.title])
        expect(coming.get_by_text("Next up", exact=True)).to_be_visible()
        past.get_by_role("heading", name="Past").click()
        expect(past.get_by_role("heading", name=tonight.show.title)).to_be_visible()
        expect(past.get_by_text("Next up", exact=True)).to_be_hidden()
        past.locator(".wallet-line").click()
        expect(phone.qr).to_be_visible()


def test_without_a_network_the_last_event_over_leaves_the_past_open(phone, evenings):
    tonight, next_week = evenings

    with phone.network.dead():
        open_at(phone, utc_now() + timedelta(days=9))

        expect(phone.page.get_by_text("Nothing is coming up.")).to_be_visible()
        headings = phone.page.locator("#wallet-past").get_by_role("heading", level=2)
        expect(headings).to_have_text(["Past", next_week.show.title, tonight.show.title])
        expect(headings.last).to_be_visible()


def test_where_the_server_answers_the_phones_clock_moves_nothing(phone, evenings):
    open_at(phone, utc_now() + timedelta(days=9))

    expect(phone.state).to_contain_text("Saved on this phone")
    expect(phone.page.locator("#wallet-coming .wallet-event")).to_have_count(2)


def test_what_is_true_of_the_tickets_stands_right_below_them(phone, evenings):
    expect(phone.state).to_contain_text("Checked with the box office")
    expect(phone.page.get_by_role("button", name="Tell me before it begins")).to_be_visible()

    tops = [
        phone.page.locator(place).bounding_box()["y"]
        for place in ("#wallet-coming", "#wallet-state", "#wallet-push", "#wallet-elsewhere")
    ]

    assert tops == sorted(tops)
    list_box = phone.page.locator("#wallet-coming").bounding_box()
    assert tops[1] - (list_box["y"] + list_box["height"]) < 32


def test_removal_that_was_opened_stays_open_when_the_tickets_change(phone, evenings, programme):
    phone.page.locator("summary", has_text="Remove from this phone").click()
    button = phone.page.get_by_role("button", name="Remove everything from this phone")
    button.focus()
    programme.void_ticket(evenings[0].ids[0])

    phone.ask_now()

    expect(phone.state).to_contain_text("Your tickets changed")
    expect(button).to_be_focused()
