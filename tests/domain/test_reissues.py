"""Another code for a ticket: what it replaces, and who may ask."""

import pytest

from tests.issued import first_ticket, make_order
from webapp.database import db
from webapp.domain import orders
from webapp.domain.reissues import LAST_REVISION, reissue_ticket
from webapp.errors import NotFound
from webapp.models import AuditEntry, EventStatus, Order, Ticket, TicketStatus
from webapp.order_refusals import CodesUsedUp, TicketNotValid
from webapp.transaction import transaction


def reissue(order: Order, serial_number: str, revision: int, now) -> bool:
    with transaction():
        return reissue_ticket(
            order_id=order.id,
            serial_number=serial_number,
            revision=revision,
            now=now,
            trace_id="0" * 32,
        )


def change_first_ticket(order: Order, **facts: object) -> Ticket:
    ticket = first_ticket(order)
    for name, value in facts.items():
        setattr(ticket, name, value)
    db.session.commit()
    return ticket


def test_new_codes_replace_those_of_one_ticket_and_are_noted(app, clock):
    order = make_order(clock)
    before, other = [(t.code, t.revision) for t in orders.list_tickets(order_id=order.id)]
    ticket = first_ticket(order)

    assert reissue(order, ticket.serial_number, 1, clock())

    after, untouched = orders.list_tickets(order_id=order.id)
    assert (after.revision, before[1]) == (2, 1)
    assert after.code != before[0]
    assert (untouched.code, untouched.revision) == other
    (entry,) = db.session.query(AuditEntry).filter_by(action="ticket_reissued")
    assert (entry.subject_id, entry.actor, entry.details["revision"]) == (after.id, "buyer", 2)
    assert after.code not in str(entry.details)


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_request_for_another_revision_than_the_present_does_nothing(app, clock, revision):
    order = make_order(clock)
    ticket = change_first_ticket(order, revision=2)
    code = ticket.code

    assert not reissue(order, ticket.serial_number, revision, clock())

    after = first_ticket(order)
    assert (after.code, after.revision) == (code, 2)
    assert db.session.query(AuditEntry).filter_by(action="ticket_reissued").count() == 0


def test_after_the_last_revision_there_is_no_other_code(app, clock):
    order = make_order(clock)
    ticket = change_first_ticket(order, revision=LAST_REVISION - 1)
    assert reissue(order, ticket.serial_number, LAST_REVISION - 1, clock())

    with pytest.raises(CodesUsedUp):
        reissue(order, ticket.serial_number, LAST_REVISION, clock())

    assert first_ticket(order).revision == LAST_REVISION


def test_ticket_of_another_order_or_passed_on_is_not_found(app, clock):
    mine, other = make_order(clock), make_order(clock)
    gone = change_first_ticket(mine, holder_no=2)

    for serial_number in (first_ticket(other).serial_number, gone.serial_number):
        with pytest.raises(NotFound):
            reissue(mine, serial_number, 1, clock())

    assert first_ticket(other).revision == first_ticket(mine).revision == 1


def test_void_ticket_gets_no_new_code(app, clock):
    order = make_order(clock)
    ticket = change_first_ticket(order, status=TicketStatus.VOID)

    with pytest.raises(TicketNotValid):
        reissue(order, ticket.serial_number, 1, clock())


def test_after_the_event_and_for_a_cancelled_one_there_is_no_new_code(app, clock):
    order = make_order(clock)
    serial_number = first_ticket(order).serial_number
    with pytest.raises(TicketNotValid):
        reissue(order, serial_number, 1, order.event.ends_at)
    order.event.status = EventStatus.CANCELLED
    db.session.commit()

    with pytest.raises(TicketNotValid):
        reissue(order, serial_number, 1, clock())
