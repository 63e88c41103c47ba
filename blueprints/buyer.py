"""What one browser may open: the checkouts it began or was sent, the orders it was let into.

The signed session cookie holds names only. It is an address, never the state.
"""

import secrets
from collections.abc import Sequence

from flask import request, session

from webapp.domain import checkouts, orders, ticket_access
from webapp.errors import NotFound
from webapp.extensions import signer
from webapp.models import Checkout, Order, Ticket

# A cookie holds 4 KB; the oldest names make room.
MAX_NAMES = 20
# As much as the field takes: a code with spaces and dashes in it.
MAX_CODE_LENGTH = 80


def buyer_key() -> str:
    """A keyed digest that tells this browser from others; made at its first visit."""
    if "buyer" not in session:
        session["buyer"] = secrets.token_urlsafe(16)
        session.permanent = True
    return signer().digest("client-key", f"browser:{session['buyer']}")


def grant_checkout(reference: str) -> None:
    """Let this browser open a checkout that it began itself."""
    _remember("checkouts", reference)


def share_checkout(reference: str) -> None:
    """Let this browser open a checkout that a link led to.

    Whoever made the link may still read that checkout, so what is chosen or
    typed elsewhere on this site must never end up in it.
    """
    if reference not in own_references():
        _remember("shared", reference)


def grant_successor(reference: str, *, of: str) -> None:
    """Let this browser open what took the place of a checkout, as far as that was its own."""
    if of in own_references():
        grant_checkout(reference)
    else:
        share_checkout(reference)


def grant_order(order: Order) -> None:
    """Let this browser open an order until its links are revoked."""
    _remember("orders", _order_name(order))


def grant_ticket(ticket: Ticket) -> None:
    """Let this browser act for the ticket's present holder, until it goes to the next."""
    _remember("tickets", ticket_access.name_grant(ticket))


def granted_holder_no(ticket: Ticket) -> int:
    """The newest holder of the ticket that this browser was let in as, 0 for none."""
    names: Sequence[str] = session.get("tickets", ())
    return max((ticket_access.read_grant(name, ticket) for name in names), default=0)


def forget_everything() -> None:
    """Take from this browser whatever opens an order, a checkout or a ticket, and who it was."""
    for kind in ("orders", "checkouts", "shared", "tickets", "codes", "buyer"):
        session.pop(kind, None)


def forget_others(order: Order) -> None:
    """Take from this browser what it may open, but for one order."""
    is_own = bought_here(order)
    forget_everything()
    grant_order(order)
    if is_own:
        grant_checkout(order.checkout.reference)


def remember_code(slug: str, code_id: int | None) -> None:
    """Let this browser use a recognised code of an event, or none."""
    known = {name: code for name, code in session.get("codes", {}).items() if name != slug}
    if code_id is not None:
        known[slug] = code_id
    if known or "codes" in session:
        session["codes"] = dict(list(known.items())[-MAX_NAMES:])
        session.permanent = True


def remembered_code(slug: str) -> int | None:
    """The id of the code that this browser uses for an event."""
    code_id = session.get("codes", {}).get(slug)
    return code_id if isinstance(code_id, int) else None


def typed_code() -> str:
    """What stands in the field for a code, or came along in a link."""
    return request.values.get("code", "").strip()[:MAX_CODE_LENGTH]


def own_references() -> Sequence[str]:
    """The checkouts that this browser began, the newest last."""
    return tuple(session.get("checkouts", ()))


def own_checkout(reference: str) -> Checkout:
    """The checkout, if this browser may open it. Raises :class:`NotFound`, as if unknown."""
    if reference not in open_references():
        raise NotFound
    return checkouts.get_checkout(reference=reference)


def own_order(number: str) -> Order:
    """The order, if it is this browser's. Raises :class:`NotFound`, as for an unknown one."""
    order = orders.get_order(number=number)
    if not may_open(order):
        raise NotFound
    return order


def may_open(order: Order) -> bool:
    """Whether this browser was let into the order, or bought it and no link was revoked since.

    Who read the buyer's mail may have come by a link of the checkout and be kept
    here as if it were their purchase: whatever revokes the order's links ends
    those, too. The buyer comes back by the link of the next mail.
    """
    if _order_name(order) in session.get("orders", ()):
        return True
    return not order.has_revoked_links and order.checkout.reference in open_references()


def bought_here(order: Order) -> bool:
    """Whether this browser itself bought the order, and so may see who did.

    It opens nothing by itself: see :func:`may_open`.
    """
    return order.checkout.reference in own_references()


def open_references() -> Sequence[str]:
    """The checkouts that this browser may open, change and cancel."""
    return (*own_references(), *session.get("shared", ()))


def _order_name(order: Order) -> str:
    return f"{order.number}/{order.link_version}"


def _remember(kind: str, name: str) -> None:
    # Who came by a link is one buyer, too: limits must not count a whole network as one.
    buyer_key()
    names = [known for known in session.get(kind, ()) if known != name]
    session[kind] = [*names, name][-MAX_NAMES:]
    session.permanent = True
