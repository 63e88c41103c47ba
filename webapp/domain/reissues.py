"""Another code for a ticket, so that prints and screenshots from before open nothing."""

from datetime import datetime

from webapp.domain import audit, orders, pass_updates, tickets
from webapp.errors import NotFound
from webapp.models import Event, Ticket, TicketStatus
from webapp.order_refusals import CodesUsedUp, TicketNotValid

# Two bytes of the signed ticket.
LAST_REVISION = 65535


def can_reissue(*, event: Event, now: datetime) -> bool:
    """Whether a new code still makes a difference at ``now``."""
    return event.is_on(now=now)


def replace_codes(ticket: Ticket) -> None:
    """Give a locked ticket its next revision and another printed code.

    What was signed under an earlier revision stays genuine and opens no door
    that has the list. Raises :class:`CodesUsedUp` after the last revision.
    """
    if ticket.revision >= LAST_REVISION:
        raise CodesUsedUp
    ticket.revision += 1
    ticket.code = tickets.new_ticket_code()


def reissue_ticket(
    *, order_id: int, serial_number: str, revision: int, now: datetime, trace_id: str
) -> bool:
    """Replace the codes of one ticket of an order that its buyer holds.

    ``revision`` is the one that the buyer saw: when it was replaced since, by a
    first click or in another tab, nothing is done and the answer is False.
    Raises :class:`NotFound`, :class:`TicketNotValid` also when the event is
    over, and :class:`CodesUsedUp`.
    """
    order = orders.lock_order(order_id=order_id)
    ticket = tickets.lock_ticket(order_id=order.id, serial_number=serial_number)
    if ticket.is_given:
        raise NotFound
    if ticket.status is not TicketStatus.VALID or not can_reissue(event=order.event, now=now):
        raise TicketNotValid
    if ticket.revision != revision:
        return False
    replace_codes(ticket)
    audit.note(
        subject="ticket",
        subject_id=ticket.id,
        action="ticket_reissued",
        actor="buyer",
        details={"order": order.number, "ticket": serial_number, "revision": ticket.revision},
        now=now,
        trace_id=trace_id,
    )
    pass_updates.note_tickets_changed(ticket_ids=[ticket.id], now=now, trace_id=trace_id)
    return True
