"""What goes into a wallet: an order that this browser may open, a ticket that a link shows."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer, wallet_answers
from blueprints.api import problems
from blueprints.language import sentence_of
from blueprints.wallet import bp, wants_json
from blueprints.wallet_copy import browser_name, current_copy, use_copy
from webapp.domain import push_messages, ticket_access, wallets
from webapp.domain.wallets import Confirmation, KeptIn
from webapp.extensions import signer
from webapp.models import Order, Ticket
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction
from webapp.wallet_refusals import WalletOfSomeoneElse


@bp.post("/wallet/orders/<number>")
def create_wallet_order(number: str) -> ResponseReturnValue:
    """Keep an order's tickets on this phone."""
    order = buyer.own_order(number)
    try:
        kept = _keep_order(order)
    except WalletOfSomeoneElse as refusal:
        return ask_whose(refusal, back=url_for("orders.show_order", number=number))
    if kept.is_replaced:
        buyer.forget_others(order)
    return show_kept(kept)


@bp.get("/t/<sealed>")
def open_ticket_link(sealed: str) -> ResponseReturnValue:
    """The ticket of a link, for its present holder, with the way to keep it on this phone."""
    seen = ticket_access.open_ticket_link(signer(), sealed)
    return wallet_answers.show_ticket_page(
        wallet_answers.tell([seen])[0],
        is_kept=False,
        keep={"action": url_for(".create_wallet_ticket"), "link": sealed},
    )


@bp.post("/wallet/tickets")
def create_wallet_ticket() -> ResponseReturnValue:
    """Keep the ticket of a link on this phone."""
    sealed = request.form.get("link", "")
    ticket = ticket_access.open_ticket_link(signer(), sealed).ticket
    try:
        kept = _keep_ticket(ticket)
    except WalletOfSomeoneElse as refusal:
        back = url_for(".open_ticket_link", sealed=sealed)
        return ask_whose(refusal, back=back, fields={"link": sealed})
    if kept.is_replaced:
        buyer.forget_everything()
    return show_kept(kept)


@bp.get("/wallet/orders/<number>")
@bp.get("/wallet/tickets")
def show_kept_part(number: str = "") -> ResponseReturnValue:
    """A reload of the answer to a write: to the wallet, which says what it holds."""
    del number
    return redirect(url_for(".show_wallet"), code=303)


def keep_accepted(ticket: Ticket) -> bool:
    """Put a ticket that was just accepted into the wallet of this browser; say whether it is there.

    Only where there is a wallet, and nobody has to be asked whose it is: the ticket's
    page asks. The wallet's other phones are told.
    """
    copy = current_copy()
    if copy is None:
        return False
    try:
        with transaction():
            kept = wallets.keep_ticket(
                copy=copy,
                ticket=ticket,
                confirmation=Confirmation.NONE,
                now=ports().utc_now(),
                browser=browser_name(),
            )
            push_messages.queue_push(
                kind=push_messages.TICKET_RECEIVED,
                ticket_id=ticket.id,
                holder_no=ticket.holder_no,
                but_copy_id=kept.copy.id,
                now=ports().utc_now(),
                trace_id=current_trace_id(),
            )
    except WalletOfSomeoneElse:
        return False
    use_copy(kept)
    return True


def show_kept(kept: KeptIn) -> ResponseReturnValue:
    """What the wallet holds now, for a script; for a person, its page."""
    use_copy(kept)
    if wants_json():
        return wallet_answers.contents(kept.copy)
    # With a query, so that the browser's worker does not answer with what was kept before.
    return redirect(url_for("wallet.show_wallet", now=""), code=303)


def ask_whose(
    refusal: WalletOfSomeoneElse,
    *,
    back: str,
    fields: dict[str, str] | None = None,
    may_add: bool = True,
) -> ResponseReturnValue:
    """Somebody else's tickets are here: ask before they are mixed with others, or go."""
    if wants_json():
        return problems.show_refusal(refusal)
    page = render_template(
        "wallet/whose.html",
        sentence=sentence_of(refusal),
        action=request.path,
        back=back,
        fields=fields or {},
        may_add=may_add,
    )
    return make_response(page, refusal.http_status)


def read_confirmation() -> Confirmation:
    """What was answered to :func:`ask_whose`, if it was asked."""
    answer = request.form.get("confirm", "")
    return Confirmation(answer) if answer in set(Confirmation) else Confirmation.NONE


def _keep_order(order: Order) -> KeptIn:
    copy = current_copy()
    with transaction():
        return wallets.keep_order(
            copy=copy,
            order=order,
            confirmation=read_confirmation(),
            now=ports().utc_now(),
            browser=browser_name(),
        )


def _keep_ticket(ticket: Ticket) -> KeptIn:
    copy = current_copy()
    with transaction():
        return wallets.keep_ticket(
            copy=copy,
            ticket=ticket,
            confirmation=read_confirmation(),
            now=ports().utc_now(),
            browser=browser_name(),
        )
