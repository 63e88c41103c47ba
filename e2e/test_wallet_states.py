"""What the wallet's scripts and its worker show is for everybody, too; tours see the rest."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from e2e.accessibility import find_faults
from e2e.phone import Phone
from e2e.programme import Programme
from e2e.ticket_buying import BoughtTickets
from webapp.clock import utc_now

_OFFER = "() => window.dispatchEvent(new Event('beforeinstallprompt'))"


def _offline(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.network.die()
    phone.go("/wallet")
    expect(phone.state).to_contain_text("You are offline")


def _offline_ticket(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.network.die()
    phone.go(bought.path())
    expect(phone.state).to_contain_text("You are offline")


def _offline_elsewhere(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.network.die()
    phone.go("/")
    expect(phone.heading("You are offline")).to_be_visible()


def _lost(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.network.die()
    phone.lose("cache_storage", "indexeddb")
    phone.go("/wallet")
    expect(phone.page.get_by_text("Your browser has deleted the tickets")).to_be_visible()


def _changed(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.go_and_check(bought.path())
    programme.void_ticket(bought.ids[0])
    phone.ask_now()
    expect(phone.state).to_contain_text("Your tickets changed")


def _gone(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.go_and_check("/wallet")
    programme.end_wallet_copies()
    phone.ask_now()
    expect(phone.page.get_by_role("link", name="Connect it again")).to_be_visible()


def _over(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.network.die()
    phone.page.clock.set_system_time(utc_now() + timedelta(days=400))
    phone.go("/wallet")
    expect(phone.page.get_by_text("Nothing is coming up.")).to_be_visible()
    expect(phone.page.locator("#wallet-past .wallet-line").first).to_be_visible()


def _removing(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    phone.page.evaluate(_OFFER)
    phone.page.locator("summary", has_text="Remove from this phone").click()
    expect(phone.page.locator("#wallet-install")).to_be_visible()


def _removed(phone: Phone, bought: BoughtTickets, programme: Programme) -> None:
    _removing(phone, bought, programme)
    phone.page.get_by_role("button", name="Remove everything from this phone").click()
    expect(phone.heading("Removed from this phone")).to_be_visible()


STATES: tuple[Callable[[Phone, BoughtTickets, Programme], None], ...] = (
    _offline,
    _offline_ticket,
    _offline_elsewhere,
    _lost,
    _changed,
    _gone,
    _over,
    _removing,
    _removed,
)


@pytest.mark.parametrize("reach", STATES, ids=lambda state: state.__name__.strip("_"))
def test_nobody_is_kept_out(phone, tickets, programme, reach):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    reach(phone, bought, programme)

    faults = find_faults(phone.page)

    assert not faults, "\n".join(faults)
