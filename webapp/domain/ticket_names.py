"""The name on a ticket, as the buyer changes it until the event's deadline."""

from datetime import datetime

from webapp.domain import audit, orders, pass_updates, tickets
from webapp.domain.contacts import check_name
from webapp.domain.reissues import replace_codes
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import Event, EventStatus, TicketStatus
from webapp.order_refusals import AttendeesSettled, TicketNotValid
from webapp.transfer_refusals import TicketGiven
from webapp.wording import n_


def changes_end_at(event: Event) -> datetime:
    """The moment from which names stay as they are."""
    return event.attendee_changes_until or event.starts_at


def can_change_names(*, event: Event, now: datetime) -> bool:
    """Whether names may be changed at ``now``."""
    return event.status is EventStatus.PUBLISHED and now < changes_end_at(event)


def change_ticket_name(
    *, order_id: int, serial_number: str, name: str, now: datetime, trace_id: str
) -> None:
    """Put another name on one ticket of an order, as often as the buyer likes.

    A ticket that had a name before gets new codes with the other one. The same
    name again is a no-op. Raises :class:`NotFound`, :class:`TicketGiven` when a
    friend has it, :class:`AttendeesSettled` after the deadline,
    :class:`TicketNotValid`, :class:`CodesUsedUp`, and :class:`InvalidRequest` for
    the field ``name``.
    """
    order = orders.lock_order(order_id=order_id)
    ticket = tickets.lock_ticket(order_id=order.id, serial_number=serial_number)
    if ticket.is_given:
        raise TicketGiven
    if ticket.status is not TicketStatus.VALID:
        raise TicketNotValid
    if not can_change_names(event=order.event, now=now):
        raise AttendeesSettled
    checked = _checked(name)
    if checked == ticket.attendee_name:
        return
    if ticket.attendee_name:
        # Whoever was to come before has the code, perhaps on paper.
        replace_codes(ticket)
    ticket.attendee_name = checked
    # That it was changed, not to what: the trail is kept for ever.
    audit.note(
        subject="ticket",
        subject_id=ticket.id,
        action="attendee_changed",
        actor="buyer",
        details={"order": order.number, "ticket": serial_number, "revision": ticket.revision},
        now=now,
        trace_id=trace_id,
    )
    pass_updates.note_tickets_changed(ticket_ids=[ticket.id], now=now, trace_id=trace_id)


def _checked(typed: str) -> str:
    faults: list[FieldFault] = []
    name = check_name(typed, field="name", faults=faults)
    if not name and not faults:
        faults.append(FieldFault("name", n_("Enter the name of the person who comes.")))
    if faults:
        raise InvalidRequest(faults)
    return name
