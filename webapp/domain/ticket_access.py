"""Who may see a ticket: browsers that may open its order while the buyer holds it, and a link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from webapp.database import db
from webapp.errors import NotFound
from webapp.models import Order, Ticket, TicketStatus
from webapp.signing import Signer

FIRST_HOLDER = 1
TICKET_LINK_LIFETIME = timedelta(days=400)


class SeenStatus(StrEnum):
    """What a viewer is shown: the ticket, that it opens nothing, or that it is another's now."""

    VALID = "valid"
    VOID = "void"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """A ticket as one viewer may see it."""

    ticket: Ticket
    status: SeenStatus
    shows_buyer: bool


def find_order_ticket(*, ticket_id: int, may_open: Callable[[Order], bool]) -> SeenTicket:
    """One ticket for a browser that ``may_open`` its order. Raises :class:`NotFound`."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None or not may_open(ticket.order):
        raise NotFound
    return _seen(ticket, holder_no=FIRST_HOLDER, shows_buyer=True)


def seal_ticket_link(signer: Signer, ticket: Ticket) -> str:
    """A link text for the present holder of this ticket alone; a transfer revokes it."""
    return signer.seal("ticket-link", f"{ticket.id}/{ticket.holder_no}")


def open_ticket_link(signer: Signer, sealed: str) -> SeenTicket:
    """The ticket that a link text shows. Raises :class:`NotFound` when it does not any more."""
    value = signer.unseal(
        "ticket-link", sealed, max_age_seconds=int(TICKET_LINK_LIFETIME.total_seconds())
    )
    ticket_id, _, holder_no = (value or "").partition("/")
    ticket = db.session.get(Ticket, int(ticket_id)) if ticket_id.isdecimal() else None
    if ticket is None or str(ticket.holder_no) != holder_no:
        raise NotFound
    return _seen(ticket, holder_no=ticket.holder_no, shows_buyer=False)


def _seen(ticket: Ticket, *, holder_no: int, shows_buyer: bool) -> SeenTicket:
    if holder_no != ticket.holder_no:
        status = SeenStatus.GIVEN
    elif ticket.status is TicketStatus.VOID:
        status = SeenStatus.VOID
    else:
        status = SeenStatus.VALID
    return SeenTicket(ticket, status, shows_buyer)
