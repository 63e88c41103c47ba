"""Mails to people whom a ticket is offered to, and to those who gave or got it."""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.domain import emails, transfers
from webapp.domain.name_locks import lock_name
from webapp.models import (
    EmailMessage,
    EmailStatus,
    Event,
    EventStatus,
    Ticket,
    TicketStatus,
    Transfer,
    TransferClaim,
)
from webapp.models.ticket import FIRST_HOLDER
from webapp.transfer_refusals import TooManyTransferMails

# To an address that the holder typed, or that the friend typed: both are strangers' words.
TRANSFER_OFFER = "transfer_offer"
TRANSFER_CONFIRMATION = "transfer_confirmation"
TICKET_RECEIVED = "ticket_received"
TICKET_GIVEN = "ticket_given"
TICKET_VOIDED = "ticket_voided"
_ASKING = (TRANSFER_OFFER, TRANSFER_CONFIRMATION)

MOST_OFFERS_FOR_TICKET = 3
OFFER_WINDOW = timedelta(days=1)
# Claims of people who have the link, and whom the holder did not invite.
MOST_UNINVITED_FOR_TRANSFER = 10
MOST_FOR_CLAIM = 3
MOST_FOR_ADDRESS = 6
ADDRESS_WINDOW = timedelta(hours=1)
# Each has its ticket attached.
MOST_AGAIN = 10
# A second press within it is the same wish.
PAUSE = timedelta(minutes=2)


def ask_claim(*, claim: TransferClaim, kind: str, now: datetime, trace_id: str) -> None:
    """Mail the link that accepts the ticket; the caller holds the ticket's lock.

    A repeat within :data:`PAUSE` is a no-op. Raises
    :class:`TooManyTransferMails`: nobody's mailbox is filled from here.
    """
    last = db.session.scalars(
        select(EmailMessage)
        .where(EmailMessage.transfer_claim_id == claim.id, EmailMessage.kind.in_(_ASKING))
        .order_by(EmailMessage.created_at.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and now < last.created_at + PAUSE:
        return
    # Two tickets at once must not both send the last mail that the address may get.
    lock_name(f"transfer-mail:{claim.email.lower()}")
    sequence = _count_for_claim(claim) + 1
    if sequence > MOST_FOR_CLAIM or _count_to(claim.email, now=now) >= MOST_FOR_ADDRESS:
        raise TooManyTransferMails
    if kind == TRANSFER_OFFER and _count_offers(claim, now=now) >= MOST_OFFERS_FOR_TICKET:
        raise TooManyTransferMails
    queue_transfer_mail(
        claim=claim,
        kind=kind,
        recipient=claim.email,
        sequence=sequence,
        now=now,
        trace_id=trace_id,
    )


def queue_transfer_mail(
    *,
    claim: TransferClaim,
    kind: str,
    recipient: str,
    now: datetime,
    trace_id: str,
    sequence: int = 1,
) -> None:
    """Write a mail about the claim's ticket down and make it due, once. No address, no mail."""
    if not recipient:
        return
    insertion = (
        insert(EmailMessage)
        .values(
            transfer_claim_id=claim.id,
            kind=kind,
            sequence=sequence,
            recipient=recipient,
            # The beginning of the reference tells installations apart and opens nothing.
            idempotency_key=f"{kind}/{claim.reference[:12]}-{claim.id}/{sequence}",
            status=EmailStatus.QUEUED,
            provider_message_id="",
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(EmailMessage.id)
    )
    email_id = db.session.scalar(insertion)
    if email_id is not None:
        emails.make_due(email_id, now=now, trace_id=trace_id)


def mail_received_again(*, email: str, sequence: int, now: datetime, trace_id: str) -> None:
    """Mail an address the tickets that it was given and still holds, the next event's first.

    Once for each ``sequence``, above 1; at most :data:`MOST_AGAIN`, and none that went
    out within :data:`ADDRESS_WINDOW`: anybody can ask for anybody's.
    """
    just_mailed = exists().where(
        EmailMessage.transfer_claim_id == TransferClaim.id,
        EmailMessage.kind == TICKET_RECEIVED,
        EmailMessage.created_at > now - ADDRESS_WINDOW,
    )
    query = (
        select(TransferClaim)
        .join(Transfer, Transfer.id == TransferClaim.transfer_id)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .join(Event, Event.id == Ticket.event_id)
        .where(
            func.lower(TransferClaim.email) == email.lower(),
            TransferClaim.accepted_at.is_not(None),
            Transfer.from_holder_no == Ticket.holder_no - 1,
            Ticket.status == TicketStatus.VALID,
            Event.status == EventStatus.PUBLISHED,
            Event.ends_at > now,
            ~just_mailed,
        )
        .order_by(Event.starts_at, Ticket.id)
        .limit(MOST_AGAIN)
    )
    for claim in db.session.scalars(query).all():
        queue_transfer_mail(
            claim=claim,
            kind=TICKET_RECEIVED,
            recipient=claim.email,
            sequence=sequence,
            now=now,
            trace_id=trace_id,
        )


def tell_voided(*, order_id: int, now: datetime, trace_id: str) -> None:
    """Tell those who were given a ticket of the order that it opens no door any more, once."""
    query = select(Ticket).where(
        Ticket.order_id == order_id,
        Ticket.status == TicketStatus.VOID,
        Ticket.holder_no > FIRST_HOLDER,
    )
    for ticket in db.session.scalars(query).all():
        claim = transfers.find_present_claim(ticket=ticket)
        if claim is not None:
            queue_transfer_mail(
                claim=claim,
                kind=TICKET_VOIDED,
                recipient=claim.email,
                now=now,
                trace_id=trace_id,
            )


def mail_locale(*, claim: TransferClaim, kind: str) -> str:
    """The language of whoever reads the mail: the claim's, or of the holder before it."""
    if kind != TICKET_GIVEN:
        return claim.locale
    transfer = claim.transfer
    giver = transfers.find_claim_of_holder(
        ticket_id=transfer.ticket_id, holder_no=transfer.from_holder_no
    )
    return giver.locale if giver else transfer.ticket.order.locale


def get_claim_for_mail(*, claim_id: int) -> TransferClaim:
    """The claim with its transfer and ticket."""
    return db.session.get_one(TransferClaim, claim_id)


def _count_for_claim(claim: TransferClaim) -> int:
    query = select(func.count()).where(
        EmailMessage.transfer_claim_id == claim.id, EmailMessage.kind.in_(_ASKING)
    )
    return int(db.session.scalar(query) or 0)


def _count_to(recipient: str, *, now: datetime) -> int:
    query = select(func.count()).where(
        func.lower(EmailMessage.recipient) == recipient.lower(),
        EmailMessage.transfer_claim_id.is_not(None),
        EmailMessage.kind.in_(_ASKING),
        EmailMessage.created_at > now - ADDRESS_WINDOW,
    )
    return int(db.session.scalar(query) or 0)


def _count_offers(claim: TransferClaim, *, now: datetime) -> int:
    """How many offers of the claim's ticket its holders had mailed within the window."""
    query = (
        select(func.count())
        .select_from(EmailMessage)
        .join(TransferClaim, TransferClaim.id == EmailMessage.transfer_claim_id)
        .join(Transfer, Transfer.id == TransferClaim.transfer_id)
        .where(
            Transfer.ticket_id == claim.transfer.ticket_id,
            EmailMessage.kind == TRANSFER_OFFER,
            EmailMessage.created_at > now - OFFER_WINDOW,
        )
    )
    return int(db.session.scalar(query) or 0)
