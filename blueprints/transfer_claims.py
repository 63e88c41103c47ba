"""A ticket that a friend is offered: look at it, ask for it, accept it by mail."""

from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from blueprints import buyer
from blueprints.errors import show_error, show_http_error, text_of
from blueprints.forms.transfers import AcceptanceForm, ClaimForm
from blueprints.language import current_language, sentence_of
from blueprints.transfers import bp
from blueprints.wallet_keeping import keep_accepted
from webapp.domain import ticket_access, ticket_names, transfer_claims, transfer_links, transfers
from webapp.errors import InvalidRequest
from webapp.extensions import signer
from webapp.models import Ticket, Transfer, TransferClaim
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction
from webapp.transfer_refusals import TicketGiven, TooManyTransferMails, TransferOver


@bp.get("/transfers/<sealed>")
def show_offer(sealed: str) -> ResponseReturnValue:
    """What the link offers, never the ticket itself, and a form for who wants it."""
    # So that this browser's tries are counted, and not those of its whole network.
    buyer.buyer_key()
    transfer = transfer_links.open_transfer_link(signer(), sealed)
    return _show_offer_page(transfer, sealed, form=ClaimForm(formdata=None))


@bp.post("/transfers/<sealed>/claims")
def create_claim(sealed: str) -> ResponseReturnValue:
    """Take down who wants the ticket, and mail them the link that accepts it."""
    transfer = transfer_links.open_transfer_link(signer(), sealed)
    form = ClaimForm()
    try:
        _claim(transfer, form)
    except InvalidRequest as refusal:
        form.mark(refusal.faults)
        return _show_offer_page(transfer, sealed, form=form, status=422)
    except TooManyTransferMails as refusal:
        return _show_offer_page(transfer, sealed, form=form, status=429, alert=sentence_of(refusal))
    return redirect(url_for(".show_claimed", sealed=sealed), code=303)


@bp.get("/transfers/<sealed>/claims")
def show_claimed(sealed: str) -> ResponseReturnValue:
    """What happens now, the same for every address."""
    transfer = transfer_links.open_transfer_link(signer(), sealed)
    transfers.check_open(transfer, now=ports().utc_now())
    return render_template(
        "transfers/claimed.html", event=transfer.ticket.order.event, sealed=sealed
    )


@bp.get("/claims/<sealed>")
def show_claim(sealed: str) -> ResponseReturnValue:
    """The mailed link: shows what is to be accepted. Opening it accepts nothing."""
    buyer.buyer_key()
    claim = transfer_links.open_claim_link(signer(), sealed)
    if transfer_claims.holds_ticket(claim):
        return _show_accepted(claim.transfer.ticket)
    if claim.accepted_at is not None:
        raise TicketGiven
    return _show_claim_page(claim, sealed, form=AcceptanceForm(formdata=None, name=claim.name))


@bp.post("/claims/<sealed>/acceptance")
def create_acceptance(sealed: str) -> ResponseReturnValue:
    """Make the ticket the claim's, and show it."""
    claim = transfer_links.open_claim_link(signer(), sealed)
    form = AcceptanceForm()
    try:
        ticket = _accept(claim, form)
    except InvalidRequest as refusal:
        form.mark(refusal.faults)
        return _show_claim_page(claim, sealed, form=form, status=422)
    buyer.grant_ticket(ticket)
    # After the acceptance, not within: elsewhere a wallet is locked before its orders.
    is_kept = keep_accepted(ticket)
    return redirect(_kept_path(ticket) if is_kept else _ticket_path(ticket), code=303)


@bp.get("/claims/<sealed>/acceptance")
def show_acceptance(sealed: str) -> ResponseReturnValue:
    """A reload of an answer with faults: back to the form."""
    return redirect(url_for(".show_claim", sealed=sealed), code=303)


@bp.errorhandler(HTTPStatus.TOO_MANY_REQUESTS)
def show_pause(error: HTTPException) -> ResponseReturnValue:
    """Too many tries from here: a form comes back with what was typed."""
    if request.endpoint != "transfers.create_claim":
        return show_http_error(error)
    sealed = (request.view_args or {})["sealed"]
    transfer = transfer_links.open_transfer_link(signer(), sealed)
    _, sentence = text_of(HTTPStatus.TOO_MANY_REQUESTS)
    return _show_offer_page(transfer, sealed, form=ClaimForm(), status=429, alert=gettext(sentence))


@bp.errorhandler(TransferOver)
def show_end(refusal: TransferOver) -> ResponseReturnValue:
    """Say plainly why the ticket cannot be had by this link."""
    return show_error(refusal.title, sentence_of(refusal), refusal.http_status)


def _claim(transfer: Transfer, form: ClaimForm) -> None:
    with transaction():
        transfer_claims.claim_ticket(
            transfer_id=transfer.id,
            email=form.email.data or "",
            name=form.name.data or "",
            locale=current_language(),
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )


def _accept(claim: TransferClaim, form: AcceptanceForm) -> Ticket:
    with transaction():
        return transfer_claims.accept_ticket(
            claim_id=claim.id,
            name=form.name.data or "",
            locale=current_language(),
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )


def _show_offer_page(
    transfer: Transfer, sealed: str, *, form: ClaimForm, status: int = 200, alert: str = ""
) -> Response:
    transfers.check_open(transfer, now=ports().utc_now())
    page = render_template(
        "transfers/offer.html",
        sealed=sealed,
        form=form,
        alert=alert,
        **_offered(transfer.ticket),
    )
    return make_response(page, status)


def _show_claim_page(
    claim: TransferClaim, sealed: str, *, form: AcceptanceForm, status: int = 200
) -> Response:
    transfers.check_open(claim.transfer, now=ports().utc_now())
    page = render_template(
        "transfers/claim.html", sealed=sealed, form=form, **_offered(claim.transfer.ticket)
    )
    return make_response(page, status)


def _show_accepted(ticket: Ticket) -> str:
    return render_template(
        "transfers/accepted.html", event=ticket.order.event, ticket_url=_ticket_path(ticket)
    )


def _offered(ticket: Ticket) -> dict[str, object]:
    """What somebody may know of a ticket that is not theirs yet."""
    event = ticket.order.event
    return {
        "event": event,
        "tier_name": ticket.item.name,
        "giver": transfers.holder_name(ticket),
        "ends_at": ticket_names.changes_end_at(event),
    }


def _kept_path(ticket: Ticket) -> str:
    """With a query, so that the browser's worker does not answer with what was kept before."""
    return url_for("wallet.show_ticket", ticket_id=ticket.id, now="")


def _ticket_path(ticket: Ticket) -> str:
    return url_for(
        "wallet.open_ticket_link", sealed=ticket_access.seal_ticket_link(signer(), ticket)
    )
