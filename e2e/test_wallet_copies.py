"""A phone that another one removed shows nothing any more, once it has heard of it."""

from playwright.sync_api import expect

from e2e.phone import Phone


def pair(owner: Phone, guest: Phone) -> None:
    """Let the guest's phone have the owner's tickets, by a code."""
    owner.go("/wallet/pairing")
    owner.page.get_by_role("button", name="Make a code").click()
    code = owner.page.locator(".wallet-pairing-code").inner_text()
    guest.go("/wallet/pairing")
    guest.page.get_by_label("Pairing code").fill(code)
    guest.page.get_by_role("button", name="Show the tickets here").click()
    expect(guest.state).to_contain_text("Saved on this phone")


def remove_guest(owner: Phone) -> None:
    owner.go("/wallet/pairing")
    owner.page.get_by_role("button", name="Remove from that phone").click()
    expect(owner.page.locator("#wallet-copies")).to_contain_text("No other phone has them.")


def test_removed_phone_deletes_its_tickets_when_it_is_online(new_phone, tickets):
    owner, guest = new_phone(), new_phone()
    bought = tickets.buy(2)
    owner.keep(bought.link)
    pair(owner, guest)
    guest.go_and_check(bought.path())
    other_tab = guest.new_tab()
    other_tab.go("/wallet")
    expect(other_tab.state).to_contain_text("Saved on this phone")

    remove_guest(owner)
    expect(guest.qr).to_be_visible()
    guest.ask_now()

    expect(guest.heading("Removed from this phone")).to_be_visible()
    expect(guest.qr).to_have_count(0)
    expect(other_tab.heading("Removed from this phone")).to_be_visible()
    guest.expect_nothing_kept()
    guest.go("/wallet")
    expect(guest.page.get_by_label("Pairing code")).to_be_visible()
    guest.go(bought.path())
    expect(guest.heading("Page not found")).to_be_visible()
    owner.go_and_check(bought.path())
    expect(owner.qr).to_be_visible()


def test_phone_that_was_closed_meanwhile_hears_of_it_at_its_next_opening(new_phone, tickets):
    owner, guest = new_phone(), new_phone()
    bought = tickets.buy()
    owner.keep(bought.link)
    pair(owner, guest)
    guest.go_and_check(bought.path())
    guest.page.goto("about:blank")
    remove_guest(owner)

    guest.go(bought.path())

    expect(guest.heading("Removed from this phone")).to_be_visible()
    guest.expect_nothing_kept()


def test_phone_that_opened_the_order_itself_loses_that_too(new_phone, tickets):
    owner, guest = new_phone(), new_phone()
    bought = tickets.buy()
    guest.keep(bought.link)
    pair(guest, owner)
    guest.go(f"/orders/{bought.order_number}")
    expect(guest.page.get_by_role("link", name="Open your tickets")).to_be_visible()
    remove_guest(owner)

    guest.go(f"/orders/{bought.order_number}")

    expect(guest.heading("Page not found")).to_be_visible()
    guest.go("/wallet")
    expect(guest.heading("Removed from this phone")).to_be_visible()
    guest.expect_nothing_kept()


def test_mail_brings_the_tickets_back_to_a_removed_phone(new_phone, tickets):
    owner, guest = new_phone(), new_phone()
    bought = tickets.buy()
    owner.keep(bought.link)
    pair(owner, guest)
    remove_guest(owner)

    guest.keep(bought.link)

    guest.go(bought.path())
    expect(guest.qr).to_be_visible()
    assert len(guest.wallets()) == len(guest.rows()) == 1
