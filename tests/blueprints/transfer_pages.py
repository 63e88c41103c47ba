"""Giving a ticket away in the browser: the steps that every test of it takes."""

from tests.blueprints.browser import let_in
from tests.transfers import FRIEND
from webapp.database import db
from webapp.domain import transfer_links
from webapp.domain.transfers import find_open_transfer
from webapp.extensions import signer
from webapp.models import TransferClaim

# A page of anybody's with a form, and so with a token.
FORM = "/find-tickets"
# What only a page that shows a ticket has.
SECRETS = ("qr-modules", "ticket-code")


def page_of(handover) -> str:
    return f"/tickets/{handover.ticket_id}/transfer"


def link_of(handover) -> str:
    """The path of the link that the holder sends."""
    transfer = find_open_transfer(ticket=handover.ticket)
    return f"/transfers/{transfer_links.seal_transfer_link(signer(), transfer)}"


def mailed_link(claim) -> str:
    return f"/claims/{transfer_links.seal_claim_link(signer(), claim)}"


def only_claim() -> TransferClaim:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(TransferClaim).one()


def make_link(browser, handover) -> str:
    let_in(browser, handover.order)
    browser.open(page_of(handover))
    assert browser.send(page_of(handover), number=1).status_code == 303
    browser.open(page_of(handover))
    return link_of(handover)


def accept(friend, link) -> None:
    friend.open(link)
    friend.send(f"{link}/claims", name="Grace Example", email=FRIEND)
    mailed = mailed_link(only_claim())
    friend.open(mailed)
    answer = friend.send(f"{mailed}/acceptance", name="Grace Example")
    assert answer.status_code == 303
    friend.open(answer.location)
