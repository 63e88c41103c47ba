"""More for an order that is paid: parking, a shirt, bought in the same way and linked to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.domain import offers, orders
from webapp.domain.baskets import Basket, BasketLine
from webapp.domain.offers import TierOffer
from webapp.errors import (
    FieldFault,
    InsufficientInventory,
    InvalidRequest,
    Shortage,
)
from webapp.models import (
    AddOnCheckout,
    Checkout,
    CheckoutItem,
    Event,
    Order,
    OrderStatus,
    Tier,
    TierKind,
    TierStatus,
)
from webapp.models.order import PAID_FOR, WITH_MONEY
from webapp.order_refusals import NothingToAdd
from webapp.payment_refusals import FirstOrderOver
from webapp.wording import n_

# Built once: every answer about a checkout asks it.
_SELLS = select(
    exists().where(
        Tier.event_id == bindparam("event_id"),
        Tier.kind == TierKind.ADD_ON,
        Tier.status == TierStatus.ACTIVE,
        Tier.is_hidden.is_(False),
        or_(Tier.sale_starts_at.is_(None), Tier.sale_starts_at <= bindparam("now")),
        or_(Tier.sale_ends_at.is_(None), Tier.sale_ends_at > bindparam("now")),
        Tier.id.not_in(
            select(CheckoutItem.tier_id).where(CheckoutItem.checkout_id == bindparam("checkout_id"))
        ),
    )
)


def list_add_ons(
    *, order: Order, now: datetime, own_checkout_id: int | None = None
) -> list[TierOffer]:
    """What may be added to the order now; nothing is offered where it makes no sense.

    What the buyer's own open checkout holds for this order, ``own_checkout_id``, is there
    to be chosen again.

    That is: for an order that is not paid or went back in part, that is an
    add-on itself or has been given one, whose buyer said no, or whose event is
    over or called off. What is in the order already is not offered again.
    """
    suited = _list_suited(order=order, now=now, own_checkout_id=own_checkout_id)
    return [offer for offer in suited if offer.is_open]


def sells_add_ons(*, checkout: Checkout, now: datetime) -> bool:
    """Whether something can be offered once the checkout is paid for, as far as is known now.

    That is: it holds tickets, goes with no other order, and its event sells an add-on
    that is not in it. Whether any are left then is asked then.
    """
    if not any(item.tier.kind is TierKind.TICKET for item in checkout.items):
        return False
    facts = {"event_id": checkout.event_id, "checkout_id": checkout.id, "now": now}
    return bool(db.session.scalar(_SELLS, facts))


def check_add_ons(
    *,
    order: Order,
    lines: Sequence[BasketLine],
    now: datetime,
    own_checkout_id: int | None = None,
) -> None:
    """Refuse what is no add-on that is offered for this order, as :func:`list_add_ons` does.

    Raises :class:`InsufficientInventory` for what was offered and is sold out now,
    :class:`NothingToAdd` when nothing is offered, :class:`InvalidRequest` naming
    each faulty line as :func:`webapp.domain.baskets.check_basket` does.
    """
    suited = {
        offer.tier.id: offer
        for offer in _list_suited(order=order, now=now, own_checkout_id=own_checkout_id)
    }
    gone = [
        Shortage(line.tier_id, suited[line.tier_id].tier.name, line.quantity, 0)
        for line in lines
        if line.tier_id in suited and suited[line.tier_id].status == "sold_out"
    ]
    if gone:
        raise InsufficientInventory(gone)
    offered = {tier_id for tier_id, offer in suited.items() if offer.is_open}
    if not offered:
        raise NothingToAdd
    if not lines:
        raise InvalidRequest([FieldFault("items", n_("Choose at least one."))])
    faults = [
        FieldFault(f"items.{index}", n_("This cannot be added to the order. Choose again."))
        for index, line in enumerate(lines)
        if line.tier_id not in offered
    ]
    if faults:
        raise InvalidRequest(faults)


def refuse_tickets(*, checkout_id: int, basket: Basket) -> None:
    """Raise :class:`InvalidRequest` for tickets in a checkout that goes with an order.

    Whoever bought that order may be somebody else: the tickets would not be theirs.
    """
    has_tickets = any(tier.kind is TierKind.TICKET for tier, _ in basket.lines)
    if has_tickets and db.session.get(AddOnCheckout, checkout_id) is not None:
        sentence = n_("Tickets cannot be added to an order. Choose them on the event's page.")
        raise InvalidRequest([FieldFault("items", sentence)])


def dismiss_add_ons(*, order_id: int, now: datetime) -> None:
    """Remember that the buyer wants nothing more. Safe to repeat."""
    order = orders.lock_order(order_id=order_id)
    order.add_ons_dismissed_at = order.add_ons_dismissed_at or now


def refuse_ended_order(*, checkout_id: int) -> None:
    """Raise :class:`FirstOrderOver` for an add-on whose first order is no longer paid for."""
    query = (
        select(Order.status)
        .join(AddOnCheckout, AddOnCheckout.order_id == Order.id)
        .where(AddOnCheckout.checkout_id == checkout_id)
    )
    status = db.session.scalar(query)
    if status is not None and status not in PAID_FOR:
        raise FirstOrderOver


def link_checkout(*, checkout_id: int, order_id: int) -> None:
    """Note which order a checkout's goods go with, once."""
    values = {"checkout_id": checkout_id, "order_id": order_id}
    db.session.execute(insert(AddOnCheckout).values(values).on_conflict_do_nothing())


def copy_link(*, source_id: int, target_id: int) -> None:
    """Let the checkout that follows another one belong to the same order."""
    link = db.session.get(AddOnCheckout, source_id)
    if link is not None:
        link_checkout(checkout_id=target_id, order_id=link.order_id)


def find_first_order(*, order: Order) -> Order | None:
    """The order that this one was added to, if it is an add-on."""
    query = (
        select(Order)
        .join(AddOnCheckout, AddOnCheckout.order_id == Order.id)
        .where(AddOnCheckout.checkout_id == order.checkout_id)
        .options(selectinload(Order.checkout))
    )
    return db.session.scalars(query).one_or_none()


def list_linked_orders(*, order_id: int) -> list[Order]:
    """What was added to an order and paid for or is being paid for, with its lines."""
    query = (
        select(Order)
        .join(AddOnCheckout, AddOnCheckout.checkout_id == Order.checkout_id)
        .where(AddOnCheckout.order_id == order_id, Order.status.in_(WITH_MONEY))
        .options(selectinload(Order.items), selectinload(Order.checkout))
        .order_by(Order.id)
    )
    return list(db.session.scalars(query))


def _list_suited(*, order: Order, now: datetime, own_checkout_id: int | None) -> list[TierOffer]:
    """What goes with the order, on sale or not."""
    if (
        order.status is not OrderStatus.PAID
        or order.fulfilled_at is None
        or order.add_ons_dismissed_at is not None
        or not any(item.kind is TierKind.TICKET for item in order.items)
        or find_first_order(order=order) is not None
        or list_linked_orders(order_id=order.id)
    ):
        return []
    event = db.session.get_one(
        Event, order.event_id, options=[selectinload(Event.tiers).selectinload(Tier.pools)]
    )
    if not event.is_on(now=now):
        return []
    owned = {item.tier_id for item in order.items}
    return [
        offer
        for offer in offers.list_offers(event=event, now=now, own_checkout_id=own_checkout_id)
        if offer.tier.kind is TierKind.ADD_ON and offer.tier.id not in owned
    ]
