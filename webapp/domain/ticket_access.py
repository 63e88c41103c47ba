"""Who may see a ticket, decided here alone. Everybody else learns nothing, not even that it is.

Three ways: the browser may open the ticket's order, while the buyer still holds
the ticket; a wallet was given the order or the ticket; a signed link was made for
the present holder. ``holder_no`` is the fence: whatever was granted under an
earlier one shows that the ticket was given away, and nothing of the new holder.
While the ticket is still the buyer's, whatever revokes the links of its order
revokes those of the ticket, too. Whoever it was given to keeps theirs: that the
buyer's mail was read by somebody is no fault of the friend's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp.database import db
from webapp.domain.ticket_grants import granted_to
from webapp.errors import NotFound
from webapp.models import (
    Event,
    EventStatus,
    Order,
    OrderStatus,
    Ticket,
    TicketStatus,
    Tier,
)
from webapp.models.order import FIRST_LINK_VERSION
from webapp.models.ticket import FIRST_HOLDER
from webapp.signing import Signer

TICKET_LINK_LIFETIME = timedelta(days=400)
# Tickets are in an order only once it is paid; this keeps it so whatever happens elsewhere.
_ONCE_PAID = (
    OrderStatus.PAID,
    OrderStatus.PARTIALLY_REFUNDED,
    OrderStatus.REFUNDED,
    OrderStatus.NEEDS_REVIEW,
)


class SeenStatus(StrEnum):
    """What a viewer is shown: the ticket, that it opens nothing, or that it is another's now."""

    VALID = "valid"
    VOID = "void"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """A ticket as one viewer may see it.

    ``shows_buyer`` is false for whoever has this ticket alone: who bought it
    is none of their business.
    """

    ticket: Ticket
    status: SeenStatus
    shows_buyer: bool

    @property
    def event(self) -> Event:
        return self.ticket.order.event


def list_wallet_tickets(*, wallet_id: int, ended_after: datetime) -> Sequence[SeenTicket]:
    """What a wallet shows of events that end after a moment, the next event first.

    The same number of statements however many tickets there are.
    """
    return _list_seen(wallet_id, Event.ends_at > ended_after)


def find_wallet_ticket(*, wallet_id: int, ticket_id: int) -> SeenTicket | None:
    """One ticket as a wallet may see it, of whatever age; None when it may not."""
    return next(iter(_list_seen(wallet_id, Ticket.id == ticket_id)), None)


def get_order_ticket(*, ticket_id: int, may_open: Callable[[Order], bool]) -> SeenTicket:
    """One ticket for a browser that ``may_open`` its order. Raises :class:`NotFound`."""
    ticket = _find_ticket(ticket_id)
    if ticket is None or not may_open(ticket.order):
        raise NotFound
    return _seen(ticket, holder_no=FIRST_HOLDER, shows_buyer=True)


def list_order_tickets(*, order_id: int) -> Sequence[SeenTicket]:
    """The tickets of an order, for a browser that may open it."""
    query = _tickets().where(Ticket.order_id == order_id).order_by(*_ORDER)
    return [
        _seen(ticket, holder_no=FIRST_HOLDER, shows_buyer=True)
        for ticket in db.session.scalars(query).unique()
    ]


def seal_ticket_link(signer: Signer, ticket: Ticket) -> str:
    """A link text for the present holder of this ticket alone.

    A transfer revokes it, and while the ticket is still the buyer's, raising the
    order's ``link_version``.
    """
    return signer.seal("ticket-link", name_grant(ticket))


def name_grant(ticket: Ticket) -> str:
    """What a link or a browser that was let into a ticket shows for it; see :func:`read_grant`."""
    return _grant_name(ticket, ticket.holder_no)


def read_grant(name: str, ticket: Ticket) -> int:
    """The holder's number that a grant's name gives for this ticket, 0 for none.

    It may be an earlier one's, who gave the ticket away; never the buyer's when
    the order's links were revoked since.
    """
    number = (*name.split("/"), "")[1]
    holder_no = int(number) if number.isdecimal() else 0
    return holder_no if name == _grant_name(ticket, holder_no) else 0


def open_ticket_link(signer: Signer, sealed: str) -> SeenTicket:
    """The ticket that a link text shows.

    Raises :class:`NotFound` when it was altered, is older than 400 days, was
    revoked with the order's links, or the ticket has another holder by now.
    """
    value = signer.unseal(
        "ticket-link", sealed, max_age_seconds=int(TICKET_LINK_LIFETIME.total_seconds())
    )
    ticket_id = (value or "").partition("/")[0]
    ticket = _find_ticket(int(ticket_id)) if ticket_id.isdecimal() else None
    if ticket is None or read_grant(value or "", ticket) != ticket.holder_no:
        raise NotFound
    return _seen(ticket, holder_no=ticket.holder_no, shows_buyer=False)


_ORDER = (Event.starts_at, Event.id, Ticket.order_id, Ticket.order_item_id, Ticket.unit_no)


def _tickets() -> Select[Ticket]:
    """Tickets that anybody at all may see, with what is shown of them."""
    # A person cancelled the order: whoever has a ticket has to see that it opens nothing.
    has_ended = (Order.status == OrderStatus.CANCELLED) & (Ticket.status == TicketStatus.VOID)
    return (
        select(Ticket)
        .join(Ticket.order)
        .join(Order.event)
        .where(Order.status.in_(_ONCE_PAID) | has_ended, Event.status != EventStatus.DRAFT)
        .options(
            contains_eager(Ticket.order).contains_eager(Order.event),
            joinedload(Ticket.tier).selectinload(Tier.occurrences),
        )
    )


def _find_ticket(ticket_id: int) -> Ticket | None:
    return db.session.scalars(_tickets().where(Ticket.id == ticket_id)).unique().one_or_none()


def _grant_name(ticket: Ticket, holder_no: int) -> str:
    parts = [ticket.id, holder_no]
    # Named once it was raised, so that links from before it was a part of them still work.
    if holder_no == FIRST_HOLDER and ticket.order.link_version != FIRST_LINK_VERSION:
        parts.append(ticket.order.link_version)
    return "/".join(map(str, parts))


def _list_seen(wallet_id: int, condition: ColumnElement[bool]) -> Sequence[SeenTicket]:
    granted = granted_to(wallet_id)
    query = (
        _tickets()
        .join(granted, granted.c.ticket_id == Ticket.id)
        .add_columns(granted.c.holder_no, granted.c.by_order)
        .where(condition)
        .order_by(*_ORDER)
    )
    return [
        _seen(ticket, holder_no=holder_no, shows_buyer=shows_buyer)
        for ticket, holder_no, shows_buyer in db.session.execute(query).unique()
    ]


def _seen(ticket: Ticket, *, holder_no: int, shows_buyer: bool) -> SeenTicket:
    if holder_no != ticket.holder_no:
        status = SeenStatus.GIVEN
    elif ticket.status is TicketStatus.VOID:
        status = SeenStatus.VOID
    else:
        status = SeenStatus.VALID
    return SeenTicket(ticket, status, shows_buyer)
