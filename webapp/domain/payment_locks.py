"""The rows of a payment, fresh and locked, in the one order that everybody takes them."""

from sqlalchemy import bindparam, select

from webapp.database import db
from webapp.domain import orders
from webapp.models import Checkout, Order, Payment

# Built once: every order runs them.
_LOCK_CHECKOUT = (
    select(Checkout)
    .join(Order, Order.checkout_id == Checkout.id)
    .where(Order.id == bindparam("order_id"))
    .with_for_update(of=Checkout)
    .execution_options(populate_existing=True)
)
_LOCK = select(Payment).with_for_update().execution_options(populate_existing=True)
_LOCK_PAYMENT = _LOCK.where(Payment.id == bindparam("payment_id"))
_LOCK_PAYMENTS = _LOCK.where(Payment.order_id == bindparam("order_id")).order_by(Payment.id)


def lock_checkout_and_order(*, order_id: int) -> tuple[Checkout, Order]:
    """Both rows; payments, holds and pools come after them."""
    checkout = db.session.scalars(_LOCK_CHECKOUT, {"order_id": order_id}).one()
    return checkout, orders.lock_order(order_id=order_id)


def lock_payment(payment_id: int) -> Payment:
    """One attempt."""
    return db.session.scalars(_LOCK_PAYMENT, {"payment_id": payment_id}).one()


def lock_payments(order_id: int) -> list[Payment]:
    """Every attempt of the order, the oldest first."""
    return list(db.session.scalars(_LOCK_PAYMENTS, {"order_id": order_id}))
