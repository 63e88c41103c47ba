"""Offers of a ticket to a friend: made, taken back, ended with the ticket."""

import re
import secrets
from datetime import datetime

from sqlalchemy import func, select, update

from webapp.database import db
from webapp.domain import audit, orders
from webapp.domain.ticket_names import can_change_names
from webapp.errors import NotFound
from webapp.models import (
    EventStatus,
    Ticket,
    TicketStatus,
    Transfer,
    TransferClaim,
    TransferStatus,
)
from webapp.models.ticket import FIRST_HOLDER
from webapp.transfer_refusals import (
    TicketGiven,
    TransferLapsed,
    TransfersClosed,
    TransferTaken,
    TransferTooLate,
    TransferWithdrawn,
)

REFERENCE_BYTES = 32
# A name is the only thing that one of the two reads of the other: nothing but letters.
_FIRST_NAME = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")  # noqa: RUF001 - as people write it
_LONGEST_FIRST_NAME = 30


def can_offer(ticket: Ticket, *, now: datetime) -> bool:
    """Whether its holder may give the ticket away: valid, and before the event's deadline."""
    return ticket.status is TicketStatus.VALID and can_change_names(
        event=ticket.order.event, now=now
    )


def find_open_transfer(*, ticket: Ticket) -> Transfer | None:
    """The offer of the ticket that a friend may accept, as far as the rows tell."""
    query = select(Transfer).where(
        Transfer.ticket_id == ticket.id,
        Transfer.status == TransferStatus.OFFERED,
        Transfer.from_holder_no == ticket.holder_no,
    )
    return db.session.scalars(query).one_or_none()


def list_offered_ids(*, order_id: int) -> set[int]:
    """The ids of an order's tickets that a friend may accept, as far as the rows tell."""
    query = (
        select(Transfer.ticket_id)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .where(
            Ticket.order_id == order_id,
            Transfer.status == TransferStatus.OFFERED,
            Transfer.from_holder_no == Ticket.holder_no,
        )
    )
    return set(db.session.scalars(query))


def last_number(*, ticket_id: int) -> int:
    """The number of the ticket's newest offer, 0 before the first."""
    query = select(func.coalesce(func.max(Transfer.number), 0)).where(
        Transfer.ticket_id == ticket_id
    )
    return int(db.session.scalar(query) or 0)


def offer_ticket(
    *, ticket_id: int, holder_no: int, number: int, now: datetime, trace_id: str
) -> Transfer | None:
    """Make offer ``number`` of the ticket, and end the one before: its link is dead.

    A number that was given out before is a repeat and changes nothing; answers
    the open offer, None when there is none any more. Raises :class:`TicketGiven`
    when ``holder_no`` holds the ticket no longer, :class:`TransfersClosed`.
    """
    ticket = lock_held_ticket(ticket_id=ticket_id, holder_no=holder_no)
    if number <= last_number(ticket_id=ticket.id):
        return find_open_transfer(ticket=ticket)
    if not can_offer(ticket, now=now):
        raise TransfersClosed
    previous = find_open_transfer(ticket=ticket)
    if previous is not None:
        _close(previous, TransferStatus.WITHDRAWN, now=now)
        _note(previous, "transfer_replaced", now=now, trace_id=trace_id)
        # The index allows one open offer: the old one has to be closed before.
        db.session.flush()
    transfer = Transfer(
        ticket_id=ticket.id,
        number=last_number(ticket_id=ticket.id) + 1,
        from_holder_no=ticket.holder_no,
        reference=secrets.token_urlsafe(REFERENCE_BYTES),
        status=TransferStatus.OFFERED,
        created_at=now,
    )
    db.session.add(transfer)
    db.session.flush()
    _note(transfer, "transfer_offered", now=now, trace_id=trace_id)
    return transfer


def withdraw_transfer(
    *, ticket_id: int, holder_no: int, number: int, now: datetime, trace_id: str
) -> None:
    """Take offer ``number`` of the ticket back; one that is over already stays as it is.

    Raises :class:`TicketGiven` when a friend was faster.
    """
    ticket = lock_held_ticket(ticket_id=ticket_id, holder_no=holder_no)
    transfer = find_open_transfer(ticket=ticket)
    if transfer is None or transfer.number != number:
        return
    _close(transfer, TransferStatus.WITHDRAWN, now=now)
    _note(transfer, "transfer_withdrawn", now=now, trace_id=trace_id)


def withdraw_offers(*, order_id: int, actor: str, now: datetime, trace_id: str) -> None:
    """Take back what is offered of an order by its buyer's links, for the ``actor``.

    The caller holds the order's lock.
    """
    query = (
        select(Transfer)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .where(
            Ticket.order_id == order_id,
            Transfer.from_holder_no == FIRST_HOLDER,
            Transfer.status == TransferStatus.OFFERED,
        )
    )
    for transfer in db.session.scalars(query).all():
        _close(transfer, TransferStatus.WITHDRAWN, now=now)
        _note(transfer, "transfer_withdrawn", actor=actor, now=now, trace_id=trace_id)


