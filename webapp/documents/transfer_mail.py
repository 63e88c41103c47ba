"""Mails about a ticket that changes hands, in the language of whoever reads them."""

from datetime import datetime

from flask_babel import force_locale

from webapp.documents.calendar import order_cancellation, ticket_calendar
from webapp.documents.mail_message import render_mail
from webapp.documents.order_sheets import held_ticket_pdf
from webapp.documents.signed_links import ticket_link
from webapp.domain import (
    ticket_names,
    transfer_claims,
    transfer_links,
    transfer_mails,
    transfers,
)
from webapp.extensions import signer
from webapp.formats import day_text, event_time_text, place_text, time_text
from webapp.links import absolute_url
from webapp.models import EmailMessage, TicketStatus, TransferClaim, TransferStatus
from webapp.models.ticket import FIRST_HOLDER
from webapp.ports import Attachment, MailMessage

# Their link accepts a ticket, which has an end.
ACCEPTING = {transfer_mails.TRANSFER_OFFER, transfer_mails.TRANSFER_CONFIRMATION}


def compose_transfer_mail(
    email: EmailMessage, *, claim_id: int, now: datetime
) -> MailMessage | None:
    """The message of ``email``. Reads claim and ticket; needs an application context.

    None for an offer that is over before its mail went out, for a link that can
    accept nothing any more at ``now``, and for a ticket that
    was refunded before its new holder was told: the mail about that says it.
    Nothing in it was typed by whoever gives the ticket away: a mail to a
    stranger's address must not carry anybody's words.
    """
    claim = transfer_mails.get_claim_for_mail(claim_id=claim_id)
    is_offered = claim.transfer.status is TransferStatus.OFFERED
    if email.kind == transfer_mails.TRANSFER_OFFER and not is_offered:
        return None
    if email.kind in ACCEPTING and now >= ticket_names.changes_end_at(
        claim.transfer.ticket.order.event
    ):
        return None
    is_void = claim.transfer.ticket.status is TicketStatus.VOID
    if email.kind == transfer_mails.TICKET_RECEIVED and is_void:
        return None
    locale = transfer_mails.mail_locale(claim=claim, kind=email.kind)
    is_shown = _shows_ticket(email, claim)
    with force_locale(locale):
        return render_mail(
            email,
            _context(claim, locale=locale, is_shown=is_shown),
            attachments=_attachments(email, claim, locale=locale, is_shown=is_shown),
        )


def _shows_ticket(email: EmailMessage, claim: TransferClaim) -> bool:
    """Whether the mail may open the ticket: a late one must not show the next holder's."""
    return (
        email.kind == transfer_mails.TICKET_RECEIVED
        and transfer_claims.holds_ticket(claim)
        and claim.transfer.ticket.status is TicketStatus.VALID
    )


def _context(claim: TransferClaim, *, locale: str, is_shown: bool) -> dict[str, object]:
    ticket = claim.transfer.ticket
    event = ticket.order.event
    ends_at = ticket_names.changes_end_at(event)
    sealed_claim = transfer_links.seal_claim_link(signer(), claim)
    return {
        "event": event,
        "when": event_time_text(event, locale=locale),
        "where": place_text(event),
        "tier_name": ticket.item.name,
        "serial": ticket.serial_number,
        "friend": transfers.first_name(claim.name),
        "until_day": day_text(ends_at, time_zone=event.time_zone, locale=locale),
        "until_time": time_text(ends_at, time_zone=event.time_zone, locale=locale),
        "claim_url": absolute_url("transfers.show_claim", sealed=sealed_claim),
        "ticket_url": ticket_link(ticket) if is_shown else "",
        "event_url": absolute_url("events.show_event", slug=event.slug),
    }


def _attachments(
    email: EmailMessage, claim: TransferClaim, *, locale: str, is_shown: bool
) -> list[Attachment]:
    ticket = claim.transfer.ticket
    if is_shown:
        pdf = held_ticket_pdf(ticket, locale=locale)
        return [
            Attachment(f"{ticket.serial_number}.pdf", pdf, "application/pdf"),
            _dates(ticket.serial_number, ticket_calendar(ticket)),
        ]
    if email.kind == transfer_mails.TICKET_VOIDED and ticket.status is TicketStatus.VOID:
        return [_dates(ticket.serial_number, ticket_calendar(ticket))]
    if email.kind == transfer_mails.TICKET_GIVEN:
        return _taken_back(email, claim)
    return []


def _taken_back(email: EmailMessage, claim: TransferClaim) -> list[Attachment]:
    """What leaves the calendar of whoever gave the ticket away, if anything does."""
    ticket = claim.transfer.ticket
    if claim.transfer.from_holder_no == FIRST_HOLDER:
        dates = order_cancellation(ticket.order)
        return [_dates(ticket.order.number, dates)] if dates else []
    # It came back to them before this was sent.
    if ticket.holder_email == email.recipient:
        return []
    return [_dates(ticket.serial_number, ticket_calendar(ticket, is_held=False))]


def _dates(name: str, content: bytes) -> Attachment:
    return Attachment(f"{name}.ics", content, "text/calendar")
