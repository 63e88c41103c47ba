"""The ticket that an address names, as this browser may see it."""

from blueprints import buyer
from blueprints.wallet_copy import current_copy
from webapp.domain import ticket_access
from webapp.domain.ticket_access import SeenStatus, SeenTicket
from webapp.errors import NotFound


def get_seen_ticket(ticket_id: int) -> SeenTicket:
    """One ticket, for a wallet that has it and for browsers that may open its order.

    Raises :class:`NotFound`.
    """
    copy = current_copy()
    if copy is not None:
        seen = ticket_access.find_wallet_ticket(wallet_id=copy.wallet_id, ticket_id=ticket_id)
        if seen is not None:
            return seen
    return ticket_access.get_order_ticket(ticket_id=ticket_id, may_open=buyer.may_open)


def refuse_given(seen: SeenTicket) -> SeenTicket:
    """The same, unless another has it: no file is made of that. Raises :class:`NotFound`."""
    if seen.status is SeenStatus.GIVEN:
        raise NotFound
    return seen