def lapse_transfers(*, order_id: int, now: datetime, trace_id: str) -> None:
    """End the open offers of an order's void tickets. The caller holds the order's lock."""
    query = (
        select(Transfer)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .where(
            Ticket.order_id == order_id,
            Ticket.status == TicketStatus.VOID,
            Transfer.status == TransferStatus.OFFERED,
        )
    )
    for transfer in db.session.scalars(query).all():
        _close(transfer, TransferStatus.LAPSED, now=now)
        _note(transfer, "transfer_lapsed", actor="system", now=now, trace_id=trace_id)


def check_open(transfer: Transfer, *, now: datetime) -> None:
    """Raise the :class:`TransferOver` that says why nobody can accept the offer."""
    ticket = transfer.ticket
    if transfer.status is TransferStatus.ACCEPTED:
        raise TransferTaken
    if transfer.status is TransferStatus.WITHDRAWN or ticket.holder_no != transfer.from_holder_no:
        raise TransferWithdrawn
    is_off = ticket.order.event.status is not EventStatus.PUBLISHED
    if transfer.status is TransferStatus.LAPSED or ticket.status is TicketStatus.VOID or is_off:
        raise TransferLapsed
    if not can_offer(ticket, now=now):
        raise TransferTooLate


def find_present_claim(*, ticket: Ticket) -> TransferClaim | None:
    """How its present holder came to the ticket; None for the buyer."""
    return find_claim_of_holder(ticket_id=ticket.id, holder_no=ticket.holder_no)


def find_claim_of_holder(*, ticket_id: int, holder_no: int) -> TransferClaim | None:
    """How holder ``holder_no`` came to the ticket; None for the buyer."""
    query = (
        select(TransferClaim)
        .join(Transfer, Transfer.id == TransferClaim.transfer_id)
        .where(
            Transfer.ticket_id == ticket_id,
            Transfer.from_holder_no == holder_no - 1,
            TransferClaim.accepted_at.is_not(None),
        )
    )
    return db.session.scalars(query).one_or_none()


def first_name(name: str) -> str:
    """The first word of a name, empty unless it is one: an address or an advert is none."""
    word = next(iter(name.split()), "")
    is_name = len(word) <= _LONGEST_FIRST_NAME and _FIRST_NAME.fullmatch(word)
    return word if is_name else ""


def holder_name(ticket: Ticket) -> str:
    """The first name of whoever holds the ticket: of the buyer, not of the guest named on it."""
    return first_name(ticket.attendee_name if ticket.is_given else ticket.order.contact_name)


def lock_order_and_ticket(*, ticket_id: int) -> Ticket:
    """The ticket with its order, both fresh and locked, the order first.

    Raises :class:`NotFound`.
    """
    order_id = db.session.scalar(select(Ticket.order_id).where(Ticket.id == ticket_id))
    if order_id is None:
        raise NotFound
    # As refunds and renamings do.
    orders.lock_order(order_id=order_id)
    query = (
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).one()


def lock_held_ticket(*, ticket_id: int, holder_no: int) -> Ticket:
    """The ticket, locked, for its holder. Raises :class:`TicketGiven` for a former one."""
    ticket = lock_order_and_ticket(ticket_id=ticket_id)
    if ticket.holder_no != holder_no:
        raise TicketGiven
    return ticket


def close_accepted(transfer: Transfer, *, now: datetime, trace_id: str) -> None:
    """Mark the offer as accepted; the caller has moved the ticket on."""
    _close(transfer, TransferStatus.ACCEPTED, now=now)
    _note(transfer, "transfer_accepted", actor="friend", now=now, trace_id=trace_id)


def _close(transfer: Transfer, status: TransferStatus, *, now: datetime) -> None:
    """Move an open offer to its end, once: the guard makes a lost race loud."""
    closed = (
        update(Transfer)
        .where(Transfer.id == transfer.id, Transfer.status == TransferStatus.OFFERED)
        .values(status=status, closed_at=now)
        .returning(Transfer.id)
    )
    db.session.scalars(closed).one()


def _note(
    transfer: Transfer, action: str, *, actor: str = "", now: datetime, trace_id: str
) -> None:
    """Append to the trail: which offer of which holder, and never who it is."""
    audit.note(
        subject="ticket",
        subject_id=transfer.ticket_id,
        action=action,
        actor=actor or ("buyer" if transfer.from_holder_no == FIRST_HOLDER else "holder"),
        details={"transfer": transfer.number, "from_holder_no": transfer.from_holder_no},
        now=now,
        trace_id=trace_id,
    )
