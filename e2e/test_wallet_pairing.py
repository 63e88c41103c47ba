"""A pairing code on the screen: it counts down, and is not shown once it works no longer."""

from playwright.sync_api import expect


def test_code_is_shown_for_as_long_as_it_works(phone, tickets):
    phone.keep(tickets.buy().link)
    phone.page.clock.install()
    phone.go("/wallet/pairing")
    phone.page.get_by_role("button", name="Make a code").click()
    code = phone.page.locator(".wallet-pairing-code")
    timer = phone.page.get_by_role("timer")
    expect(code).to_be_visible()
    expect(timer).to_contain_text("9:")

    phone.page.clock.fast_forward("09:30")
    expect(timer).to_contain_text("0:")
    expect(code).to_be_visible()

    phone.page.clock.fast_forward("00:31")
    expect(phone.page.get_by_text("This code works no longer. Make a new one.")).to_be_visible()
    expect(code).to_be_hidden()
    phone.page.get_by_role("link", name="Make a new code").click()
    expect(phone.page.get_by_role("button", name="Make a code")).to_be_visible()


def test_wrong_code_typed_into_the_empty_wallet_is_said_at_the_field(phone):
    phone.go("/wallet")
    phone.page.get_by_label("Pairing code").fill("ABCD 1234")
    phone.page.get_by_role("button", name="Show the tickets here").click()

    field = phone.page.get_by_label("Pairing code")
    expect(field).to_have_value("ABCD 1234")
    expect(field).to_be_focused()
    expect(phone.page.get_by_text("This code does not work.")).to_be_visible()
