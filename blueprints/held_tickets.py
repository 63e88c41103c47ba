"""The tickets that this browser holds: by their order, in its wallet, or by their own link."""

from dataclasses import dataclass

from blueprints import buyer
from blueprints.wallet_copy import current_copy
from webapp.database import db
from webapp.domain import ticket_access
from webapp.domain.ticket_access import SeenStatus
from webapp.errors import NotFound
from webapp.models import Ticket
from webapp.models.ticket import FIRST_HOLDER
from webapp.transfer_refusals import TicketGiven


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """A ticket, and as which of its holders this browser asks."""

    ticket: Ticket
    holder_no: int


def held_ticket(ticket_id: int) -> HeldTicket:
    """The ticket, if this browser holds it now.

    Raises :class:`TicketGiven` if it did once, and :class:`NotFound` for anybody
    else, as for a ticket that does not exist.
    """
    ticket = db.session.get(Ticket, ticket_id)
    holder_no = _latest_holder_no(ticket) if ticket is not None else 0
    if ticket is None or not holder_no:
        raise NotFound
    if ticket.holder_no != holder_no:
        raise TicketGiven
    return HeldTicket(ticket, holder_no)


def _latest_holder_no(ticket: Ticket) -> int:
    """The newest holder that this browser ever was of the ticket, 0 for none."""
    numbers = [buyer.granted_holder_no(ticket)]
    try:
        ticket_access.get_order_ticket(ticket_id=ticket.id, may_open=buyer.may_open)
    except NotFound:
        pass
    else:
        numbers.append(FIRST_HOLDER)
    copy = current_copy()
    if copy is not None:
        seen = ticket_access.find_wallet_ticket(wallet_id=copy.wallet_id, ticket_id=ticket.id)
        if seen is not None:
            # A wallet tells whether it is the holder's now, not since when it was not.
            was_given = seen.status is SeenStatus.GIVEN
            numbers.append(seen.ticket.holder_no - was_given)
    return max(numbers)
