"""A person's word on an order under review: it stands, the money goes back, or it went back."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select

from webapp.database import db
from webapp.domain import audit, events, holds, orders, refunds, reviews, settlement, voiding
from webapp.domain.payment_locks import lock_checkout_and_order, lock_payments
from webapp.domain.reviews import Money
from webapp.errors import InsufficientInventory
from webapp.models import (
    LIVE_PAYMENT_STATUSES,
    Checkout,
    CheckoutStatus,
    Order,
    OrderStatus,
    Ticket,
    TicketStatus,
)

# It stands; all goes back through the gateway; all went back some other way.
VERDICTS = (OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED)

# Why money goes back: staff did not let the order stand.
REVIEW_CANCELLED = "review_cancelled"


class Obstacle(StrEnum):
    """What stands in the way of a verdict."""

    NOT_IN_REVIEW = "not_in_review"
    PAYMENT_UNDER_WAY = "payment_under_way"
    NOTHING_KEPT = "nothing_kept"
    TOO_MUCH_KEPT = "too_much_kept"
    TICKETS_ENDED = "tickets_ended"
    EVENT_CALLED_OFF = "event_called_off"
    NO_PLACES = "no_places"
    BASKET_CHANGED = "basket_changed"


class CannotDecide(Exception):
    """The verdict would lose money or tickets, or there is nothing to decide."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


def decide_order(
    *, order_id: int, verdict: OrderStatus, who: str, why: str, now: datetime, trace_id: str
) -> Mapping[str, Money] | None:
    """End the order's review as one of :data:`VERDICTS`, with ``who`` and ``why`` on the trail.

    Answers the money that was decided about, by currency; None when the review was
    ended like that before. The caller has just looked at the gateway. Raises
    :class:`CannotDecide`, and the caller's transaction rolls back.
    """
    checkout, order = lock_checkout_and_order(order_id=order_id)
    payments = lock_payments(order_id)
    if reviews.was_decided(order=order, verdict=verdict):
        return None
    if order.status is not OrderStatus.NEEDS_REVIEW:
        raise CannotDecide(Obstacle.NOT_IN_REVIEW)
    if any(payment.status in LIVE_PAYMENT_STATUSES for payment in payments):
        raise CannotDecide(Obstacle.PAYMENT_UNDER_WAY)
    reason, money = order.review_reason, reviews.count_money(order_id=order.id)
    if verdict is OrderStatus.PAID:
        _accept(order, checkout, money, now=now, trace_id=trace_id)
    else:
        _give_up(order, checkout, verdict, now=now, trace_id=trace_id)
    audit.note(
        subject="order",
        subject_id=order.id,
        action="review_decided",
        actor=reviews.STAFF,
        details={
            "verdict": verdict.value,
            "who": who,
            "why": why,
            "reason": reason,
            "expected_cents": order.total_cents,
            "currency": order.currency,
            "kept_cents": {currency: each.kept_cents for currency, each in money.items()},
        },
        now=now,
        trace_id=trace_id,
    )
    return money


def _accept(
    order: Order, checkout: Checkout, money: Mapping[str, Money], *, now: datetime, trace_id: str
) -> None:
    """Seats and tickets for the money that is here, and no more kept of it than the price."""
    kept = {currency for currency, each in money.items() if each.kept_cents > 0}
    if not kept:
        raise CannotDecide(Obstacle.NOTHING_KEPT)
    if reviews.has_too_much(order=order, money=money):
        raise CannotDecide(Obstacle.TOO_MUCH_KEPT)
    if events.is_called_off(event_id=order.event_id):
        raise CannotDecide(Obstacle.EVENT_CALLED_OFF)
    has_ended = exists().where(Ticket.order_id == order.id, Ticket.status == TicketStatus.VOID)
    if db.session.scalar(select(has_ended)):
        raise CannotDecide(Obstacle.TICKETS_ENDED)
    if orders.is_basket_changed(order=order):
        raise CannotDecide(Obstacle.BASKET_CHANGED)
    try:
        holds.sell_holds(checkout=checkout, now=now)
    except InsufficientInventory:
        raise CannotDecide(Obstacle.NO_PLACES) from None
    settlement.convert_checkout(checkout)
    orders.move_order(order, OrderStatus.PAID, actor=reviews.STAFF, now=now, trace_id=trace_id)


def _give_up(
    order: Order, checkout: Checkout, verdict: OrderStatus, *, now: datetime, trace_id: str
) -> None:
    """Places and tickets end; what is kept of the money is due to go back, or has gone."""
    kept = [
        (payment, cents)
        for payment in reviews.list_captures(order_id=order.id)
        if (cents := reviews.kept_cents(payment)) > 0
    ]
    if verdict is OrderStatus.REFUNDED and not kept:
        raise CannotDecide(Obstacle.NOTHING_KEPT)
    orders.move_order(order, verdict, actor=reviews.STAFF, now=now, trace_id=trace_id)
    if checkout.status is CheckoutStatus.PENDING:
        checkout.status = CheckoutStatus.CANCELLED
    checkout.paying_until = None
    for payment, cents in kept:
        if verdict is OrderStatus.REFUNDED:
            refunds.note_outside_refund(payment=payment, amount_cents=cents, now=now)
        else:
            refunds.request_refund(
                payment=payment,
                reason=REVIEW_CANCELLED,
                amount_cents=cents,
                now=now,
                trace_id=trace_id,
            )
    voiding.void_tickets(order, now=now, trace_id=trace_id)
    holds.release_holds(checkout_ids=[checkout.id])
