"""The checkouts that one browser began: which of them may still change, which are in its way."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.models import AddOnCheckout, Checkout, CheckoutStatus, Event, Order, OrderStatus


def find_open_checkout(
    *, references: Sequence[str], event_id: int, now: datetime, added_to: int | None = None
) -> Checkout | None:
    """The newest of the named checkouts that may still change, for one event.

    One that was begun from an order's page is found for that order alone, which is
    ``added_to``: tickets chosen on the event's page are a purchase of their own.

    A checkout whose hold has lapsed counts while it may still be renewed: the
    buyer's basket is there, and the seats can be taken again. One whose money is
    on its way does not: it is bought, and what is chosen next is chosen anew.
    """
    if not references:
        return None
    query = (
        _undecided(references, event_id=event_id, added_to=added_to)
        .where(Checkout.hold_limit_at > now)
        .order_by(Checkout.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def list_spent_checkouts(
    *, references: Sequence[str], event_id: int, now: datetime, added_to: int | None = None
) -> Sequence[str]:
    """Those of the named checkouts for one event that hold places and can be renewed no more.

    ``added_to`` as in :func:`find_open_checkout`.
    """
    if not references:
        return ()
    query = (
        _undecided(references, event_id=event_id, added_to=added_to)
        .where(Checkout.hold_limit_at <= now, Checkout.expires_at > now)
        .with_only_columns(Checkout.reference)
    )
    return db.session.scalars(query).all()


def list_open_checkouts(*, references: Sequence[str], now: datetime) -> Sequence[Checkout]:
    """Those of the named checkouts that hold places now, with their events, the newest first."""
    if not references:
        return ()
    query = (
        select(Checkout)
        .where(
            Checkout.reference.in_(references),
            Checkout.status == CheckoutStatus.PENDING,
            Checkout.expires_at > now,
        )
        .options(selectinload(Checkout.event))
        .order_by(Checkout.id.desc())
    )
    return db.session.scalars(query).all()


def find_ordered_checkout(*, references: Sequence[str], event_slug: str) -> Checkout | None:
    """The newest of the named checkouts for one event that came as far as an order."""
    if not references:
        return None
    query = (
        select(Checkout)
        .join(Order, Order.checkout_id == Checkout.id)
        .join(Event, Event.id == Checkout.event_id)
        .where(Checkout.reference.in_(references), Event.slug == event_slug)
        .order_by(Checkout.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def _undecided(
    references: Sequence[str], *, event_id: int, added_to: int | None
) -> Select[Checkout]:
    # Where an order is not pending, a bank or a person decides what becomes of it.
    is_decided = exists().where(
        Order.checkout_id == Checkout.id, Order.status != OrderStatus.PENDING
    )
    return (
        select(Checkout)
        .outerjoin(AddOnCheckout, AddOnCheckout.checkout_id == Checkout.id)
        .where(
            Checkout.reference.in_(references),
            Checkout.event_id == event_id,
            Checkout.status == CheckoutStatus.PENDING,
            AddOnCheckout.order_id.is_not_distinct_from(added_to),
            ~is_decided,
        )
    )
