"""The name on a ticket: the buyer's to change until the event's deadline."""

from datetime import timedelta

import pytest

from tests.issued import first_ticket, make_order
from webapp.database import db
from webapp.domain import orders
from webapp.domain.ticket_names import change_ticket_name
from webapp.errors import InvalidRequest, NotFound
from webapp.models import AuditEntry, Order, TicketStatus
from webapp.order_refusals import AttendeesSettled, TicketNotValid
from webapp.transaction import transaction
from webapp.transfer_refusals import TicketGiven


def change(order: Order, serial_number: str, name: str, now) -> None:
    with transaction():
        change_ticket_name(
            order_id=order.id,
            serial_number=serial_number,
            name=name,
            now=now,
            trace_id="0" * 32,
        )


def test_name_changes_as_often_as_the_buyer_likes(app, clock):
    order = make_order(clock)
    serial_number = first_ticket(order).serial_number

    for name in ("  Grace   Example ", "Alan Example", "Grace Example"):
        change(order, serial_number, name, clock())

    assert first_ticket(order).attendee_name == "Grace Example"
    assert orders.list_tickets(order_id=order.id)[1].attendee_name == "Ada Example"


def test_every_change_is_noted_without_the_name_and_a_repeat_is_none(app, clock):
    order = make_order(clock)
    ticket = first_ticket(order)

    for _ in range(3):
        change(order, ticket.serial_number, "Grace Example", clock())

    (entry,) = db.session.query(AuditEntry).filter_by(action="attendee_changed")
    assert (entry.subject, entry.subject_id, entry.actor) == ("ticket", ticket.id, "buyer")
    assert "Grace" not in str(entry.details)


def test_another_name_on_a_named_ticket_makes_its_codes_new_and_keeps_its_serial(app, clock):
    order = make_order(clock)
    before = first_ticket(order)
    code, revision, serial_number = before.code, before.revision, before.serial_number

    change(order, serial_number, "Grace Example", clock())

    after = first_ticket(order)
    assert after.revision == revision + 1
    assert after.code != code
    assert after.serial_number == serial_number


@pytest.mark.parametrize(("had", "gets"), [("", "Grace Example"), ("Ada Example", "Ada  Example")])
def test_first_name_and_the_same_name_again_keep_the_codes(app, clock, had, gets):
    order = make_order(clock)
    ticket = first_ticket(order)
    ticket.attendee_name = had
    db.session.commit()
    before = (ticket.code, ticket.revision)

    change(order, ticket.serial_number, gets, clock())

    after = first_ticket(order)
    assert (after.code, after.revision) == before


def test_ticket_that_was_passed_on_is_not_the_buyers_to_name(app, clock):
    order = make_order(clock)
    ticket = first_ticket(order)
    ticket.holder_no = 2
    db.session.commit()

    with pytest.raises(TicketGiven):
        change(order, ticket.serial_number, "Grace", clock())


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "Grace\u202e"])
def test_what_is_no_name_is_refused_at_its_field(app, clock, name):
    order = make_order(clock)

    with pytest.raises(InvalidRequest) as refusal:
        change(order, first_ticket(order).serial_number, name, clock())

    assert [fault.field for fault in refusal.value.faults] == ["name"]
    assert first_ticket(order).attendee_name == "Ada Example"


def test_names_are_settled_when_the_event_begins(app, clock):
    order = make_order(clock)

    with pytest.raises(AttendeesSettled):
        change(order, first_ticket(order).serial_number, "Grace", order.event.starts_at)

    change(
        order, first_ticket(order).serial_number, "Grace", order.event.starts_at - timedelta(1e-5)
    )
    assert first_ticket(order).attendee_name == "Grace"


def test_organizer_may_settle_names_earlier(app, clock):
    order = make_order(clock, attendee_changes_until=clock() + timedelta(days=1))

    with pytest.raises(AttendeesSettled):
        change(
            order,
            first_ticket(order).serial_number,
            "Grace",
            clock() + timedelta(days=1, seconds=1),
        )


def test_void_ticket_keeps_its_name(app, clock):
    order = make_order(clock)
    ticket = first_ticket(order)
    ticket.status = TicketStatus.VOID
    db.session.commit()

    with pytest.raises(TicketNotValid):
        change(order, ticket.serial_number, "Grace", clock())


def test_ticket_of_another_order_is_not_found(app, clock):
    mine, other = make_order(clock), make_order(clock)

    with pytest.raises(NotFound):
        change(mine, first_ticket(other).serial_number, "Grace", clock())
