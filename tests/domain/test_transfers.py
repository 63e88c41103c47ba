"""A ticket that is offered: by its holder, until the deadline, one link at a time."""

from datetime import timedelta

import pytest

from webapp.database import db
from webapp.domain import transfers
from webapp.errors import NotFound
from webapp.models import AuditEntry, EventStatus, TicketStatus, Transfer, TransferStatus
from webapp.transfer_refusals import (
    TicketGiven,
    TransferLapsed,
    TransfersClosed,
    TransferTooLate,
    TransferWithdrawn,
)


def statuses():
    db.session.rollback()
    db.session.expire_all()
    return [each.status for each in db.session.query(Transfer).order_by(Transfer.id)]


def test_offer_changes_nothing_about_the_ticket(handover):
    before = handover.ticket
    facts = (before.code, before.revision, before.holder_no, before.attendee_name)

    handover.offer()

    after = handover.ticket
    assert (after.code, after.revision, after.holder_no, after.attendee_name) == facts


def test_same_form_sent_twice_makes_one_link(handover):
    first = handover.offer(number=1)
    again = handover.offer(number=1)

    assert again.reference == first.reference
    assert statuses() == [TransferStatus.OFFERED]


def test_new_link_ends_the_old_one(handover):
    old = handover.offer()
    new = handover.offer()

    assert statuses() == [TransferStatus.WITHDRAWN, TransferStatus.OFFERED]
    assert old.reference != new.reference
    with pytest.raises(TransferWithdrawn):
        handover.claim(old)


def test_holder_takes_the_link_back_at_any_moment(handover):
    transfer = handover.offer()
    claim = handover.claim(transfer)

    for _ in range(2):
        handover.withdraw(number=transfer.number)

    with pytest.raises(TransferWithdrawn):
        handover.accept(claim)
    assert handover.ticket.holder_no == 1
    assert statuses() == [TransferStatus.WITHDRAWN]


def test_stale_form_does_not_take_a_newer_link_back(handover):
    old = handover.offer()
    handover.offer()

    handover.withdraw(number=old.number)

    assert statuses() == [TransferStatus.WITHDRAWN, TransferStatus.OFFERED]


def test_former_holder_can_neither_offer_nor_withdraw(handover):
    handover.give_to()

    with pytest.raises(TicketGiven):
        handover.offer(holder_no=1)
    with pytest.raises(TicketGiven):
        handover.withdraw(number=1, holder_no=1)


def test_void_ticket_is_not_offered(handover):
    handover.ticket.status = TicketStatus.VOID
    db.session.commit()

    with pytest.raises(TransfersClosed):
        handover.offer()


def test_event_that_was_called_off_ends_offers(handover):
    transfer = handover.offer()
    claim = handover.claim(transfer)
    handover.event.status = EventStatus.CANCELLED
    db.session.commit()

    with pytest.raises(TransferLapsed):
        handover.accept(claim)
    with pytest.raises(TransfersClosed):
        handover.offer()
    assert handover.ticket.holder_no == 1


def test_offers_end_with_the_deadline_to_the_second(handover, clock):
    handover.event.attendee_changes_until = clock() + timedelta(days=1)
    db.session.commit()
    transfer = handover.offer()
    clock.advance(hours=23, minutes=59, seconds=59)
    claim = handover.claim(transfer)
    clock.advance(seconds=1)

    with pytest.raises(TransferTooLate):
        handover.accept(claim)
    with pytest.raises(TransfersClosed):
        handover.offer()
    assert handover.ticket.holder_no == 1


def test_deadline_that_is_moved_moves_the_offers_with_it(handover, clock):
    handover.event.attendee_changes_until = clock() + timedelta(days=1)
    db.session.commit()
    transfer = handover.offer()
    clock.advance(days=2)
    handover.event.attendee_changes_until = clock() + timedelta(days=1)
    db.session.commit()

    handover.accept(handover.claim(transfer))

    assert handover.ticket.holder_no == 2


def test_unknown_ticket_is_not_found(app, clock):
    with pytest.raises(NotFound):
        transfers.lock_order_and_ticket(ticket_id=4711)


def test_trail_names_nobody(handover):
    transfer = handover.offer()
    handover.withdraw(number=transfer.number)
    handover.give_to()

    entries = db.session.query(AuditEntry).filter_by(subject="ticket").order_by(AuditEntry.id)
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("transfer_offered", "buyer"),
        ("transfer_withdrawn", "buyer"),
        ("transfer_offered", "buyer"),
        ("transfer_accepted", "friend"),
    ]
    assert {frozenset(entry.details) for entry in entries} == {
        frozenset({"transfer", "from_holder_no"})
    }


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada Example", "Ada"),
        ("Jean-Luc P.", "Jean-Luc"),
        ("D'Arcy", "D'Arcy"),
        ("Zoë", "Zoë"),
        ("", ""),
        ("win.example.com now", ""),
        ("http://evil", ""),
        ("Ada1", ""),
        ("a@example.com", ""),
        ("x" * 31, ""),
    ],
)
def test_first_name_is_letters_or_nothing(typed, shown):
    assert transfers.first_name(typed) == shown
