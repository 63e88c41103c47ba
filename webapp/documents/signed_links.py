"""The absolute addresses that let their reader in: whoever has one needs nothing else."""

from webapp.domain import access, ticket_access
from webapp.extensions import signer
from webapp.links import absolute_url
from webapp.models import Order, Ticket


def order_link(order: Order) -> str:
    """Opens the order, for its buyer."""
    return absolute_url("orders.open_link", sealed=access.seal_order_link(signer(), order))


def ticket_link(ticket: Ticket) -> str:
    """Opens one ticket, for its present holder alone."""
    sealed = ticket_access.seal_ticket_link(signer(), ticket)
    return absolute_url("wallet.open_ticket_link", sealed=sealed)
