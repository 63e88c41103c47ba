"""What the gateway took for an order and gave back, and what the buyer may be told of it."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, select

from webapp.database import db
from webapp.models import (
    Order,
    OrderStatus,
    OrderTransition,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)

# Why an order needs a person: the gateway gave money back, and it came back to us.
REFUND_FAILED = "refund_failed"

# Why money goes back: it came when the seats were gone, it came twice for one order, or
# staff sent it back at the gateway.
LATE_PAYMENT = "late_payment"
DUPLICATE_PAYMENT = "duplicate_payment"
AT_GATEWAY = "at_gateway"
# Sent back by staff past the gateway.
OUTSIDE_GATEWAY = "outside_gateway"

OPEN_STATUSES = (RefundStatus.REQUESTED, RefundStatus.PENDING)
ACCEPTED_STATUSES = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
# The gateway's last words: no refund leaves them, whatever an older look says.
LOST_STATUSES = (RefundStatus.FAILED, RefundStatus.CANCELED)

# Nothing was given for the money of such an order: all of it goes back.
_UNSOLD = frozenset({OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.FAILED})
# Orders whose own price went back, in part or whole.
_REFUNDED = frozenset({OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED})


class MoneyBack(StrEnum):
    """What a buyer has to hear beyond the order's status."""

    NOTHING = "nothing"
    COMING = "coming"
    CANCELLED = "cancelled"
    STUCK = "stuck"
    ANOTHER_WAY = "another_way"


def tell_money_back(*, order: Order) -> MoneyBack:
    """Whether money came for tickets that are gone, and whether its way back is blocked.

    ``cancelled`` is money on its way back from an order that a person did not let stand,
    ``another_way`` money that staff sent past the gateway, as agreed with the buyer.
    """
    if order.status is OrderStatus.NEEDS_REVIEW and order.review_reason == REFUND_FAILED:
        return MoneyBack.STUCK
    if order.status is OrderStatus.REFUNDED and _was_sent_another_way(order):
        return MoneyBack.ANOTHER_WAY
    if order.status not in _UNSOLD or not captured_cents(order_id=order.id):
        return MoneyBack.NOTHING
    return MoneyBack.CANCELLED if _is_turned_down(order) else MoneyBack.COMING


def is_refund_lost(*, order: Order) -> bool:
    """Whether a refund failed that the order's status says has been, or will be, made."""
    if order.status is OrderStatus.NEEDS_REVIEW:
        return order.review_reason == REFUND_FAILED
    if not sum_refunds(order_id=order.id, statuses=LOST_STATUSES):
        return False
    kept = captured_cents(order_id=order.id) - sum_refunds(
        order_id=order.id, statuses=(*OPEN_STATUSES, RefundStatus.SUCCEEDED)
    )
    if order.status in _UNSOLD or order.status is OrderStatus.REFUNDED:
        return kept > 0
    if order.status is OrderStatus.PARTIALLY_REFUNDED:
        return kept >= price_taken_cents(order=order)
    # What was paid twice is to be kept once.
    return kept > order.total_cents


def captured_cents(*, order_id: int) -> int:
    """What the gateway took for the order, over all attempts, whatever was asked for."""
    return int(db.session.scalar(_captured(order_id)) or 0)


def price_taken_cents(*, order: Order) -> int:
    """What of the order's price was taken: staff may have accepted less than all of it."""
    return min(order.total_cents, captured_cents(order_id=order.id))


def returned_cents(*, order_id: int) -> int:
    """What went back to the buyer, as far as the gateway knows by now."""
    return sum_refunds(order_id=order_id, statuses=(RefundStatus.SUCCEEDED,))


def order_refunded_cents(*, order: Order) -> int:
    """What of the order's own price went back; not what was paid twice, or beyond the price."""
    if order.status not in _REFUNDED:
        return 0
    refunded_cents = sum_refunds(
        Refund.reason != DUPLICATE_PAYMENT,
        order_id=order.id,
        statuses=(RefundStatus.SUCCEEDED,),
    )
    is_duplicate = exists().where(
        Refund.payment_id == Payment.id, Refund.reason == DUPLICATE_PAYMENT
    )
    own_cents = int(db.session.scalar(_captured(order.id).where(~is_duplicate)) or 0)
    excess_cents = max(0, own_cents - order.total_cents)
    return max(0, refunded_cents - excess_cents)


def _was_sent_another_way(order: Order) -> bool:
    query = exists().where(Refund.order_id == order.id, Refund.reason == OUTSIDE_GATEWAY)
    return bool(db.session.scalar(select(query)))


def _is_turned_down(order: Order) -> bool:
    """Whether a person ended the order after a review."""
    query = exists().where(
        OrderTransition.order_id == order.id,
        OrderTransition.from_status == OrderStatus.NEEDS_REVIEW.value,
        OrderTransition.to_status == OrderStatus.CANCELLED.value,
    )
    return bool(db.session.scalar(select(query)))


def _captured(order_id: int) -> Select[int]:
    taken = func.coalesce(Payment.captured_cents, Payment.amount_cents)
    return select(func.coalesce(func.sum(taken), 0)).where(
        Payment.order_id == order_id, Payment.status == PaymentStatus.SUCCEEDED
    )


def sum_refunds(
    *conditions: ColumnElement[bool], order_id: int, statuses: Collection[RefundStatus]
) -> int:
    """The cents of the order's refunds with one of ``statuses``, all ``conditions`` met."""
    query = select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
        Refund.order_id == order_id, Refund.status.in_(statuses), *conditions
    )
    return int(db.session.scalar(query) or 0)
