"""Orders: made from a checkout, numbered, moved along the allowed arrows."""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from webapp.database import db, table_of
from webapp.domain import outbox
from webapp.errors import NotFound
from webapp.models import (
    NEXT_STATUSES,
    Checkout,
    CheckoutItem,
    Event,
    Order,
    OrderItem,
    OrderNumberCounter,
    OrderStatus,
    OrderTransition,
    Ticket,
)
from webapp.models.order import FIRST_LINK_VERSION
from webapp.payment_refusals import PaymentPending

log = logging.getLogger(__name__)

# Built once: every order runs them.
_LOCK = select(Order).with_for_update(of=Order).execution_options(populate_existing=True)
_LOCK_BY_ID = _LOCK.where(Order.id == bindparam("order_id"))
_LOCK_OF_CHECKOUT = _LOCK.where(Order.checkout_id == bindparam("checkout_id"))
_counters = table_of(OrderNumberCounter)
_NEXT_NUMBER = (
    insert(_counters)
    .values(event_id=bindparam("event_id"), day=bindparam("day"), last=1)
    .on_conflict_do_update(index_elements=["event_id", "day"], set_={"last": _counters.c.last + 1})
    .returning(_counters.c.last)
)

_ORDERED = select(OrderItem.tier_id, OrderItem.quantity).where(
    OrderItem.order_id == bindparam("order_id")
)
_HELD = select(CheckoutItem.tier_id, CheckoutItem.quantity).where(
    CheckoutItem.checkout_id == bindparam("checkout_id")
)
_IS_BASKET_CHANGED = select(exists(_ORDERED.except_(_HELD)) | exists(_HELD.except_(_ORDERED)))


def place_order(*, checkout: Checkout, order: Order | None, trace_id: str, now: datetime) -> Order:
    """The order of a checkout: made the first time, brought up to date after.

    The caller holds the locks of the checkout and of ``order``, which is what it
    led to before, if anything. An order that is still pending takes over the
    present basket, price and contact; any other is returned as it is.
    """
    if order is None:
        order = Order(
            number=_next_number(event=checkout.event, now=now),
            event=checkout.event,
            checkout=checkout,
            trace_id=trace_id,
            status=OrderStatus.PENDING,
            link_version=FIRST_LINK_VERSION,
            review_reason="",
            created_at=now,
        )
        _note(
            order, None, OrderStatus.PENDING, actor="buyer", reason="", now=now, trace_id=trace_id
        )
    elif order.status is not OrderStatus.PENDING:
        return order
    _copy_checkout(order, checkout)
    db.session.add(order)
    db.session.flush()
    return order


def get_order(*, number: str) -> Order:
    """The order with its lines and event. Raises :class:`NotFound`."""
    query = (
        select(Order)
        .where(Order.number == number)
        .options(selectinload(Order.items), selectinload(Order.event))
    )
    order = db.session.scalars(query).one_or_none()
    if order is None:
        raise NotFound
    return order


def find_order_by_checkout(*, checkout_id: int) -> Order | None:
    """The order that a checkout led to, if it got that far."""
    return db.session.scalars(select(Order).where(Order.checkout_id == checkout_id)).one_or_none()


def is_basket_changed(*, order: Order) -> bool:
    """Whether the checkout holds other places by now than the order has lines for."""
    ids = {"order_id": order.id, "checkout_id": order.checkout_id}
    return bool(db.session.scalar(_IS_BASKET_CHANGED, ids))


def refuse_unsettled(*, checkout_id: int) -> None:
    """Raise :class:`PaymentPending` once the checkout's order waits for more than its buyer.

    A bank or a person has to say what becomes of its money: the places stay those of
    its lines until then. The caller holds the checkout's lock.
    """
    status = db.session.scalar(select(Order.status).where(Order.checkout_id == checkout_id))
    if status not in {None, OrderStatus.PENDING}:
        raise PaymentPending


