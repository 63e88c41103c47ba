"""A ticket that is given away: the holder's pages, the friend's, and every end of a link."""

from collections.abc import Iterator

from playwright.sync_api import expect

from e2e.buyer import Buyer
from e2e.mailbox import Mailbox
from e2e.party import Party
from e2e.programme import TierSpec


def giving(party: Party) -> Iterator[str]:
    """The holder makes a link, and a friend asks for the ticket."""
    buyer = party.buyer
    number = _buy(party)
    buyer.page.get_by_role("link", name="Give to a friend").first.click()
    buyer.expect_heading("Give this ticket to a friend")
    yield "transfer"
    link = _make_link(buyer)
    yield "transfer-link"
    buyer.page.get_by_label("Your friend's email").fill("nobody@example")
    _send_unchecked(buyer, "Mail the link")
    yield "transfer-mail-wrong"
    buyer.go(f"/orders/{number}")
    yield "order-ticket-offered"
    buyer.page.goto(link)
    buyer.expect_heading("Ada gives you a ticket")
    yield "transfer-offer"
    buyer.page.get_by_label("Your email").fill("nobody")
    _send_unchecked(buyer, "Mail me the link")
    yield "transfer-offer-wrong"
    _ask(buyer, Mailbox(party.box_office))
    yield "transfer-claimed"


def accepting(party: Party) -> Iterator[str]:
    """The mails, the acceptance, and what the link and the order say from then on."""
    buyer, mailbox = party.buyer, Mailbox(party.box_office)
    number = _buy(party)
    buyer.page.get_by_role("link", name="Give to a friend").first.click()
    link = _make_link(buyer)
    buyer.page.goto(link)
    _ask(buyer, mailbox)
    mailed = mailbox.link_in("Accept your ticket")
    _show_mail(buyer, mailbox, "Accept your ticket")
    yield "mail-transfer-confirmation"
    buyer.page.goto(mailed)
    buyer.expect_heading("Your ticket is one press away")
    yield "transfer-claim"
    buyer.button("Accept the ticket").click()
    expect(buyer.qr_codes).to_have_count(1)
    yield "ticket-of-a-friend"
    _show_mail(buyer, mailbox, "Your ticket for")
    yield "mail-ticket-received"
    buyer.page.goto(mailed)
    buyer.expect_heading("This ticket is yours")
    yield "transfer-accepted"
    buyer.page.goto(link)
    buyer.expect_heading("This ticket was accepted already")
    yield "transfer-taken"
    buyer.go(f"/orders/{number}")
    expect(buyer.page.get_by_text("Given to a friend", exact=True)).to_be_visible()
    yield "order-ticket-given"


def _buy(party: Party) -> str:
    """Two tickets of Ada's; answers the number of the order, which is open now."""
    buyer = party.buyer
    show = party.programme.put_on(TierSpec("Front row, under the chestnut trees"))
    buyer.hold(show.slug, "Front row", 2)
    buyer.page.get_by_label("Name").fill("Ada Example")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(2)
    return buyer.order_number


def _make_link(buyer: Buyer) -> str:
    buyer.button("Make the link").click()
    link = buyer.page.locator(".handover-link")
    expect(link).to_be_visible()
    return link.inner_text()


def _ask(buyer: Buyer, mailbox: Mailbox) -> None:
    """Type who wants the ticket; whoever has the link is a friend, also on the same phone."""
    buyer.page.get_by_label("Your name").fill("Grace Example")
    buyer.page.get_by_label("Your email").fill(mailbox.address)
    buyer.button("Mail me the link").click()
    buyer.expect_heading("Look into your mail")


def _show_mail(buyer: Buyer, mailbox: Mailbox, subject: str) -> None:
    """On a page of its own: where the inbox shows it, no script may run, the judge's neither."""
    mail = mailbox.wait_for(subject)
    buyer.page.goto("about:blank")
    buyer.page.set_content(mail["html"])


def _send_unchecked(buyer: Buyer, button: str) -> None:
    """Send what a browser with its own checks does not send."""
    for form in buyer.page.locator("form.find").all():
        form.evaluate("form => { form.noValidate = true; }")
    buyer.button(button).click()
    expect(buyer.page.locator(".fault").first).to_be_visible()
