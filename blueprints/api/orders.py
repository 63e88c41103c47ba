"""Orders and their tickets."""

from flask import Response

from blueprints.api import bp
from blueprints.api.bodies import answer
from blueprints.api.checkout_state import pricing_document
from blueprints.api.description import describe
from blueprints.api.documents import OrderDocument, TicketDocument
from blueprints.api.tokens import require_token, sent_token
from webapp.domain import access, orders, ticket_texts
from webapp.extensions import key_seal, signer
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
    link = absolute_url("orders.open_link", sealed=access.seal_order_link(signer(), order))
    texts = ticket_texts.list_ticket_texts(tickets, event=order.event, seal=key_seal())
    return OrderDocument(
        number=order.number,
        status=order.status.value,
        paid_at=order.paid_at,
        pricing=pricing_document(order),
        tickets=[
            ticket_document(ticket, qr_payload=texts[ticket.id], wallet_url=link)
            for ticket in tickets
        ],
    )


def ticket_document(ticket: Ticket, *, qr_payload: str, wallet_url: str) -> TicketDocument:
    """One ticket for the buyer, who may not show one that was given away."""
    if ticket.is_given:
        return TicketDocument(
            serial_number=ticket.serial_number,
            tier=ticket.item.name,
            attendee_name="",
            status="given" if ticket.status is TicketStatus.VALID else "void",
            code="",
            qr_payload="",
            wallet_url=wallet_url,
        )
    return TicketDocument(
        serial_number=ticket.serial_number,
        tier=ticket.item.name,
        attendee_name=ticket.attendee_name,
        status=ticket.status.value,
        code=ticket.code,
        qr_payload=qr_payload,
        wallet_url=wallet_url,
    )
