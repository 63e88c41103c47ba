"""Removed from this phone is removed, online or not, and the next person finds nothing."""

import pytest
from playwright.sync_api import expect

from e2e.phone import Phone

# What a removal does, without telling anybody: as if this page had been frozen meanwhile.
_WIPE = """async () => {
  document.cookie = 'yardpass-wallet-here=; Max-Age=0; Path=/';
  for (const name of await caches.keys()) await caches.delete(name);
  await new Promise(done => {
    indexedDB.deleteDatabase('yardpass-wallet').onsuccess = done;
  });
}"""


def remove(phone: Phone) -> None:
    phone.page.locator("summary", has_text="Remove from this phone").click()
    phone.page.get_by_role("button", name="Remove everything from this phone").click()
    expect(phone.heading("Removed from this phone")).to_be_visible()


@pytest.mark.parametrize("is_online", [True, False], ids=["online", "offline"])
def test_nothing_of_the_tickets_is_left(phone, tickets, is_online):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    phone.go(bought.path())
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    if not is_online:
        phone.network.die()

    remove(phone)

    phone.expect_nothing_kept()
    phone.page.go_back()
    expect(phone.page.locator("body")).not_to_contain_text(bought.show.title)
    expect(phone.qr).to_have_count(0)
    phone.network.connect()
    # The next person goes online with this phone: neither the wallet nor the order opens.
    phone.go("/wallet")
    expect(phone.page.get_by_label("Pairing code")).to_be_visible()
    phone.go(bought.path())
    expect(phone.heading("Page not found")).to_be_visible()
    phone.go(f"/orders/{bought.order_number}")
    expect(phone.heading("Page not found")).to_be_visible()
    phone.expect_nothing_kept()


def test_other_tabs_are_told(phone, tickets):
    bought = tickets.buy()
    phone.keep(bought.link)
    order, ticket = phone.new_tab(), phone.new_tab()
    order.go(f"/orders/{bought.order_number}")
    ticket.go(bought.path())
    phone.go("/wallet")
    expect(ticket.qr).to_be_visible()

    remove(phone)

    expect(ticket.heading("Removed from this phone")).to_be_visible()
    expect(ticket.qr).to_have_count(0)
    expect(order.heading("Page not found")).to_be_visible()
    phone.expect_nothing_kept()


def test_the_next_person_sees_only_their_own(phone, tickets):
    first, second = tickets.buy(), tickets.buy()
    phone.keep(first.link)
    phone.go("/wallet")
    with phone.network.dead():
        remove(phone)

    phone.keep(second.link)

    phone.go("/wallet")
    expect(phone.page.get_by_role("heading", name=second.show.title)).to_be_visible()
    expect(phone.page.get_by_text(first.show.title)).to_have_count(0)
    assert set(phone.documents()) == {"/wallet", second.path()}


def test_page_from_the_browsers_memory_shows_nothing_after_a_removal(phone, tickets):
    """The way back restores a page as it was; then it must look whether it may still be seen."""
    bought = tickets.buy()
    phone.keep(bought.link)
    # An answer that is still on its way would be kept after the wipe.
    phone.go_and_check(bought.path())
    expect(phone.state).to_contain_text("Saved on this phone")
    phone.page.evaluate(_WIPE)
    phone.page.evaluate(
        "() => window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    )

    expect(phone.heading("Removed from this phone")).to_be_visible()
    expect(phone.qr).to_have_count(0)
