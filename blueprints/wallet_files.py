"""One ticket beyond the browser: on paper and in a calendar, for whoever may see it."""

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from blueprints.language import current_language
from blueprints.seen_tickets import get_seen_ticket, refuse_given
from blueprints.wallet import bp
from webapp.database import LARGEST_ID
from webapp.documents.calendar import ticket_calendar
from webapp.documents.order_sheets import held_ticket_pdf
from webapp.domain import ticket_access
from webapp.domain.ticket_access import SeenTicket
from webapp.extensions import signer

_TICKET = f"/wallet/tickets/<int(max={LARGEST_ID}):ticket_id>"


@bp.get(f"{_TICKET}/ticket.pdf")
def show_ticket_pdf(ticket_id: int) -> ResponseReturnValue:
    """One ticket on paper, for a wallet that has it and for browsers that may open its order."""
    return _pdf(get_seen_ticket(ticket_id))


@bp.get(f"{_TICKET}/calendar.ics")
def show_ticket_calendar(ticket_id: int) -> ResponseReturnValue:
    """What one ticket opens, for any calendar."""
    return _calendar(get_seen_ticket(ticket_id))


@bp.get("/t/<sealed>/ticket.pdf")
def show_link_pdf(sealed: str) -> ResponseReturnValue:
    """The ticket of a link on paper, for its present holder."""
    return _pdf(ticket_access.open_ticket_link(signer(), sealed))


@bp.get("/t/<sealed>/calendar.ics")
def show_link_calendar(sealed: str) -> ResponseReturnValue:
    """What the ticket of a link opens, for any calendar."""
    return _calendar(ticket_access.open_ticket_link(signer(), sealed))


def _pdf(seen: SeenTicket) -> Response:
    content = held_ticket_pdf(refuse_given(seen).ticket, locale=current_language())
    return _file(content, seen, mimetype="application/pdf", disposition="inline", ending="pdf")


def _calendar(seen: SeenTicket) -> Response:
    content = ticket_calendar(refuse_given(seen).ticket)
    return _file(content, seen, mimetype="text/calendar", disposition="attachment", ending="ics")


def _file(
    content: bytes, seen: SeenTicket, *, mimetype: str, disposition: str, ending: str
) -> Response:
    response = make_response(content)
    response.mimetype = mimetype
    name = f"{seen.ticket.serial_number}.{ending}"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    return response
