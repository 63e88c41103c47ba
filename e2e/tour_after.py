"""The way on from a paid order: what goes with it, names, and mails that got lost."""

from collections.abc import Iterator

from playwright.sync_api import expect

from e2e.party import Party
from tests.box_office import FESTIVAL


def following_up(party: Party) -> Iterator[str]:
    """What goes with an order, the names on its tickets, and mails that got lost."""
    buyer = party.buyer
    buyer.hold(FESTIVAL, "Day 1 pass", 2)
    buyer.page.get_by_label("Name").fill("Ada Example")
    yield from _saving(party)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(2)
    first = buyer.order_number
    expect(buyer.page.locator("#order-mail").get_by_text("Mailed to")).to_be_visible()
    yield "order-offer"
    buyer.page.get_by_text("Change the name").first.click()
    name = buyer.page.get_by_label("Who comes with this ticket").first
    # What a browser with its own checks does not send.
    name.evaluate("field => field.removeAttribute('maxlength')")
    name.fill("Ada " * 40)
    buyer.button("Save the name").first.click()
    expect(buyer.page.locator(".ticket .fault")).to_be_visible()
    yield "order-name-wrong"
    buyer.go(f"/orders/{first}")
    buyer.page.get_by_text("Replace the code").first.click()
    buyer.button("Make a new code").first.click()
    expect(buyer.page.get_by_text("This is a new code")).to_be_visible()
    buyer.page.get_by_text("Replace the code").first.click()
    yield "order-new-code"
    buyer.button("Continue").click()
    expect(buyer.page.get_by_text("Check your choice")).to_be_visible()
    yield "order-nothing-added"
    buyer.go(f"/orders/{first}")
    buyer.choose("Parking, all three days")
    buyer.go_on()
    yield "add-on-checkout"
    buyer.pay_button.click()
    buyer.payment_page.wait().pay()
    buyer.expect_heading("Thank you, it is paid")
    yield "add-on-order"
    buyer.page.get_by_role("link", name=first).click()
    expect(buyer.page.get_by_role("heading", name="Goes with this order")).to_be_visible()
    yield "order-with-add-on"
    buyer.go("/find-tickets")
    yield "find"
    buyer.page.get_by_label("Email").fill("nobody")
    buyer.page.locator("form.find").evaluate("form => { form.noValidate = true; }")
    buyer.button("Mail me my tickets").click()
    expect(buyer.page.locator(".fault")).to_be_visible()
    yield "find-wrong"
    buyer.page.get_by_label("Email").fill("ada@example.com")
    buyer.button("Mail me my tickets").click()
    buyer.expect_heading("Look into your mail")
    yield "find-sent"
    yield from _correcting_the_address(party, first)


def _correcting_the_address(party: Party, first: str) -> Iterator[str]:
    buyer = party.buyer
    party.programme.let_mails_come_back(first)
    buyer.go(f"/orders/{first}")
    expect(buyer.page.get_by_role("heading", name="Correct the address")).to_be_visible()
    yield "order-mail-lost"
    address = buyer.page.locator("#address")
    address.evaluate("field => { field.form.noValidate = true; }")
    address.fill("nobody")
    buyer.button("Save and mail it there").click()
    expect(buyer.page.locator("#address-fault")).to_be_visible()
    yield "order-address-wrong"
    address.fill("ada.right@example.com")
    buyer.button("Save and mail it there").click()
    expect(buyer.page.locator("#order-mail").get_by_text("Mailed to")).to_be_visible()


def _saving(party: Party) -> Iterator[str]:
    """A code that lowers the price in the checkout."""
    buyer = party.buyer
    buyer.page.get_by_text("Have a code?").click()
    buyer.page.get_by_label("Promotion or access code").fill("SALSA10")
    buyer.button("Use code").click()
    expect(buyer.page.get_by_text("Code SALSA10")).to_be_visible()
    yield "checkout-code-applied"
