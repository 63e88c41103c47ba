"""A ticket on its way to a friend: what its holder does. The friend's part is transfer_claims."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.errors import show_refusal
from blueprints.forms.transfers import InvitationForm
from blueprints.held_tickets import HeldTicket, held_ticket
from blueprints.language import current_language, sentence_of
from webapp.database import LARGEST_ID
from webapp.domain import ticket_access, ticket_names, transfer_claims, transfer_links, transfers
from webapp.errors import InvalidRequest, NotFound, Refusal
from webapp.extensions import signer
from webapp.links import absolute_url
from webapp.models import Ticket, Transfer
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction
from webapp.transfer_refusals import TicketGiven

bp = Blueprint("transfers", __name__)

_TICKET = f"/tickets/<int(max={LARGEST_ID}):ticket_id>"


@bp.get(f"{_TICKET}/transfer")
def show_transfer(ticket_id: int) -> ResponseReturnValue:
    """The link to give the ticket away by, or the button that makes one."""
    invited = request.args.get("mailed") is not None
    return show_transfer_page(held_ticket(ticket_id), is_mailed=invited)


@bp.post(f"{_TICKET}/transfer")
def create_transfer(ticket_id: int) -> ResponseReturnValue:
    """Make a link; the one before is dead."""
    held = held_ticket(ticket_id)
    with transaction():
        transfers.offer_ticket(
            ticket_id=held.ticket.id,
            holder_no=held.holder_no,
            number=_sent_number(),
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )
    return redirect(url_for(".show_transfer", ticket_id=ticket_id), code=303)


@bp.post(f"{_TICKET}/transfer/withdrawal")
def create_withdrawal(ticket_id: int) -> ResponseReturnValue:
    """Take the link back."""
    held = held_ticket(ticket_id)
    with transaction():
        transfers.withdraw_transfer(
            ticket_id=held.ticket.id,
            holder_no=held.holder_no,
            number=_sent_number(),
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )
    return redirect(url_for(".show_transfer", ticket_id=ticket_id), code=303)


@bp.post(f"{_TICKET}/transfer/invitation")
def create_invitation(ticket_id: int) -> ResponseReturnValue:
    """Mail the offer to the address of a friend."""
    held = held_ticket(ticket_id)
    form = InvitationForm()
    try:
        _invite(held, form)
    except InvalidRequest as refusal:
        form.mark(refusal.faults)
        return show_transfer_page(held, status=422, form=form)
    return redirect(url_for(".show_transfer", ticket_id=ticket_id, mailed=1), code=303)


@bp.get(f"{_TICKET}/transfer/withdrawal")
@bp.get(f"{_TICKET}/transfer/invitation")
def show_part(ticket_id: int) -> ResponseReturnValue:
    """A reload of the answer to a write: back to the page, which says the same."""
    return redirect(url_for(".show_transfer", ticket_id=ticket_id), code=303)


@bp.get("/t/<sealed>/transfer")
def open_ticket_link(sealed: str) -> ResponseReturnValue:
    """Let this browser act for the holder of the link, then leave the link's address."""
    ticket = ticket_access.open_ticket_link(signer(), sealed).ticket
    buyer.grant_ticket(ticket)
    return redirect(url_for(".show_transfer", ticket_id=ticket.id), code=303)


@bp.errorhandler(Refusal)
def show_refusal_in_transfer(refusal: Refusal) -> ResponseReturnValue:
    """Say why not on the ticket's own page; whoever holds nothing is told nothing."""
    ticket_id = (request.view_args or {}).get("ticket_id")
    if ticket_id is None or isinstance(refusal, NotFound | TicketGiven):
        return show_refusal(refusal)
    held = held_ticket(ticket_id)
    return show_transfer_page(held, status=refusal.http_status, alert=sentence_of(refusal))


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores or lists what a link opens."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def show_transfer_page(
    held: HeldTicket,
    *,
    status: int = 200,
    form: InvitationForm | None = None,
    alert: str = "",
    is_mailed: bool = False,
) -> Response:
    """The page as it is now, with what was typed and what is wrong with it."""
    ticket, now = held.ticket, ports().utc_now()
    transfer = transfers.find_open_transfer(ticket=ticket)
    page = render_template(
        "transfers/transfer.html",
        ticket=ticket,
        event=ticket.order.event,
        transfer=transfer,
        link=_link(transfer),
        number=transfers.last_number(ticket_id=ticket.id),
        can_offer=transfers.can_offer(ticket, now=now),
        ends_at=ticket_names.changes_end_at(ticket.order.event),
        back_url=_back_url(ticket),
        form=form or InvitationForm(formdata=None),
        alert=alert,
        is_mailed=is_mailed,
    )
    return make_response(page, status)


def _link(transfer: Transfer | None) -> str:
    if transfer is None:
        return ""
    sealed = transfer_links.seal_transfer_link(signer(), transfer)
    return absolute_url("transfers.show_offer", sealed=sealed)


def _back_url(ticket: Ticket) -> str:
    if not ticket.is_given:
        anchor = f"ticket-{ticket.serial_number}"
        return url_for("orders.show_order", number=ticket.order.number, _anchor=anchor)
    sealed = ticket_access.seal_ticket_link(signer(), ticket)
    return url_for("wallet.open_ticket_link", sealed=sealed)


def _invite(held: HeldTicket, form: InvitationForm) -> None:
    with transaction():
        transfer_claims.invite_friend(
            ticket_id=held.ticket.id,
            holder_no=held.holder_no,
            email=form.email.data or "",
            locale=current_language(),
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )


def _sent_number() -> int:
    return request.form.get("number", 1, type=int)
