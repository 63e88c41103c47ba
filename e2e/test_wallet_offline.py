"""Tickets open where there is no network, no server, and even half of what was kept."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from e2e.chromium import ARGUMENTS, whole_chromium
from e2e.conftest import PHONE
from e2e.phone import Phone, Store
from e2e.qr_reading import read_with_zxing


@contextmanager
def network_off(phone: Phone) -> Iterator[None]:
    phone.set_offline()
    yield
    phone.set_offline(is_offline=False)


@contextmanager
def server_dead(phone: Phone) -> Iterator[None]:
    with phone.network.dead():
        yield


@pytest.mark.parametrize("away", [network_off, server_dead], ids=lambda way: way.__name__)
def test_opening_the_order_once_is_enough(phone, tickets, away):
    bought = tickets.buy(2)
    phone.keep(bought.link)

    with away(phone):
        phone.go("/wallet")
        expect(phone.page.get_by_role("heading", name=bought.show.title)).to_be_visible()
        expect(phone.state).to_contain_text("You are offline")
        expect(phone.state).to_contain_text("Checked with the box office")
        phone.page.locator(".wallet-line").nth(1).click()
        expect(phone.page.get_by_text("Ticket 2 of 2")).to_be_visible()
        assert read_with_zxing(phone.page.screenshot()) == bought.text(2)
        phone.page.get_by_role("link", name="Previous").click()
        expect(phone.page.get_by_text("Ticket 1 of 2")).to_be_visible()
        expect(phone.page.locator("main")).to_contain_text("1 Example Street")

        phone.go("/")
        expect(phone.heading("You are offline")).to_be_visible()
        phone.page.get_by_role("link", name="Open my tickets").click()
        expect(phone.heading("Your tickets")).to_be_visible()

    phone.ask_now()
    expect(phone.state).to_contain_text("Saved on this phone")
    phone.go("/")
    expect(phone.heading("You are offline")).to_have_count(0)


def test_tickets_open_after_the_browser_was_restarted(browser: Browser, network, tickets, tmp_path):
    bought = tickets.buy()

    @contextmanager
    def open_browser() -> Iterator[Phone]:
        context = browser.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=whole_chromium(),
            args=ARGUMENTS,
            **PHONE,
        )
        yield Phone(context, network)
        context.close()

    with open_browser() as phone:
        phone.keep(bought.link)
        session = phone.context.new_cdp_session(phone.page)
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        assert session.send("Page.getAppManifest")["errors"] == []
    with network.dead(), open_browser() as phone:
        phone.go(bought.path())
        expect(phone.qr).to_be_visible()
        assert read_with_zxing(phone.page.screenshot()) == bought.text()
        phone.go("/wallet")
        expect(phone.page.get_by_role("heading", name=bought.show.title)).to_be_visible()


@pytest.mark.parametrize("lost", ["cache_storage", "indexeddb"])
def test_either_store_shows_the_tickets_and_makes_the_other_anew(phone, tickets, lost: Store):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    kept = phone.documents()
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    with phone.network.dead():
        phone.lose(lost)

        phone.go(bought.path(2))

        expect(phone.qr).to_be_visible()
        expect(phone.state).to_contain_text("You are offline")
        assert phone.documents() == kept
        assert [len(row["documents"]) for row in phone.rows()] == [len(kept)]
        phone.go("/wallet")
        expect(phone.page.get_by_role("heading", name=bought.show.title)).to_be_visible()


def test_a_phone_that_lost_everything_says_so_and_heals_itself(phone, tickets):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    with phone.network.dead():
        phone.lose("cache_storage", "indexeddb", "local_storage")

        phone.go(bought.path())

        expect(phone.heading("Not saved on this phone")).to_be_visible()
        expect(phone.page.get_by_text("Your browser has deleted the tickets")).to_be_visible()
        expect(phone.page.get_by_text("this browser has no copy")).to_be_hidden()
        expect(phone.qr).to_have_count(0)

    phone.ask_now()

    expect(phone.qr).to_be_visible()
    assert len(phone.documents()) == 3


def test_a_page_tells_when_its_saved_tickets_had_been_deleted(phone, tickets):
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.lose("cache_storage", "indexeddb")

    phone.go("/wallet")

    expect(phone.state).to_contain_text("They are back on this phone")
    assert len(phone.documents()) == 2


def test_a_stranger_offline_is_not_told_that_anything_was_lost(phone, tickets):
    phone.keep(tickets.buy().link)
    with phone.network.dead():
        phone.go("/wallet/tickets/987654321")

        expect(phone.page.get_by_text("this browser has no copy")).to_be_visible()
        expect(phone.page.get_by_text("Your browser has deleted")).to_be_hidden()


def test_a_kept_ticket_needs_no_script(phone, tickets):
    bought = tickets.buy()
    phone.keep(bought.link)
    session = phone.context.new_cdp_session(phone.page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    with phone.network.dead():
        phone.go(bought.path())

        expect(phone.qr).to_be_visible()
        expect(phone.state).to_contain_text("Checked with the box office")
        expect(phone.state).not_to_contain_text("Saved on this phone")
        assert read_with_zxing(phone.page.screenshot()) == bought.text()
