"""Orders and their tickets."""

from flask import Response

from blueprints.api import bp
from blueprints.api.bodies import answer
from blueprints.api.checkout_state import pricing_document
from blueprints.api.description import describe
from blueprints.api.documents import OrderDocument, TicketDocument
from blueprints.api.tokens import require_token, sent_token
from webapp.documents.signed_links import ticket_link
from webapp.domain import orders, ticket_texts
from webapp.extensions import key_seal
from webapp.links import absolute_url
from webapp.models import Order, Ticket, TicketStatus


@bp.get("/orders/<number>")
@describe(answers={200: OrderDocument}, needs_token=True)
def show_order(number: str) -> Response:
    """The order that a checkout led to, for the holder of the checkout's token."""
    sent_token()
    order = orders.get_order(number=number)
    require_token(order.checkout.reference)
    tickets = orders.list_tickets(order_id=order.id)
    return answer(order_document(order, tickets))


def order_document(order: Order, tickets: list[Ticket]) -> OrderDocument:
    texts = ticket_texts.list_ticket_texts(tickets, event=order.event, seal=key_seal())
    return OrderDocument(
        number=order.number,
        status=order.status.value,
        paid_at=order.paid_at,
        pricing=pricing_document(order),
        tickets=[ticket_document(ticket, qr_payload=texts[ticket.id]) for ticket in tickets],
    )


def ticket_document(ticket: Ticket, *, qr_payload: str) -> TicketDocument:
    """One ticket for the buyer, who may not show one that was given away."""
    if ticket.is_given:
        return TicketDocument(
            serial_number=ticket.serial_number,
            tier=ticket.item.name,
            attendee_name="",
            status="given" if ticket.status is TicketStatus.VALID else "void",
            code="",
            qr_payload="",
            wallet_url=wallet_url(ticket),
        )
    is_valid = ticket.status is TicketStatus.VALID
    return TicketDocument(
        serial_number=ticket.serial_number,
        tier=ticket.item.name,
        attendee_name=ticket.attendee_name,
        status=ticket.status.value,
        # A code that opens nothing must not look like one that does.
        code=ticket.code if is_valid else "",
        qr_payload=qr_payload if is_valid else "",
        wallet_url=wallet_url(ticket),
    )


def wallet_url(ticket: Ticket) -> str:
    """Where the buyer opens the ticket; once it was passed on, the page that says so.

    A link is signed for the present holder: the buyer must never get another's.
    """
    if ticket.is_given:
        return absolute_url("wallet.show_ticket", ticket_id=ticket.id)
    return ticket_link(ticket)
