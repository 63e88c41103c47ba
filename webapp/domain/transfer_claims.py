"""Who wants an offered ticket, and the acceptance that makes it theirs."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select

from webapp.database import db
from webapp.domain import pass_updates, push_messages, reissues, transfer_mails, transfers
from webapp.domain.contacts import check_contact
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import EmailMessage, Event, Ticket, Transfer, TransferClaim
from webapp.models.ledger import UNDER_WAY
from webapp.transfer_refusals import NothingOffered, TicketGiven, TooManyTransferMails
from webapp.wording import n_

UNFINISHED_KEPT_FOR = timedelta(days=30)


def invite_friend(
    *, ticket_id: int, holder_no: int, email: str, locale: str, now: datetime, trace_id: str
) -> TransferClaim:
    """Mail the open offer to an address that the holder typed; its link accepts at one press.

    Raises :class:`InvalidRequest` for ``email``, :class:`TicketGiven`,
    :class:`NothingOffered`, :class:`TransferOver`, :class:`TooManyTransferMails`.
    """
    address, _ = _checked(email=email, name="", is_name_needed=False)
    ticket = transfers.lock_held_ticket(ticket_id=ticket_id, holder_no=holder_no)
    transfer = transfers.find_open_transfer(ticket=ticket)
    if transfer is None:
        raise NothingOffered
    transfers.check_open(transfer, now=now)
    claim = _claim_of(transfer, email=address, is_invited=True, locale=locale, now=now)
    transfer_mails.ask_claim(
        claim=claim, kind=transfer_mails.TRANSFER_OFFER, now=now, trace_id=trace_id
    )
    return claim


def claim_ticket(
    *, transfer_id: int, email: str, name: str, locale: str, now: datetime, trace_id: str
) -> TransferClaim:
    """Take down who opened the link, and mail them the one that accepts.

    The same address again is the same claim. Raises :class:`InvalidRequest` for
    ``email`` and ``name``, :class:`TransferOver`, :class:`TooManyTransferMails`.
    """
    address, checked_name = _checked(email=email, name=name)
    transfer = db.session.get_one(Transfer, transfer_id)
    transfers.lock_order_and_ticket(ticket_id=transfer.ticket_id)
    db.session.refresh(transfer)
    transfers.check_open(transfer, now=now)
    claim = _claim_of(transfer, email=address, locale=locale, now=now)
    claim.name = checked_name
    transfer_mails.ask_claim(
        claim=claim, kind=transfer_mails.TRANSFER_CONFIRMATION, now=now, trace_id=trace_id
    )
    return claim


def accept_ticket(*, claim_id: int, name: str, locale: str, now: datetime, trace_id: str) -> Ticket:
    """Make the ticket the claim's: once, and of one claim, whoever presses when.

    Everything that showed the ticket before is dead with the same commit: its
    code, its signed revision, and all that was granted to the former holder.
    A repeat by the new holder is a no-op. Raises :class:`InvalidRequest` for
    ``name``, :class:`TransferOver`, :class:`CodesUsedUp`, and :class:`TicketGiven`
    when the ticket has gone on to somebody else since.
    """
    claim = db.session.get_one(TransferClaim, claim_id)
    transfer = claim.transfer
    ticket = transfers.lock_order_and_ticket(ticket_id=transfer.ticket_id)
    db.session.refresh(transfer)
    db.session.refresh(claim)
    if claim.accepted_at is not None:
        if not holds_ticket(claim):
            raise TicketGiven
        return ticket
    transfers.check_open(transfer, now=now)
    _, claim.name = _checked(email=claim.email, name=name or claim.name)
    former_address = ticket.holder_email or ticket.order.contact_email
    _hand_over(ticket, claim)
    pass_updates.note_tickets_changed(ticket_ids=[ticket.id], now=now, trace_id=trace_id)
    claim.locale = locale
    claim.accepted_at = now
    transfers.close_accepted(transfer, now=now, trace_id=trace_id)
    for kind, recipient in (
        (transfer_mails.TICKET_RECEIVED, claim.email),
        (transfer_mails.TICKET_GIVEN, former_address),
    ):
        transfer_mails.queue_transfer_mail(
            claim=claim, kind=kind, recipient=recipient, now=now, trace_id=trace_id
        )
    push_messages.queue_push(
        kind=push_messages.TICKET_GIVEN,
        ticket_id=ticket.id,
        holder_no=transfer.from_holder_no,
        now=now,
        trace_id=trace_id,
    )
    return ticket


def holds_ticket(claim: TransferClaim) -> bool:
    """Whether the ticket is the claim's now: accepted, and not given on since."""
    transfer = claim.transfer
    return (
        claim.accepted_at is not None and transfer.ticket.holder_no == transfer.from_holder_no + 1
    )


