"""The rows of a payment, fresh and locked, in the one order that everybody takes them."""

from sqlalchemy import select

from webapp.database import db
from webapp.domain import orders
from webapp.models import Checkout, Order, Payment


def lock_checkout_and_order(*, order_id: int) -> tuple[Checkout, Order]:
    """Both rows; payments, holds and pools come after them."""
    checkout = db.session.scalars(
        select(Checkout)
        .join(Order, Order.checkout_id == Checkout.id)
        .where(Order.id == order_id)
        .with_for_update(of=Checkout)
        .execution_options(populate_existing=True)
    ).one()
    return checkout, orders.lock_order(order_id=order_id)


def lock_payment(payment_id: int) -> Payment:
    """One attempt."""
    return db.session.scalars(
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lock_payments(order_id: int) -> list[Payment]:
    """Every attempt of the order, the oldest first."""
    query = (
        select(Payment)
        .where(Payment.order_id == order_id)
        .order_by(Payment.id)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))
