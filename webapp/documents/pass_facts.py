"""What a pass says, whichever wallet it goes to. The texts are the event's and the ticket's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.domain import calendars, ticket_texts
from webapp.extensions import key_seal, settings
from webapp.links import absolute_url
from webapp.models import Event, EventStatus, Ticket, TicketStatus
from webapp.models.ticket import FIRST_HOLDER

# The name on the ticket is another person's by now, or may be.
_OF_SOMEBODY_ELSE = ("given", "replaced")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassFacts:
    """One ticket for one of its holders.

    ``why_void`` is a stable word, empty while the ticket opens a door: then, and
    only then, there are ``qr_text`` and ``code``. ``moments`` are what the ticket
    opens, first to last. Whoever gave the ticket away, or was
    replaced as its guest, reads nothing of who has it now.
    """

    ticket_id: int
    holder_no: int
    revision: int
    why_void: str
    qr_text: str
    code: str
    tier: str
    holder: str
    serial_number: str
    order_number: str
    event_id: int
    title: str
    venue_name: str
    venue_address: str
    venue_note: str
    time_zone: str
    colour: str
    moments: Sequence[tuple[datetime, datetime]]
    locale: str
    organizer: str
    event_url: str


def read_pass_facts(ticket: Ticket, *, holder_no: int, revision: int | None = None) -> PassFacts:
    """What the pass of a ticket's ``holder_no``-th holder says now.

    One of another ``revision`` than the ticket's says only that it was replaced;
    None follows the ticket.
    """
    event = ticket.order.event
    why_void = _why_void(ticket, event, holder_no=holder_no, revision=revision)
    return PassFacts(
        ticket_id=ticket.id,
        holder_no=holder_no,
        revision=ticket.revision,
        why_void=why_void,
        qr_text="" if why_void else _qr_text(ticket),
        code="" if why_void else ticket.code,
        tier=ticket.item.name,
        holder="" if why_void in _OF_SOMEBODY_ELSE else ticket.attendee_name,
        serial_number=ticket.serial_number,
        # Of no use to a friend, and the buyer's own.
        order_number=ticket.order.number if holder_no == FIRST_HOLDER else "",
        event_id=event.id,
        title=event.title,
        venue_name=event.venue_name,
        venue_address=event.venue_address,
        venue_note=event.venue_note,
        time_zone=event.time_zone,
        colour=event.colour,
        moments=calendars.list_moments(tier_id=ticket.tier_id, event=event),
        locale=ticket.order.locale,
        organizer=settings().organisation_name,
        event_url=absolute_url("events.show_event", slug=event.slug),
    )


def _why_void(ticket: Ticket, event: Event, *, holder_no: int, revision: int | None) -> str:
    if holder_no != ticket.holder_no:
        return "given"
    if revision is not None and revision != ticket.revision:
        return "replaced"
    if ticket.status is not TicketStatus.VALID:
        return "void"
    return "cancelled" if event.status is EventStatus.CANCELLED else ""


def _qr_text(ticket: Ticket) -> str:
    """What the ticket's QR code says wherever it is shown."""
    event = ticket.order.event
    return ticket_texts.list_ticket_texts([ticket], event=event, seal=key_seal())[ticket.id]
