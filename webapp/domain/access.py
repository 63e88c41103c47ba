"""Who may open a checkout or an order: holders of something signed, nobody by number."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.errors import LinkExpired, NotFound
from webapp.models import Checkout, Order
from webapp.signing import Signer

# The buyer keeps the mail: its link works until well after the event.
ORDER_LINK_LIFETIME = timedelta(days=400)
ORDER_LINK_GRACE = timedelta(days=30)
CHECKOUT_LINK_LIFETIME = timedelta(hours=12)


def checkout_token(signer: Signer, checkout: Checkout) -> str:
    """The bearer token of a checkout: derived, never stored, 256 bits."""
    return signer.digest("checkout-token", checkout.reference)


def is_checkout_token(signer: Signer, reference: str, token: str) -> bool:
    """Whether ``token`` opens the checkout; takes the same time either way."""
    return signer.matches("checkout-token", reference, token)


def seal_checkout_link(signer: Signer, reference: str) -> str:
    """A link text that opens this checkout alone, on any device.

    The same text every time: the gateway is sent back to it, and a request
    that is repeated after a lost answer must be the same to the letter.
    """
    return f"{reference}.{signer.digest('checkout-link', reference)}"


def open_checkout_link(signer: Signer, sealed: str, *, now: datetime) -> str:
    """The reference inside a link text.

    Raises :class:`NotFound` when it was altered or the checkout is too old.
    """
    reference, _, digest = sealed.partition(".")
    if not digest.isascii() or not signer.matches("checkout-link", reference, digest):
        raise NotFound
    opened_at = db.session.scalar(
        select(Checkout.created_at).where(Checkout.reference == reference)
    )
    if opened_at is None or now > opened_at + CHECKOUT_LINK_LIFETIME:
        raise NotFound
    return reference


def seal_handover(signer: Signer, checkout: Checkout) -> str:
    """A link text that opens this checkout alone on another device, while it can be held."""
    return f"{checkout.reference}.{signer.digest('handover-link', checkout.reference)}"


def open_handover(signer: Signer, sealed: str, *, now: datetime) -> str:
    """The reference inside a link text of :func:`seal_handover`.

    Raises :class:`NotFound` when it was altered, :class:`LinkExpired` past the
    end of :func:`handover_ends_at`.
    """
    reference, _, digest = sealed.partition(".")
    if not digest.isascii() or not signer.matches("handover-link", reference, digest):
        raise NotFound
    checkout = db.session.scalars(
        select(Checkout).where(Checkout.reference == reference)
    ).one_or_none()
    if checkout is None:
        raise NotFound
    if now >= handover_ends_at(checkout):
        raise LinkExpired
    return reference


def handover_ends_at(checkout: Checkout) -> datetime:
    """When the tickets can be held no longer, or be paid for on an open payment page."""
    return max(checkout.hold_limit_at, checkout.paying_until or checkout.hold_limit_at)


def seal_order_link(signer: Signer, order: Order) -> str:
    """A link text that opens this order alone; raising ``link_version`` revokes it."""
    return signer.seal("order-link", f"{order.number}/{order.link_version}")


def open_order_link(signer: Signer, sealed: str, *, now: datetime) -> Order:
    """The order that a link text opens.

    Raises :class:`NotFound` when it was altered, revoked, or is too old: 400
    days, and 30 days after the event has ended.
    """
    value = signer.unseal(
        "order-link",
        sealed,
        max_age_seconds=int(ORDER_LINK_LIFETIME.total_seconds()),
    )
    number, _, version = (value or "").partition("/")
    order = db.session.scalars(
        select(Order).where(Order.number == number).options(selectinload(Order.event))
    ).one_or_none()
    if order is None or str(order.link_version) != version:
        raise NotFound
    if now > order.event.ends_at + ORDER_LINK_GRACE:
        raise NotFound
    return order
