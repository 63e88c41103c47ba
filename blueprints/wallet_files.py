"""One ticket beyond the browser: on paper and in a calendar, for whoever may see it."""

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.language import current_language
from blueprints.wallet import LARGEST_ID, bp
from blueprints.wallet_copy import current_copy
from webapp.documents.calendar import ticket_calendar
from webapp.documents.order_sheets import held_ticket_pdf
from webapp.domain import ticket_access
from webapp.domain.ticket_access import SeenStatus, SeenTicket
from webapp.errors import NotFound
from webapp.extensions import signer

_TICKET = f"/wallet/tickets/<int(max={LARGEST_ID}):ticket_id>"


@bp.get(f"{_TICKET}/ticket.pdf")
def show_ticket_pdf(ticket_id: int) -> ResponseReturnValue:
    """One ticket on paper, for a wallet that has it and for browsers that may open its order."""
    return _pdf(_find_ticket(ticket_id))


@bp.get(f"{_TICKET}/calendar.ics")
def show_ticket_calendar(ticket_id: int) -> ResponseReturnValue:
    """What one ticket opens, for any calendar."""
    return _calendar(_find_ticket(ticket_id))


@bp.get("/t/<sealed>/ticket.pdf")
def show_link_pdf(sealed: str) -> ResponseReturnValue:
    """The ticket of a link on paper, for its present holder."""
    return _pdf(ticket_access.open_ticket_link(signer(), sealed))


@bp.get("/t/<sealed>/calendar.ics")
def show_link_calendar(sealed: str) -> ResponseReturnValue:
    """What the ticket of a link opens, for any calendar."""
    return _calendar(ticket_access.open_ticket_link(signer(), sealed))


def _find_ticket(ticket_id: int) -> SeenTicket:
    copy = current_copy()
    if copy is not None:
        seen = ticket_access.find_wallet_ticket(wallet_id=copy.wallet_id, ticket_id=ticket_id)
        if seen is not None:
            return seen
    return ticket_access.find_order_ticket(ticket_id=ticket_id, may_open=buyer.may_open)


def _pdf(seen: SeenTicket) -> Response:
    _refuse_given(seen)
    content = held_ticket_pdf(seen.ticket, locale=current_language())
    return _file(content, seen, mimetype="application/pdf", disposition="inline", ending="pdf")


def _calendar(seen: SeenTicket) -> Response:
    _refuse_given(seen)
    content = ticket_calendar(seen.ticket)
    return _file(content, seen, mimetype="text/calendar", disposition="attachment", ending="ics")


def _refuse_given(seen: SeenTicket) -> None:
    """What was given away is on nobody's paper but its holder's. Raises :class:`NotFound`."""
    if seen.status is SeenStatus.GIVEN:
        raise NotFound


def _file(
    content: bytes, seen: SeenTicket, *, mimetype: str, disposition: str, ending: str
) -> Response:
    response = make_response(content)
    response.mimetype = mimetype
    name = f"{seen.ticket.serial_number}.{ending}"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    return response
