"""Orders that no rule may decide: what a person has to know to decide them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.database import db
from webapp.domain import money_back, orders
from webapp.models import (
    Order,
    OrderStatus,
    OrderTransition,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    Ticket,
    TicketStatus,
)
from webapp.models.order import PAID_FOR

STAFF = "staff"
# Why an order is listed that was paid and has its tickets: its money is not under review.
BEYOND_THE_PRICE = "beyond_the_price"


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units of one currency: what was taken, what of it is back, and what is on its way."""

    taken_cents: int = 0
    returned_cents: int = 0
    returning_cents: int = 0

    @property
    def kept_cents(self) -> int:
        """What is here, and nobody has asked the gateway to give back."""
        return self.taken_cents - self.returned_cents - self.returning_cents


@dataclass(frozen=True, slots=True)
class Review:
    """One order that waits for a person.

    ``reason`` is the stable word of :attr:`Order.review_reason`, or
    :data:`BEYOND_THE_PRICE`; ``money`` what the gateway took and gave back, by currency.
    ``is_basket_changed`` is true when the places held are not those of its lines.
    """

    number: str
    since: datetime
    reason: str
    expected_cents: int
    currency: str
    money: Mapping[str, Money]
    has_too_much: bool
    has_valid_tickets: bool
    is_basket_changed: bool


def list_reviews() -> list[Review]:
    """Every order that waits for a person, the longest first.

    Those under review; and those that were paid for, keep their tickets, and have more
    money than their price: a refund of it failed, or no rule may give it back.
    """
    query = select(Order).where(Order.status == OrderStatus.NEEDS_REVIEW).order_by(Order.id)
    found = [
        _review(order, reason=order.review_reason, since=_began(order))
        for order in db.session.scalars(query)
    ]
    found += [
        _review(order, reason=BEYOND_THE_PRICE, since=_last_paid_at(order))
        for order in _list_paid_with_several()
        if has_too_much(order=order, money=count_money(order_id=order.id))
    ]
    return sorted(found, key=lambda review: review.since)


def has_too_much(*, order: Order, money: Mapping[str, Money]) -> bool:
    """Whether more of the order's money is here than its price, or a second currency."""
    kept = [currency for currency, each in money.items() if each.kept_cents > 0]
    own = money.get(order.currency, Money())
    return len(kept) > 1 or own.kept_cents > order.total_cents


def count_money(*, order_id: int) -> dict[str, Money]:
    """What the gateway took for the order and gave back, by currency."""
    total: dict[str, Money] = {}
    for payment in list_captures(order_id=order_id):
        before, more = total.get(payment.taken_currency, Money()), _money_of(payment)
        total[payment.taken_currency] = Money(
            before.taken_cents + more.taken_cents,
            before.returned_cents + more.returned_cents,
            before.returning_cents + more.returning_cents,
        )
    return total


def kept_cents(payment: Payment) -> int:
    """What of one capture is here, and nobody has asked the gateway to give back."""
    return _money_of(payment).kept_cents


def list_captures(*, order_id: int) -> list[Payment]:
    """The attempts that took money, the oldest first."""
    query = (
        select(Payment)
        .where(Payment.order_id == order_id, Payment.status == PaymentStatus.SUCCEEDED)
        .order_by(Payment.id)
    )
    return list(db.session.scalars(query))


def _list_paid_with_several() -> list[Order]:
    """Orders that were paid for by more than one attempt."""
    has_several = (
        select(Payment.order_id)
        .where(Payment.status == PaymentStatus.SUCCEEDED)
        .group_by(Payment.order_id)
        .having(func.count() > 1)
    )
    query = select(Order).where(Order.status.in_(PAID_FOR), Order.id.in_(has_several))
    return list(db.session.scalars(query.order_by(Order.id)))


def _last_paid_at(order: Order) -> datetime:
    moments = [payment.succeeded_at for payment in list_captures(order_id=order.id)]
    return max((moment for moment in moments if moment), default=order.created_at)


def _review(order: Order, *, reason: str, since: datetime) -> Review:
    money = count_money(order_id=order.id)
    is_valid = exists().where(Ticket.order_id == order.id, Ticket.status == TicketStatus.VALID)
    return Review(
        number=order.number,
        since=since,
        reason=reason,
        expected_cents=order.total_cents,
        currency=order.currency,
        money=money,
        has_too_much=has_too_much(order=order, money=money),
        has_valid_tickets=bool(db.session.scalar(select(is_valid))),
        is_basket_changed=orders.is_basket_changed(order=order),
    )


def _money_of(payment: Payment) -> Money:
    by_status: Counter[RefundStatus] = Counter()
    query = select(Refund.status, Refund.amount_cents).where(Refund.payment_id == payment.id)
    for status, amount_cents in db.session.execute(query):
        by_status[status] += amount_cents
    return Money(
        payment.taken_cents,
        by_status[RefundStatus.SUCCEEDED],
        sum(by_status[status] for status in money_back.OPEN_STATUSES),
    )


def was_decided(*, order: Order, verdict: OrderStatus) -> bool:
    """Whether a person ended the order's last review, and like that."""
    ended = _last_move(order, OrderTransition.from_status)
    return (
        order.status is not OrderStatus.NEEDS_REVIEW
        and ended is not None
        and (ended.actor, ended.to_status) == (STAFF, verdict.value)
    )


def was_accepted(*, order: Order) -> bool:
    """Whether a person let the order stand for the money that came."""
    query = exists().where(
        OrderTransition.order_id == order.id,
        OrderTransition.from_status == OrderStatus.NEEDS_REVIEW.value,
        OrderTransition.to_status == OrderStatus.PAID.value,
    )
    return bool(db.session.scalar(select(query)))


def _last_move(
    order: Order, side: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> OrderTransition | None:
    """The move into the order's last review, or out of it."""
    query = (
        select(OrderTransition)
        .where(OrderTransition.order_id == order.id, side == OrderStatus.NEEDS_REVIEW.value)
        .order_by(OrderTransition.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).first()


def _began(order: Order) -> datetime:
    move = _last_move(order, OrderTransition.to_status)
    return order.created_at if move is None else move.at
