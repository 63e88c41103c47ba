"""What a mail about an order has to know."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from webapp.database import db
from webapp.domain import emails, money_back
from webapp.models import Order, Payment, PaymentStatus, Refund

_REASONS = {
    emails.LATE_PAYMENT_REFUNDED: money_back.LATE_PAYMENT,
    emails.DUPLICATE_PAYMENT_REFUNDED: money_back.DUPLICATE_PAYMENT,
}
# Most mails are confirmations, which need no look at refunds.
_TELLING_KINDS = frozenset({*_REASONS, emails.ORDER_REFUNDED})

# Built once: every order runs it.
_ORDER = (
    select(Order)
    .where(Order.id == bindparam("order_id"))
    .options(joinedload(Order.event), joinedload(Order.items))
)


def get_order_for_mail(*, order_id: int) -> Order:
    """The order with its event and lines."""
    return db.session.scalars(_ORDER, {"order_id": order_id}).unique().one()


def taken_currency(*, order: Order) -> str:
    """What the money that goes back is counted in: the gateway may have taken another one."""
    query = (
        select(Payment.captured_currency)
        .where(Payment.order_id == order.id, Payment.status == PaymentStatus.SUCCEEDED)
        .distinct()
    )
    found = db.session.scalars(query).all()
    return (found[0] if len(found) == 1 else None) or order.currency


def refunded_cents(*, order_id: int, kind: str, sequence: int) -> int:
    """How much the mail of ``kind`` may say is on its way back; 0 for one that says nothing.

    A mail about a part names that one: ``sequence`` counts the order's refunds.
    """
    if kind == emails.ORDER_PARTIALLY_REFUNDED:
        part = select(Refund.amount_cents).where(Refund.order_id == order_id).order_by(Refund.id)
        return int(db.session.scalar(part.offset(sequence - 1).limit(1)) or 0)
    if kind not in _TELLING_KINDS:
        return 0
    if reason := _REASONS.get(kind):
        is_told_of = Refund.reason == reason
    else:
        # What was paid twice went back with a mail of its own, and is no part of the order.
        is_told_of = Refund.reason != money_back.DUPLICATE_PAYMENT
    return money_back.sum_refunds(
        is_told_of, order_id=order_id, statuses=money_back.ACCEPTED_STATUSES
    )
