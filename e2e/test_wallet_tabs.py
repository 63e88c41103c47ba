"""Several tabs of one browser never show two persons' tickets, nor what was before."""

import pytest
from playwright.sync_api import expect

from e2e.phone import Phone
from e2e.ticket_buying import BoughtTickets, TicketBuying
from tests.waiting import wait_until

_HELD = "async () => (await navigator.locks.query()).held.length"


@pytest.fixture
def persons(tickets: TicketBuying) -> tuple[BoughtTickets, BoughtTickets]:
    """Two persons' tickets; the first person's are kept first."""
    return tickets.buy(title="First person's"), tickets.buy(title="Second person's")


def replace_by(phone: Phone, bought: BoughtTickets) -> None:
    """Let the phone have these tickets and nobody else's."""
    phone.go(bought.link)
    phone.page.get_by_role("button", name="Keep on this phone").click()
    phone.page.get_by_role("button", name="Remove the others first").click()
    expect(phone.page.get_by_role("heading", name=bought.show.title)).to_be_visible()


def test_no_tab_goes_on_showing_the_former_persons_tickets(phone, persons):
    first, second = persons
    phone.keep(first.link)
    phone.go_and_check("/wallet")
    ticket, later = phone.new_tab(), phone.new_tab()
    ticket.go(first.path())
    expect(ticket.qr).to_be_visible()

    replace_by(later, second)

    expect(ticket.qr).to_have_count(0)
    expect(ticket.page.get_by_text(first.show.title)).to_have_count(0)
    expect(phone.page.get_by_role("heading", name=second.show.title)).to_be_visible()
    expect(phone.page.get_by_text(first.show.title)).to_have_count(0)


def test_a_tab_that_was_in_the_middle_brings_nothing_back(phone, persons, programme):
    first, second = persons
    phone.keep(first.link)
    phone.go_and_check("/wallet")
    later = phone.new_tab()
    programme.void_ticket(first.ids[0])
    with phone.network.stalling(first.path()):
        phone.ask_now()
        wait_until(lambda: phone.page.evaluate(_HELD), what="the tab to ask")

        replace_by(later, second)

        expect(later.state).to_contain_text("Saved on this phone")
        assert set(later.documents()) == {"/wallet", second.path()}
        assert len(later.rows()) == 1
        expect(phone.page.get_by_role("heading", name=second.show.title)).to_be_visible()


def test_document_of_another_wallet_ends_what_was_begun(phone, persons):
    """The phone's wallet changes between the list and its documents: as if no other tab were."""
    first, second = persons
    phone.keep(first.link)
    phone.go_and_check("/wallet")
    name = phone.wallets()[0].removeprefix("wallet-")
    other = name[::-1] if name[::-1] != name else "0" * len(name)
    phone.network.rewrite(f"X-Wallet: {name}".encode(), f"X-Wallet: {other}".encode())
    later = phone.new_tab()
    later.go(second.link)
    later.page.get_by_role("button", name="Keep on this phone").click()
    later.page.get_by_role("button", name="Add them").click()
    expect(later.page.get_by_role("heading", name=second.show.title)).to_be_visible()

    later.go_and_check("/wallet")

    expect(later.state).to_contain_text("We could not check just now")
    assert set(later.documents()) == {"/wallet", first.path()}
    assert [len(row["tickets"]) for row in later.rows()] == [1]


def test_empty_wallet_that_is_open_gets_the_tickets(phone, tickets):
    bought = tickets.buy()
    phone.go("/wallet")
    expect(phone.heading("No tickets on this phone yet")).to_be_visible()

    phone.new_tab().keep(bought.link)

    expect(phone.heading("Your tickets")).to_be_visible()
    expect(phone.page.get_by_role("heading", name=bought.show.title)).to_be_visible()


def test_which_ticket_of_how_many_stays_true(phone, tickets):
    bought = tickets.buy(2)
    more = tickets.buy(show=bought.show)
    phone.keep(bought.link)
    phone.go_and_check(bought.path())
    expect(phone.page.get_by_text("Ticket 1 of 2")).to_be_visible()
    later = phone.new_tab()
    later.go(more.link)
    later.page.get_by_role("button", name="Keep on this phone").click()
    later.page.get_by_role("button", name="Add them").click()
    expect(later.page.locator(".wallet-line")).to_have_count(3)

    expect(phone.page.get_by_text("Ticket 1 of 3")).to_be_visible()
