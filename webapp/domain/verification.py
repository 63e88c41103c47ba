"""Whether a purchase is whole: ten points, checked against the rows."""

from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, select

from webapp.database import db
from webapp.domain import code_uses, emails, money_back, orders, reviews
from webapp.domain.tickets import CODE_LENGTH
from webapp.models import (
    NEXT_STATUSES,
    CheckoutStatus,
    Delivery,
    EmailMessage,
    EmailStatus,
    Hold,
    HoldStatus,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Pool,
    Ticket,
    TierKind,
    tier_pools,
)
from webapp.models.ledger import UNDELIVERED

# A purchase that took place; what came after does not make it undone.
_BOUGHT = frozenset({OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED})


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the checklist: a stable word, the verdict, and a sentence for a person."""

    name: str
    is_ok: bool
    finding: str


def verify_order(*, number: str) -> list[Point]:
    """Check one order. Reads only. Raises :class:`NotFound`."""
    order = orders.get_order(number=number)
    tickets = orders.list_tickets(order_id=order.id)
    payments = list(db.session.scalars(select(Payment).where(Payment.order_id == order.id)))
    return [
        _check_history(order),
        _check_session(order, payments),
        _check_paid(order),
        _check_amounts(order, payments),
        _check_quantity(order, tickets),
        _check_codes(tickets),
        _check_serials(order, tickets),
        _check_counters(order),
        _check_mail(order),
        _check_checkout(order),
    ]


def _check_history(order: Order) -> Point:
    steps = [(move.from_status, move.to_status) for move in order.transitions]
    is_chained = (
        bool(steps)
        and steps[0] == (None, OrderStatus.PENDING.value)
        and all(before[1] == after[0] for before, after in pairwise(steps))
        and steps[-1][1] == order.status.value
        and all(
            OrderStatus(to_status) in NEXT_STATUSES[OrderStatus(from_status)]
            for from_status, to_status in steps[1:]
            if from_status is not None
        )
    )
    trail = " → ".join(to_status for _, to_status in steps)
    return Point("history", is_chained, f"The history reads {trail or 'nothing'}.")


def _check_session(order: Order, payments: list[Payment]) -> Point:
    if order.total_cents == 0:
        return Point("session", not payments, "A free order needs no payment session.")
    count = sum(payment.session_id is not None for payment in payments)
    return Point("session", count > 0, f"{count} payment session(s) are on record.")


def _check_paid(order: Order) -> Point:
    is_ok = order.status in _BOUGHT and order.paid_at is not None
    moment = order.paid_at.isoformat() if order.paid_at else "never"
    return Point("paid", is_ok, f"The status is {order.status.value}, paid: {moment}.")


def _check_amounts(order: Order, payments: list[Payment]) -> Point:
    taken = [payment for payment in payments if payment.status is PaymentStatus.SUCCEEDED]
    is_ok = (
        any(
            payment.amount_cents == payment.taken_cents == order.total_cents
            and payment.currency == payment.taken_currency == order.currency
            for payment in taken
        )
        if order.total_cents
        else not taken
    )
    is_accepted = reviews.was_accepted(order=order)
    is_ok = (
        (is_ok or is_accepted)
        and order.subtotal_cents == sum(item.subtotal_cents for item in order.items)
        and order.discount_cents == sum(item.discount_cents for item in order.items)
    )
    amounts = ", ".join(f"{p.taken_cents} {p.taken_currency}" for p in taken) or "nothing"
    finding = (
        f"The order asks for {order.total_cents} {order.currency}; the gateway took {amounts}."
    )
    if is_accepted:
        finding = f"{finding} A person accepted that."
    if money_back.is_refund_lost(order=order):
        is_ok, finding = False, f"{finding} A refund failed: the money came back to us."
    return Point("amounts", is_ok, finding)


def _check_quantity(order: Order, tickets: list[Ticket]) -> Point:
    admitted = sum(item.quantity for item in order.items if item.kind is TierKind.TICKET)
    is_ok = order.fulfilled_at is not None and admitted == len(tickets)
    finding = f"{admitted} people were paid for, {len(tickets)} tickets were issued."
    return Point("quantity", is_ok, finding)


def _check_codes(tickets: list[Ticket]) -> Point:
    good = {ticket.code for ticket in tickets if len(ticket.code) == CODE_LENGTH}
    is_ok = len(good) == len(tickets)
    return Point("codes", is_ok, f"{len(good)} of {len(tickets)} tickets have a code of their own.")


def _check_serials(order: Order, tickets: list[Ticket]) -> Point:
    serials = {ticket.serial_number for ticket in tickets}
    used = db.session.scalar(
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.event_id == order.event_id, Ticket.serial_number.in_(serials))
    )
    is_ok = len(serials) == len(tickets) == used and "" not in serials
    return Point("serials", is_ok, f"{len(serials)} of {len(tickets)} serial numbers are unique.")


def _check_counters(order: Order) -> Point:
    """Every pool and code that the order takes from counts exactly what its rows say."""
    of_order = select(tier_pools.c.pool_id).where(
        tier_pools.c.tier_id.in_([item.tier_id for item in order.items])
    )
    places = func.sum(Hold.quantity)
    held = places.filter(Hold.status.in_([HoldStatus.HELD, HoldStatus.PAYING]))
    sold = places.filter(Hold.status == HoldStatus.SOLD)
    query = (
        select(
            Pool.name,
            (Pool.held == func.coalesce(held, 0)) & (Pool.sold == func.coalesce(sold, 0)),
        )
        .outerjoin(Hold, Hold.pool_id == Pool.id)
        .where(Pool.id.in_(of_order))
        .group_by(Pool.id)
    )
    wrong = [name for name, is_right in db.session.execute(query) if not is_right]
    if order.checkout.code_id in code_uses.count_mismatches():
        wrong.append("the code")
    finding = "The counters of every pool and code agree with the rows."
    if wrong:
        finding = f"The counters of {', '.join(wrong)} differ from the rows."
    return Point("counters", not wrong, finding)


def _check_mail(order: Order) -> Point:
    # One that the buyer asked for again is under way, failed or came back: the first still counts.
    has_arrived = EmailMessage.delivery.not_in(UNDELIVERED)
    is_sent = EmailMessage.status == EmailStatus.SENT
    query = (
        select(EmailMessage)
        .where(EmailMessage.order_id == order.id, EmailMessage.kind == emails.ORDER_CONFIRMATION)
        .order_by((is_sent & has_arrived).desc(), is_sent.desc(), EmailMessage.sequence.desc())
        .limit(1)
    )
    mail = db.session.scalars(query).one_or_none()
    if mail is None:
        return Point("mail", is_ok=False, finding="The confirmation mail is not written.")
    # What went back before it was told of has a mail of its own.
    is_needless = mail.status is EmailStatus.DROPPED and order.status is OrderStatus.REFUNDED
    is_ok = (mail.status is EmailStatus.SENT and not mail.is_undelivered) or is_needless
    word = mail.status.value
    if mail.delivery is not Delivery.UNKNOWN:
        word = f"{word} and {mail.delivery.value}"
    return Point("mail", is_ok, f"The confirmation mail is {word}.")


def _check_checkout(order: Order) -> Point:
    status = order.checkout.status
    is_ok = status is CheckoutStatus.CONVERTED
    return Point("checkout", is_ok, f"The checkout is {status.value}.")
