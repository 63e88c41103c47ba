"""What the gateway took for an order and gave back, and what the buyer may be told of it."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select

from webapp.database import db
from webapp.models import Order, OrderStatus, Payment, PaymentStatus, Refund, RefundStatus

# Why an order needs a person: the gateway gave money back, and it came back to us.
REFUND_FAILED = "refund_failed"

# Why money goes back: it came when the seats were gone, it came twice for one order, or
# staff sent it back at the gateway.
LATE_PAYMENT = "late_payment"
DUPLICATE_PAYMENT = "duplicate_payment"
AT_GATEWAY = "at_gateway"

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
    STUCK = "stuck"


def tell_money_back(*, order: Order) -> MoneyBack:
    """Whether money came for tickets that are gone, and whether its way back is blocked."""
    if order.status is OrderStatus.NEEDS_REVIEW and order.review_reason == REFUND_FAILED:
        return MoneyBack.STUCK
    if order.status in _UNSOLD and captured_cents(order_id=order.id):
        return MoneyBack.COMING
    return MoneyBack.NOTHING


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
        return kept >= order.total_cents
    # What was paid twice is to be kept once.
    return kept > order.total_cents


def captured_cents(*, order_id: int) -> int:
    """What the gateway took for the order, over all attempts."""
    query = select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(
        Payment.order_id == order_id, Payment.status == PaymentStatus.SUCCEEDED
    )
    return int(db.session.scalar(query) or 0)


def returned_cents(*, order_id: int) -> int:
    """What went back to the buyer, as far as the gateway knows by now."""
    return sum_refunds(order_id=order_id, statuses=(RefundStatus.SUCCEEDED,))


def order_refunded_cents(*, order: Order) -> int:
    """What of the order's own price went back; not what was paid twice."""
    if order.status not in _REFUNDED:
        return 0
    return sum_refunds(
        Refund.reason != DUPLICATE_PAYMENT,
        order_id=order.id,
        statuses=(RefundStatus.SUCCEEDED,),
    )


def sum_refunds(
    *conditions: ColumnElement[bool], order_id: int, statuses: Collection[RefundStatus]
) -> int:
    """The cents of the order's refunds with one of ``statuses``, all ``conditions`` met."""
    query = select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
        Refund.order_id == order_id, Refund.status.in_(statuses), *conditions
    )
    return int(db.session.scalar(query) or 0)
