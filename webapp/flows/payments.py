"""An attempt to pay: looked at, and withdrawn."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from webapp.domain import (
    checkouts,
    orders,
    payments,
    unknown_sessions,
    webhooks,
    withdrawals,
)
from webapp.flows.endings import Finish, nothing_to_finish
from webapp.flows.mail import note_delivery
from webapp.flows.refunds import follow_refunds
from webapp.payment_refusals import PaymentPending, PaymentUnavailable
from webapp.ports import (
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
    PaymentSighting,
    Ports,
    RefundSighting,
)
from webapp.transaction import transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be known before the gateway is asked about an order."""

    order_id: int
    attempts: Sequence[payments.AttemptRef]


def sync_order_payment(*, order_id: int, ports: Ports, finish: Finish = nothing_to_finish) -> None:
    """Look at the gateway, then bring the order up to what it says. Idempotent.

    Raises :class:`GatewayUnavailable` when the gateway cannot be asked, and
    :class:`GatewayRefused` when it does not answer the question.
    """
    with transaction():
        question = _ask_about(order_id, ports=ports)
    _look_and_apply(question, ports=ports, finish=finish)


def try_to_sync_order_payment(*, order_id: int, ports: Ports) -> bool:
    """The same for a buyer who is waiting: False, and nothing raised, when it told us nothing.

    Nothing is lost by that: the next look, the webhook or the sweep will tell.
    """
    try:
        sync_order_payment(order_id=order_id, ports=ports)
    except GatewayUnavailable:
        return False
    except GatewayRefused:
        # A matter for the operator: a key that was revoked, a session of another account.
        log.error(  # noqa: TRY400 - the gateway's words stay out of the logs
            "gateway refused to say what became of a payment", extra={"order_id": order_id}
        )
        return False
    return True


def process_webhook_event(
    *, webhook_event_id: int, ports: Ports, finish: Finish = nothing_to_finish
) -> None:
    """Take one stored notice as a hint to look at its order, or at its mail. Idempotent."""

    def conclude() -> None:
        webhooks.mark_processed(webhook_event_id=webhook_event_id, now=ports.utc_now())
        finish()

    with transaction():
        event = webhooks.get_webhook_event(webhook_event_id=webhook_event_id)
        if not event.concerns_order:
            note_delivery(event, ports=ports)
            return conclude()
        order_id = webhooks.find_order_id(event)
        question = None if order_id is None else _ask_about(order_id, ports=ports)
        if question is None and not event.object_id:
            return conclude()
        if question is not None and webhooks.is_noted_success(event, question.attempts):
            return conclude()
    if question is None:
        question = _ask_for_order(event.object_id, ports=ports)
    if question is not None:
        return _look_and_apply(question, ports=ports, finish=conclude)
    with transaction():
        return conclude()


def withdraw_payment(*, reference: str, ports: Ports) -> None:
    """Close the open session, so that the basket may change or be given back.

    Seats are free only after the gateway's word. Raises :class:`PaymentPending`
    when the money was faster, :class:`PaymentUnavailable` when the gateway
    cannot be asked (the seats stay guarded).
    """
    with transaction():
        checkout = checkouts.get_checkout(reference=reference)
        order = orders.find_order_by_checkout(checkout_id=checkout.id)
        if order is None:
            return
        order_id = order.id
        session_id = withdrawals.begin_withdrawal(order_id=order_id, now=ports.utc_now())
    if session_id is None:
        return
    sighting = close_session(session_id, ports=ports)
    if sighting.status != "expired":
        # All that another look would tell, and the gateway may fall silent before it.
        _apply(order_id, [sighting], ports=ports)
        raise PaymentPending
    with transaction():
        withdrawals.withdraw_attempt(order_id=order_id, session_id=session_id, now=ports.utc_now())


def close_session(session_id: str, *, ports: Ports) -> PaymentSighting:
    """Ask the gateway to take no more money for a session; see what it says."""
    try:
        return ports.payments.expire_session(session_id)
    except (GatewayUnavailable, GatewayRefused) as fault:
        raise PaymentUnavailable from fault


def _ask_about(order_id: int, *, ports: Ports) -> Question:
    return Question(
        order_id=order_id,
        attempts=payments.list_attempts(order_id=order_id, now=ports.utc_now()),
    )


def _look_and_apply(question: Question, *, ports: Ports, finish: Finish) -> None:
    """Ask in no transaction, then apply and ``finish`` in one.

    Raises :class:`GatewayUnknown`, with all else applied, while it may yet matter
    that the gateway does not know a session.
    """
    try:
        sightings, unknown = _look_at_all(question.attempts, ports=ports)
        returned = _list_refunds(question.attempts, sightings, ports=ports)
    except GatewayRefused:
        with transaction():
            payments.note_refused_look(order_id=question.order_id, now=ports.utc_now())
        raise
    _apply(question.order_id, sightings, returned, unknown, ports=ports, finish=finish)


def _apply(
    order_id: int,
    sightings: Sequence[PaymentSighting],
    returned: Sequence[RefundSighting] = (),
    unknown: Mapping[str, bool] = MappingProxyType({}),
    *,
    ports: Ports,
    finish: Finish = nothing_to_finish,
) -> None:
    """In one transaction: the order, its refunds, and the end of the work that asked."""
    now = ports.utc_now()
    with transaction():
        payments.sync_payment(
            order_id=order_id,
            sightings=sightings,
            livemode=ports.payments.livemode,
            now=now,
        )
        if returned:
            follow_refunds(order_id=order_id, sightings=returned, now=now)
        is_settled = not unknown or unknown_sessions.close_unknown(
            order_id=order_id, sessions=unknown, now=now
        )
        if is_settled:
            finish()
    if not is_settled:
        raise GatewayUnknown


def _look_at_all(
    attempts: Sequence[payments.AttemptRef], *, ports: Ports
) -> tuple[list[PaymentSighting], dict[str, bool]]:
    """What the gateway says; and the sessions that it does not know, each with whether it is
    a test one.
    """
    sightings, unknown = [], {}
    for attempt in attempts:
        try:
            sightings.append(_look(attempt, ports=ports))
        except GatewayUnknown:
            session_id = attempt.session_id
            unknown[session_id] = ports.payments.is_test_session(session_id)
    return sightings, unknown


def _look(attempt: payments.AttemptRef, *, ports: Ports) -> PaymentSighting:
    """What the gateway says of one attempt; past its end it is asked to close it first."""
    sighting = ports.payments.look_up_session(attempt.session_id)
    if sighting.status == "open" and attempt.is_overdue:
        return ports.payments.expire_session(attempt.session_id)
    return sighting


def _list_refunds(
    attempts: Sequence[payments.AttemptRef],
    sightings: Sequence[PaymentSighting],
    *,
    ports: Ports,
) -> list[RefundSighting]:
    """The refunds of every payment that has one; a payment may have lost its only one."""
    refunded = {attempt.session_id for attempt in attempts if attempt.has_refunds}
    return [
        refund
        for sighting in sightings
        if sighting.payment_id and (sighting.refunded_cents or sighting.session_id in refunded)
        for refund in ports.payments.list_refunds(sighting.payment_id)
    ]


def _ask_for_order(object_id: str, *, ports: Ports) -> Question | None:
    """About an object that only the gateway can place; None when it is not ours."""
    session_id = ports.payments.find_session_id(object_id)
    if session_id is None:
        return None
    with transaction():
        order_id = webhooks.find_order_id_of_session(session_id=session_id)
        return None if order_id is None else _ask_about(order_id, ports=ports)
