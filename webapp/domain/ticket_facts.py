"""Everything that a page about one ticket says, and the digest that changes with it.

Templates are given these facts and never the rows: what is not in the digest
cannot be on the page.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby

from webapp.domain.ticket_access import SeenStatus, SeenTicket
from webapp.models import Event, EventStatus

# Past events stay in a wallet for so long, below the others.
PAST_SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class EventPart:
    """A dated part of the event that the ticket opens."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket as its page shows it; moments are UTC, ``time_zone`` is where it happens.

    ``code``, ``qr_text`` and ``holder`` are empty when the ticket opens nothing for
    this viewer any more. ``buyer_email`` is for the page to mask: a forwarded link
    tells no more of who bought. ``number`` of ``count`` is its place among the
    viewer's tickets of the event.
    """

    ticket_id: int
    status: SeenStatus
    event_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    is_cancelled: bool
    venue_name: str
    venue_address: str
    venue_note: str
    parts: tuple[EventPart, ...]
    tier: str
    holder: str
    serial_number: str
    code: str
    qr_text: str
    order_number: str
    buyer_email: str
    number: int
    count: int
    previous_id: int | None
    next_id: int | None

    @property
    def opens_doors(self) -> bool:
        """Whether there is a code to show."""
        return bool(self.qr_text)

    def version(self, *, made_with: str) -> str:
        """A digest of the facts, and of what else makes the page: language, templates, styles."""
        text = repr((made_with, sorted(asdict(self).items())))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def tell_tickets(
    tickets: Sequence[SeenTicket], *, qr_texts: Mapping[int, str]
) -> list[TicketFacts]:
    """The facts of tickets that one viewer may see, in their order.

    ``qr_texts`` has the text of each ticket's QR code by its id; whoever may not
    show a code does not get it.
    """
    told: list[TicketFacts] = []
    for _, group in groupby(tickets, key=lambda seen: seen.event.id):
        of_event = list(group)
        ids = [None, *(seen.ticket.id for seen in of_event), None]
        told += [
            _tell(
                seen,
                number=place + 1,
                neighbours=(ids[place], ids[place + 2]),
                of=len(of_event),
                qr_text=qr_texts[seen.ticket.id],
            )
            for place, seen in enumerate(of_event)
        ]
    return told


def _tell(
    seen: SeenTicket,
    *,
    number: int,
    neighbours: tuple[int | None, int | None],
    of: int,
    qr_text: str,
) -> TicketFacts:
    ticket, event = seen.ticket, seen.event
    is_given = seen.status is SeenStatus.GIVEN
    is_cancelled = event.status is EventStatus.CANCELLED
    opens_doors = seen.status is SeenStatus.VALID and not is_cancelled
    shows_buyer = seen.shows_buyer and not is_given
    return TicketFacts(
        ticket_id=ticket.id,
        status=seen.status,
        event_id=event.id,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        is_cancelled=is_cancelled,
        venue_name=event.venue_name,
        venue_address=event.venue_address,
        venue_note=event.venue_note,
        parts=_parts(seen, event),
        tier=ticket.item.name,
        # The name on a ticket that was given away is its next holder's by now.
        holder="" if is_given else ticket.attendee_name,
        serial_number=ticket.serial_number,
        code=ticket.code if opens_doors else "",
        qr_text=qr_text if opens_doors else "",
        order_number=ticket.order.number if shows_buyer else "",
        buyer_email=ticket.order.contact_email if shows_buyer else "",
        number=number,
        count=of,
        previous_id=neighbours[0],
        next_id=neighbours[1],
    )


def _parts(seen: SeenTicket, event: Event) -> tuple[EventPart, ...]:
    """The dated parts, where they say more than the event's own dates."""
    return tuple(
        EventPart(part.name, part.starts_at, part.ends_at)
        for part in seen.ticket.tier.occurrences
        if (part.starts_at, part.ends_at) != (event.starts_at, event.ends_at)
    )
