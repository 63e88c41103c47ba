"""The wallet: its pages and what scripts ask, for the browser that has a copy."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer, wallet_answers
from blueprints.api import problems
from blueprints.errors import show_refusal
from blueprints.wallet_copy import current_copy, note_seen, was_removed
from webapp.database import LARGEST_ID
from webapp.domain import ticket_access
from webapp.domain.ticket_facts import TicketFacts
from webapp.errors import Refusal
from webapp.models import Order, WalletCopy
from webapp.wallet_refusals import WalletCopyRemoved, WalletNotConnected

bp = Blueprint("wallet", __name__)


@bp.get("/wallet")
def show_wallet() -> ResponseReturnValue:
    """The tickets on this phone; always answered directly, never by a redirect."""
    return wallet_answers.show_wallet_page()


@bp.get(f"/wallet/tickets/<int(max={LARGEST_ID}):ticket_id>")
def show_ticket(ticket_id: int) -> ResponseReturnValue:
    """One ticket, for a wallet that has it and for browsers that may open its order."""
    copy = current_copy()
    facts = _facts_of_wallet(copy, ticket_id) if copy else None
    if facts is not None:
        return wallet_answers.show_ticket_page(facts, is_kept=True, keep={})
    seen = ticket_access.get_order_ticket(ticket_id=ticket_id, may_open=buyer.may_open)
    order = seen.ticket.order
    facts = _facts_of_order(order, ticket_id)
    return wallet_answers.show_ticket_page(facts, is_kept=False, keep=_keep_order(order))


@bp.get("/wallet/contents")
def show_contents() -> ResponseReturnValue:
    """What the wallet holds, for its scripts; 401 says whether they delete what they have."""
    copy = current_copy()
    if copy is None:
        refusal = WalletCopyRemoved() if was_removed() else WalletNotConnected()
        return problems.show_refusal(refusal)
    note_seen(copy)
    return wallet_answers.contents(copy)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores what a wallet says; its own worker does, on purpose."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(Refusal)
def refuse(refusal: Refusal) -> ResponseReturnValue:
    """For a script as a problem document, for a person as a page."""
    if wants_json():
        return problems.show_refusal(refusal)
    return show_refusal(refusal)


def wants_json() -> bool:
    """Whether one of our scripts asks, rather than a person's form."""
    return request.accept_mimetypes.best == "application/json"


def _facts_of_wallet(copy: WalletCopy, ticket_id: int) -> TicketFacts | None:
    """The ticket among its neighbours; on its own once it is too old for the list."""
    for facts in wallet_answers.list_facts(copy):
        if facts.ticket_id == ticket_id:
            return facts
    seen = ticket_access.find_wallet_ticket(wallet_id=copy.wallet_id, ticket_id=ticket_id)
    return wallet_answers.tell([seen])[0] if seen else None


def _facts_of_order(order: Order, ticket_id: int) -> TicketFacts:
    told = wallet_answers.tell(ticket_access.list_order_tickets(order_id=order.id))
    return next(facts for facts in told if facts.ticket_id == ticket_id)


def _keep_order(order: Order) -> dict[str, str]:
    return {"action": url_for("wallet.create_wallet_order", number=order.number), "link": ""}