def list_tickets(*, order_id: int) -> list[Ticket]:
    """The order's tickets in the order of its lines."""
    query = (
        select(Ticket)
        .where(Ticket.order_id == order_id)
        .order_by(Ticket.order_item_id, Ticket.unit_no)
    )
    return list(db.session.scalars(query))


def lock_order(*, order_id: int) -> Order:
    """The order, fresh and locked. Raises :class:`NotFound`."""
    order = db.session.scalars(_LOCK_BY_ID, {"order_id": order_id}).one_or_none()
    if order is None:
        raise NotFound
    return order


def lock_order_of_checkout(*, checkout_id: int) -> Order | None:
    """The checkout's order, fresh and locked, if there is one."""
    return db.session.scalars(_LOCK_OF_CHECKOUT, {"checkout_id": checkout_id}).one_or_none()


def move_order(
    order: Order,
    status: OrderStatus,
    *,
    actor: str,
    now: datetime,
    trace_id: str,
    reason: str = "",
) -> None:
    """Move the order along one allowed arrow and append to its history.

    The only code that changes an order's status. Any other arrow is our bug
    and raises ``ValueError``. Becoming paid makes the issuing of tickets due; what
    needs review is said in the log.
    """
    if status not in NEXT_STATUSES[order.status]:
        raise ValueError(f"order {order.number}: {order.status} -> {status} is not allowed")
    _note(order, order.status, status, actor=actor, reason=reason, now=now, trace_id=trace_id)
    order.status = status
    order.review_reason = reason if status is OrderStatus.NEEDS_REVIEW else ""
    if status is OrderStatus.NEEDS_REVIEW:
        # Before the commit: a line too many is better than one that a kill took with it.
        log.error("order needs review", extra={"order_number": order.number, "reason": reason})
    if status is OrderStatus.PAID:
        # The first time: a person may have looked at it since.
        order.paid_at = order.paid_at or now
        outbox.add_work(
            kind=outbox.ISSUE_TICKETS,
            subject_id=order.id,
            key=str(order.id),
            now=now,
            trace_id=trace_id,
        )


def _next_number(*, event: Event, now: datetime) -> str:
    """``PREFIX-YYYYMMDD-NNNN``: a counter row per event and local day, never a count."""
    day = now.astimezone(ZoneInfo(event.time_zone)).date()
    last = db.session.scalar(_NEXT_NUMBER, {"event_id": event.id, "day": day})
    return f"{event.order_prefix}-{day:%Y%m%d}-{last:04d}"


def _copy_checkout(order: Order, checkout: Checkout) -> None:
    """Snapshot the basket: names and prices as the buyer saw them."""
    order.contact_email = checkout.contact_email
    order.contact_name = checkout.contact_name
    order.contact_phone = checkout.contact_phone
    order.locale = checkout.locale
    order.currency = checkout.currency
    order.subtotal_cents = checkout.subtotal_cents
    order.discount_cents = checkout.discount_cents
    order.fees_cents = checkout.fees_cents
    order.tax_cents = checkout.tax_cents
    order.total_cents = checkout.total_cents
    order.items = [
        OrderItem(
            tier_id=item.tier_id,
            kind=item.tier.kind,
            name=item.tier.name,
            quantity=item.quantity,
            unit_price_cents=item.unit_price_cents,
            subtotal_cents=item.quantity * item.unit_price_cents,
            discount_cents=item.discount_cents,
        )
        for item in checkout.items
    ]


def _note(
    order: Order,
    from_status: OrderStatus | None,
    to_status: OrderStatus,
    *,
    actor: str,
    reason: str,
    now: datetime,
    trace_id: str,
) -> None:
    transition = OrderTransition(
        from_status=from_status,
        to_status=to_status,
        actor=actor,
        reason=reason,
        trace_id=trace_id,
        at=now,
    )
    if "transitions" in inspect(order).unloaded and order.id is not None:
        # Appending would first read the whole history.
        transition.order_id = order.id
        db.session.add(transition)
    else:
        order.transitions.append(transition)
