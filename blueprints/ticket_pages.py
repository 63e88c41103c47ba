"""One ticket, for whoever holds it, by its signed link."""

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from webapp.domain import ticket_access, ticket_texts
from webapp.extensions import key_seal, signer

bp = Blueprint("wallet", __name__)


@bp.get("/t/<sealed>")
def open_ticket_link(sealed: str) -> ResponseReturnValue:
    """The ticket of a link, for its present holder."""
    seen = ticket_access.open_ticket_link(signer(), sealed)
    ticket = seen.ticket
    texts = ticket_texts.list_ticket_texts([ticket], event=ticket.order.event, seal=key_seal())
    return make_response(
        render_template(
            "transfers/ticket.html",
            ticket=ticket,
            qr_text=texts[ticket.id],
            seen=seen,
            sealed=sealed,
        )
    )


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores what a link opens."""
    response.headers["Cache-Control"] = "no-store"
    return response
