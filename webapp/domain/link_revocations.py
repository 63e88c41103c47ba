"""Every link of an order ended at once, for when somebody else may have read the buyer's mail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.domain import audit, emails, orders, pass_updates, reissues, resends, tickets, transfers
from webapp.models import Order, Ticket, TicketStatus
from webapp.order_refusals import CodesUsedUp


@dataclass(frozen=True, slots=True)
class Revocation:
    """What became of an order whose links were revoked.

    ``replaced`` tickets have another code; ``kept`` ones, as serial numbers, are
    valid still under the code that they had. ``is_mailed`` says that the new
    link is on its way.
    """

    replaced: int
    kept: Sequence[str]
    is_mailed: bool


def revoke_order_links(
    *, number: str, is_mail_wanted: bool, now: datetime, trace_id: str
) -> Revocation:
    """End what links, browsers and wallets were let into this order, for staff.

    Tickets that are still the buyer's get another code, and offers of them are
    withdrawn: whoever has the old link has nothing that opens a door. The buyer
    gets a new link by mail, to the address on file. A ticket that a friend
    accepted stays the friend's. A repeat does all of it once more.
    Raises :class:`NotFound`.
    """
    order = orders.lock_order(order_id=orders.get_order(number=number).id)
    ended = end_links(order, actor="staff", now=now, trace_id=trace_id)
    is_mailed = is_mail_wanted and resends.can_resend(order)
    if is_mailed:
        _mail_new_link(order, now=now, trace_id=trace_id)
    return replace(ended, is_mailed=is_mailed)


def end_links(order: Order, *, actor: str, now: datetime, trace_id: str) -> Revocation:
    """End the links of a locked order, its buyer's codes and offers, and mail nothing."""
    order.link_version += 1
    own = [ticket for ticket in _lock_valid_tickets(order) if not ticket.is_given]
    kept = [ticket.serial_number for ticket in own if not _has_replaced(ticket)]
    transfers.withdraw_offers(order_id=order.id, actor=actor, now=now, trace_id=trace_id)
    pass_updates.note_tickets_changed(
        ticket_ids=[ticket.id for ticket in own], now=now, trace_id=trace_id
    )
    audit.note(
        subject="order",
        subject_id=order.id,
        action="links_revoked",
        actor=actor,
        details={"order": order.number, "link_version": order.link_version, "kept": kept},
        now=now,
        trace_id=trace_id,
    )
    return Revocation(replaced=len(own) - len(kept), kept=kept, is_mailed=False)


def _lock_valid_tickets(order: Order) -> list[Ticket]:
    serials = [ticket.serial_number for ticket in orders.list_tickets(order_id=order.id)]
    locked = (tickets.lock_ticket(order_id=order.id, serial_number=serial) for serial in serials)
    return [ticket for ticket in locked if ticket.status is TicketStatus.VALID]


def _has_replaced(ticket: Ticket) -> bool:
    try:
        reissues.replace_codes(ticket)
    except CodesUsedUp:
        return False
    return True


def _mail_new_link(order: Order, *, now: datetime, trace_id: str) -> None:
    """Another confirmation, however many there were: the one under way may have the old link."""
    last = resends.find_confirmation(order_id=order.id)
    emails.queue_email(
        order_id=order.id,
        kind=emails.ORDER_CONFIRMATION,
        sequence=last.sequence + 1 if last else 1,
        now=now,
        trace_id=trace_id,
    )