def delete_unfinished(*, now: datetime, limit: int) -> int:
    """Forget at most ``limit`` people who never confirmed, with their mails; say how many.

    That is :data:`UNFINISHED_KEPT_FOR` after the offer ended or could be accepted no
    more: most are strangers' addresses that somebody typed. Should the event's
    deadline be moved after that, they may ask once more. A mail that is on its way
    keeps its claim. Safe to repeat.
    """
    before = now - UNFINISHED_KEPT_FOR
    deadline = func.coalesce(Event.attendee_changes_until, Event.starts_at)
    is_mailing = exists().where(
        EmailMessage.transfer_claim_id == TransferClaim.id,
        EmailMessage.status.in_(UNDER_WAY),
    )
    over = (
        select(TransferClaim.id)
        .join(Transfer, Transfer.id == TransferClaim.transfer_id)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .join(Event, Event.id == Ticket.event_id)
        .where(
            TransferClaim.accepted_at.is_(None),
            or_(Transfer.closed_at < before, deadline < before),
            ~is_mailing,
        )
        .order_by(TransferClaim.id)
        .limit(limit)
        .with_for_update(of=TransferClaim, skip_locked=True)
    )
    claim_ids = list(db.session.scalars(over))
    if claim_ids:
        mails = delete(EmailMessage).where(EmailMessage.transfer_claim_id.in_(claim_ids))
        db.session.execute(mails)
        db.session.execute(delete(TransferClaim).where(TransferClaim.id.in_(claim_ids)))
    return len(claim_ids)


def _hand_over(ticket: Ticket, claim: TransferClaim) -> None:
    ticket.holder_no += 1
    reissues.replace_codes(ticket)
    ticket.attendee_name = claim.name
    ticket.holder_email = claim.email


def _claim_of(
    transfer: Transfer, *, email: str, locale: str, now: datetime, is_invited: bool = False
) -> TransferClaim:
    """The transfer's claim of an address, new or known; the caller holds the ticket's lock."""
    query = select(TransferClaim).where(
        TransferClaim.transfer_id == transfer.id,
        func.lower(TransferClaim.email) == email.lower(),
    )
    known = db.session.scalars(query).one_or_none()
    if known is not None:
        return known
    # Whom the holder invites is counted with the offers: strangers who got hold of the link
    # must not be able to use that up.
    count = select(func.count()).where(
        TransferClaim.transfer_id == transfer.id, TransferClaim.is_invited.is_(False)
    )
    most = transfer_mails.MOST_UNINVITED_FOR_TRANSFER
    if not is_invited and (db.session.scalar(count) or 0) >= most:
        raise TooManyTransferMails
    claim = TransferClaim(
        transfer_id=transfer.id,
        reference=secrets.token_urlsafe(transfers.REFERENCE_BYTES),
        email=email,
        name="",
        is_invited=is_invited,
        locale=locale,
        created_at=now,
    )
    db.session.add(claim)
    db.session.flush()
    return claim


def _checked(*, email: str, name: str, is_name_needed: bool = True) -> tuple[str, str]:
    """Address and name as they are kept. Raises :class:`InvalidRequest` with every fault."""
    contact, found = check_contact(email=email, name=name, phone="")
    faults = [
        FieldFault(fault.field.removeprefix("contact."), fault.message, fault.params)
        for fault in found
    ]
    faulty = {fault.field for fault in faults}
    if not contact.email and "email" not in faulty:
        faults.append(FieldFault("email", n_("Enter the email that the ticket should go to.")))
    if is_name_needed and not contact.name and "name" not in faulty:
        faults.append(FieldFault("name", n_("Enter the name of the person who comes.")))
    if faults:
        raise InvalidRequest(faults)
    return contact.email, contact.name
