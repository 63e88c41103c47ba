"""Taking a ticket into the wallet that a phone came with: a file for Apple, a link to Google."""

import logging

from flask import Blueprint, Response, make_response, redirect
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.seen_tickets import get_seen_ticket, refuse_given
from webapp.database import LARGEST_ID
from webapp.documents.pass_package import PKPASS_TYPE
from webapp.documents.ticket_passes import apple_pass, google_pass_url
from webapp.domain import passes, ticket_access
from webapp.errors import NotFound
from webapp.models import Ticket
from webapp.pass_ports import ApplePassKeys, GoogleWalletKeys
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

log = logging.getLogger(__name__)

bp = Blueprint("passes", __name__)


@bp.get("/orders/<number>/tickets/<serial_number>/pass.pkpass")
def show_order_pass(number: str, serial_number: str) -> ResponseReturnValue:
    """A ticket of an order that this browser may open, for Apple Wallet."""
    return show_apple_pass(own_ticket(number, serial_number))


@bp.get("/orders/<number>/tickets/<serial_number>/google-pass")
def show_order_link(number: str, serial_number: str) -> ResponseReturnValue:
    """The same ticket, at Google Wallet."""
    return leave_for_google(own_ticket(number, serial_number))


@bp.get(f"/wallet/tickets/<int(max={LARGEST_ID}):ticket_id>/pass.pkpass")
def show_wallet_pass(ticket_id: int) -> ResponseReturnValue:
    """A ticket that this browser's wallet holds, for Apple Wallet."""
    return show_apple_pass(refuse_given(get_seen_ticket(ticket_id)).ticket)


@bp.get(f"/wallet/tickets/<int(max={LARGEST_ID}):ticket_id>/google-pass")
def show_wallet_link(ticket_id: int) -> ResponseReturnValue:
    """The same ticket, at Google Wallet."""
    return leave_for_google(refuse_given(get_seen_ticket(ticket_id)).ticket)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores these answers, and where one comes from is nobody's business."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def own_ticket(number: str, serial_number: str) -> Ticket:
    """A ticket of an order of this browser's, while it is the buyer's own.

    Raises :class:`NotFound`, as for one that does not exist.
    """
    order = buyer.own_order(number)
    for seen in ticket_access.list_order_tickets(order_id=order.id):
        if seen.ticket.serial_number == serial_number:
            return refuse_given(seen).ticket
    raise NotFound


def show_apple_pass(ticket: Ticket) -> Response:
    """The signed file of a ticket that its reader may see. Raises :class:`NotFound`."""
    keys = _apple_keys(ticket)
    with transaction():
        wallet_pass = passes.take_pass(
            ticket=ticket, now=ports().utc_now(), trace_id=current_trace_id()
        )
    response = make_response(apple_pass(wallet_pass, keys=keys))
    response.mimetype = PKPASS_TYPE
    response.last_modified = wallet_pass.changed_at
    name = f"ticket-{ticket.serial_number}.pkpass"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def leave_for_google(ticket: Ticket) -> ResponseReturnValue:
    """To Google's own page, which is told of the ticket by its address alone."""
    url = google_pass_url(ticket, keys=_google_keys(ticket), now=ports().utc_now())
    return redirect(url, code=303)


def _apple_keys(ticket: Ticket) -> ApplePassKeys:
    now, own = ports().utc_now(), ports().passes
    if own.apple is None or not passes.can_export(ticket=ticket, now=now):
        raise NotFound
    keys = own.usable_apple(now=now)
    if keys is None:
        log.error("no pass made: a certificate is not valid")
        raise NotFound
    return keys


def _google_keys(ticket: Ticket) -> GoogleWalletKeys:
    keys = ports().passes.google
    if keys is None or not passes.can_export(ticket=ticket, now=ports().utc_now()):
        raise NotFound
    return keys
