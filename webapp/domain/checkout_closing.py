"""How a checkout ends without money: cancelled by the buyer, expired, tried again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import exists, select

from webapp.database import db
from webapp.domain import add_ons, attendees, checkouts, holds, idempotency, orders
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import HoldCaps
from webapp.errors import CheckoutClosed
from webapp.models import (
    LIVE_PAYMENT_STATUSES,
    Checkout,
    CheckoutStatus,
    Order,
    OrderStatus,
    Payment,
    TierKind,
)

# The scope under which the checkout that follows another one is remembered.
_RETRY = "retry"


def cancel_checkout(*, reference: str, actor: str, now: datetime, trace_id: str) -> None:
    """Give the places back at the buyer's wish. Repeating it changes nothing.

    Raises :class:`PaymentPending` while the gateway may still take money or a person
    looks at what it took, and :class:`CheckoutClosed` once the checkout was paid for.
    """
    checkout = checkouts.lock_checkout(reference=reference)
    if checkout.status is CheckoutStatus.CONVERTED:
        raise CheckoutClosed
    if checkout.status is not CheckoutStatus.PENDING:
        return
    order = orders.lock_order_of_checkout(checkout_id=checkout.id)
    holds.refuse_while_paying(checkout=checkout)
    orders.refuse_unsettled(checkout_id=checkout.id)
    checkout.status = CheckoutStatus.CANCELLED
    if order is not None and order.status is OrderStatus.PENDING:
        orders.move_order(order, OrderStatus.CANCELLED, actor=actor, now=now, trace_id=trace_id)
    holds.release_holds(checkout_ids=[checkout.id])


def expire_lapsed(*, now: datetime, limit: int) -> int:
    """Close checkouts whose time is up; answer how many.

    Tidying only: their places were free to others the moment the time was up.
    A checkout whose seats may still be paid for waits for the gateway's word,
    and one whose money a person has to look at waits for that person.
    """
    is_decided_elsewhere = exists().where(
        Order.checkout_id == Checkout.id,
        (Order.status != OrderStatus.PENDING)
        | exists().where(Payment.order_id == Order.id, Payment.status.in_(LIVE_PAYMENT_STATUSES)),
    )
    query = (
        select(Checkout)
        .where(
            Checkout.status == CheckoutStatus.PENDING,
            Checkout.expires_at <= now,
            ~is_decided_elsewhere,
        )
        .order_by(Checkout.id)
        .limit(limit)
        .with_for_update(of=Checkout, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    lapsed = list(db.session.scalars(query))
    for checkout in lapsed:
        _mark_expired(checkout, now=now, trace_id=checkout.trace_id)
    holds.release_holds(checkout_ids=[checkout.id for checkout in lapsed])
    return len(lapsed)


def expire_checkout(*, checkout: Checkout, now: datetime, trace_id: str) -> None:
    """End a locked checkout and its pending order, and give the places back."""
    _mark_expired(checkout, now=now, trace_id=trace_id)
    holds.release_holds(checkout_ids=[checkout.id])


def end_spent_checkout(*, reference: str, now: datetime, trace_id: str) -> None:
    """End a checkout that can be renewed no more, so that its places are there for the next.

    Coming back from the payment page leaves a few minutes that nobody can pay in: the
    buyer must not compete with them. Safe to repeat. Raises :class:`PaymentPending`.
    """
    checkout = checkouts.lock_checkout(reference=reference)
    if checkout.status is not CheckoutStatus.PENDING or now < checkout.hold_limit_at:
        return
    holds.refuse_while_paying(checkout=checkout)
    orders.refuse_unsettled(checkout_id=checkout.id)
    expire_checkout(checkout=checkout, now=now, trace_id=trace_id)


def retry_checkout(
    *,
    reference: str,
    origin: Origin,
    caps: HoldCaps,
    now: datetime,
    keeps_code: bool = True,
    lines: Sequence[BasketLine] | None = None,
) -> Checkout:
    """Try again with the same basket, code and all that was typed, in one gesture.

    Answers the same checkout while nothing was ordered with it and its hold may
    be renewed, else a new one: an order that is over keeps its number and
    history. Repeating it answers the same new one. Without ``keeps_code`` the
    basket costs what it costs without its code; ``lines`` are held instead of the
    same basket. The new one came from where the old one did. Raises what
    :func:`webapp.domain.checkouts.open_checkout` raises.
    """
    checkout = checkouts.lock_checkout(reference=reference)
    wanted = basket_lines(checkout) if lines is None else lines
    order = orders.find_order_by_checkout(checkout_id=checkout.id)
    if checkout.status is CheckoutStatus.CONVERTED:
        raise CheckoutClosed
    is_changeable = checkout.status is CheckoutStatus.PENDING or (
        checkout.status is CheckoutStatus.EXPIRED and order is None
    )
    code_id = checkout.code_id if keeps_code else None
    if is_changeable and now < checkout.hold_limit_at:
        return checkouts.change_choice(
            reference=reference, lines=wanted, code_id=code_id, now=now, caps=caps
        )
    # The lock on the old checkout makes two taps one after the other.
    saved = idempotency.claim_key(scope=_RETRY, key=reference, request_hash="")
    if saved is not None:
        successor = checkouts.get_checkout(reference=str(saved.answer["reference"]))
        if successor.is_open(now=now) and lines is None:
            return successor
        return retry_checkout(
            reference=successor.reference,
            origin=origin,
            caps=caps,
            now=now,
            keeps_code=keeps_code,
            lines=lines,
        )

    def take_over(successor: Checkout) -> None:
        attendees.copy_attendees(source=checkout, target=successor)
        successor.draft_email = checkout.draft_email
        successor.draft_name = checkout.draft_name
        successor.draft_phone = checkout.draft_phone
        # Waits for whoever has the first order's row, so before any pool is locked.
        add_ons.copy_link(source_id=checkout.id, target_id=successor.id)

    successor = checkouts.open_checkout(
        event_slug=checkout.event.slug,
        lines=wanted,
        contact=Contact.of(checkout),
        origin=replace(origin, source=checkout.source, campaign=checkout.campaign),
        caps=caps,
        now=now,
        code_id=code_id,
        before_places=take_over,
    )
    idempotency.save_answer(
        scope=_RETRY,
        key=reference,
        request_hash="",
        status_code=HTTPStatus.SEE_OTHER,
        answer={"reference": successor.reference},
        now=now,
    )
    return successor


def basket_lines(checkout: Checkout) -> list[BasketLine]:
    """The checkout's basket as the buyer asked for it."""
    return [
        BasketLine(
            tier_id=item.tier_id,
            quantity=item.quantity,
            amount_cents=item.unit_price_cents if item.tier.kind is TierKind.DONATION else None,
        )
        for item in checkout.items
    ]


def _mark_expired(checkout: Checkout, *, now: datetime, trace_id: str) -> None:
    checkout.status = CheckoutStatus.EXPIRED
    checkout.paying_until = None
    order = orders.lock_order_of_checkout(checkout_id=checkout.id)
    if order is not None and order.status is OrderStatus.PENDING:
        orders.move_order(order, OrderStatus.EXPIRED, actor="system", now=now, trace_id=trace_id)
