"""Staff end the links of an order: whoever read the buyer's mail has nothing that opens a door."""

import pytest
from flask.testing import FlaskCliRunner

from tests.blueprints.bought import buy_ticket
from tests.blueprints.browser import Browser, let_in
from tests.blueprints.wallets import keep, kept_ids, new_phone, pass_on, ticket_ids
from tests.issued import make_order, tickets_of
from tests.transfers import Handover
from webapp.database import db
from webapp.domain import access, emails
from webapp.domain.reissues import LAST_REVISION
from webapp.extensions import signer
from webapp.models import AuditEntry, EmailMessage, Order, OrderStatus, TicketStatus, TransferStatus


@pytest.fixture
def run(app) -> FlaskCliRunner:
    return app.test_cli_runner()


def revoke(run: FlaskCliRunner, order: Order, *options: str) -> str:
    answer = run.invoke(args=["revoke-order-links", order.number, *options])
    assert answer.exit_code == 0, answer.output
    db.session.rollback()
    db.session.expire_all()
    return answer.output


def codes_of(order: Order) -> dict[int, tuple[str, int]]:
    return {ticket.id: (ticket.code, ticket.revision) for ticket in tickets_of(order)}


def confirmations(order: Order) -> list[int]:
    mails = db.session.query(EmailMessage).filter_by(
        order_id=order.id, kind=emails.ORDER_CONFIRMATION
    )
    return sorted(mail.sequence for mail in mails)


def test_reader_of_the_mail_loses_everything_and_the_buyer_has_it_by_the_new_link(app, run, clock):
    order = make_order(clock)
    old_link, before = access.seal_order_link(signer(), order), codes_of(order)
    reader = new_phone(app, order)
    assert reader.open(f"/orders/{order.number}").status_code == 200

    output = revoke(run, order)

    assert "2 ticket(s) have another code." in output
    assert "A new link is on its way by mail." in output
    assert kept_ids(reader) == set()
    assert reader.open(f"/orders/{order.number}").status_code == 404
    assert reader.open(f"/o/{old_link}").status_code == 404
    after = codes_of(order)
    assert all(after[ticket][0] != code for ticket, (code, _) in before.items())
    assert [revision for _, revision in after.values()] == [2, 2]
    assert confirmations(order) == [1, 2]
    buyer = new_phone(app)
    keep(buyer, db.session.get_one(Order, order.id))
    assert kept_ids(buyer) == set(ticket_ids(order))


def test_ticket_of_a_friend_stays_and_an_open_offer_ends(app, run, clock):
    handover = Handover.begin(clock)
    transfer = handover.offer()
    given = ticket_ids(handover.order)[1]
    pass_on(given)
    before = codes_of(handover.order)

    revoke(run, handover.order)

    assert db.session.get_one(type(transfer), transfer.id).status is TransferStatus.WITHDRAWN
    after = codes_of(handover.order)
    assert after[given] == before[given]
    assert after[handover.ticket_id] != before[handover.ticket_id]


def test_a_repeat_does_it_once_more_and_each_is_noted(run, clock):
    order = make_order(clock)

    revoke(run, order)
    revoke(run, order)

    assert db.session.get_one(Order, order.id).link_version == 3
    assert [revision for _, revision in codes_of(order).values()] == [3, 3]
    assert confirmations(order) == [1, 2, 3]
    entries = db.session.query(AuditEntry).filter_by(action="links_revoked")
    assert [
        (entry.actor, entry.details["link_version"]) for entry in entries.order_by(AuditEntry.id)
    ] == [
        ("staff", 2),
        ("staff", 3),
    ]


def test_no_mail_goes_to_a_mailbox_that_is_not_safe(run, clock):
    order = make_order(clock)

    assert "No mail was written." in revoke(run, order, "--without-mail")

    assert confirmations(order) == [1]


def test_what_cannot_have_another_code_is_named_and_void_tickets_are_left_alone(run, clock):
    order = make_order(clock)
    worn, void = tickets_of(order)
    worn.revision, void.status, void.voided_at = LAST_REVISION, TicketStatus.VOID, clock()
    db.session.commit()
    before = codes_of(order)

    output = revoke(run, order)

    assert f"Replaced too often to get another code: {worn.serial_number}." in output
    assert "0 ticket(s) have another code." in output
    assert codes_of(order) == before


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.EXPIRED])
def test_order_that_was_never_paid_has_links_to_end_and_no_mail(run, clock, status):
    order = make_order(clock, status=status)

    assert "No mail was written." in revoke(run, order)

    assert db.session.get_one(Order, order.id).link_version == 2


def test_unknown_order_is_said_to_be_unknown(run):
    answer = run.invoke(args=["revoke-order-links", "EVE-1"])

    assert answer.exit_code == 1
    assert "There is no order EVE-1." in answer.output


@pytest.fixture
def bought(app, browser, gateway, ports, clock) -> Order:
    """Bought in ``browser``, whose link to go on elsewhere was mailed."""
    return buy_ticket(browser, email="guest@example.com", gateway=gateway, ports=ports, clock=clock)


def checkout_links(order: Order) -> list[str]:
    checkout = order.checkout
    return [
        f"/continue/{access.seal_handover(signer(), checkout)}",
        f"/c/{access.seal_checkout_link(signer(), checkout.reference)}",
    ]


@pytest.mark.parametrize("which", [0, 1])
def test_links_of_the_checkout_end_with_those_of_the_order(app, run, bought, which):
    link = checkout_links(bought)[which]
    page = f"/orders/{bought.number}"
    reader, late_reader = Browser(app), Browser(app)
    assert reader.open(link).status_code == 303
    assert reader.open(page).status_code == 200
    ticket = f"/wallet/tickets/{ticket_ids(bought)[0]}"

    revoke(run, bought)
    late_reader.open(link)

    for browser in (reader, late_reader):
        assert browser.open(page).status_code == 404
        assert browser.open(f"{page}/tickets.pdf").status_code == 404
        assert browser.open(ticket).status_code == 404


def test_buyer_comes_back_by_the_new_mail_and_is_known_as_who_bought(run, browser, bought):
    revoke(run, bought)
    assert browser.open(f"/orders/{bought.number}").status_code == 404

    page = let_in(browser, db.session.get_one(Order, bought.id))

    assert browser.open(page).status_code == 200
    with browser.client.session_transaction() as session:
        assert bought.checkout.reference in session["checkouts"]
