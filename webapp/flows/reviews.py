"""A person decides what no rule may: after a look at the gateway, and in one transaction."""

from collections.abc import Mapping

from webapp.domain import orders, payments, reviews, verdicts
from webapp.domain.reviews import Money
from webapp.flows.payments import sync_order_payment, withdraw_payment
from webapp.models import OrderStatus
from webapp.ports import GatewayUnknown, Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


def decide_review(
    *, number: str, verdict: OrderStatus, who: str, why: str, ports: Ports
) -> Mapping[str, Money] | None:
    """End an order's review and answer the money that was decided about. Safe to repeat.

    None when it was ended like that before. What the gateway says is asked for first,
    and a payment page that is still open is closed. Raises :class:`NotFound`,
    :class:`CannotDecide`, :class:`PaymentPending` when the buyer was faster; when the
    gateway cannot be asked :class:`GatewayUnavailable`, :class:`GatewayRefused` or
    :class:`PaymentUnavailable`, and nothing is decided. Money that was sent another way
    can be noted although the gateway knows a payment no more, once no page is open.
    """
    with transaction():
        order = orders.get_order(number=number)
        if reviews.was_decided(order=order, verdict=verdict):
            return None
        if order.status is not OrderStatus.NEEDS_REVIEW:
            raise verdicts.CannotDecide(verdicts.Obstacle.NOT_IN_REVIEW)
        order_id, checkout_id = order.id, order.checkout_id
        reference = order.checkout.reference
    _look(order_id, verdict=verdict, ports=ports)
    with transaction():
        is_page_open = payments.has_open_page(checkout_id=checkout_id)
    if is_page_open:
        withdraw_payment(reference=reference, ports=ports)
    with transaction():
        return verdicts.decide_order(
            order_id=order_id,
            verdict=verdict,
            who=who,
            why=why,
            now=ports.utc_now(),
            trace_id=current_trace_id(),
        )


def _look(order_id: int, *, verdict: OrderStatus, ports: Ports) -> None:
    try:
        sync_order_payment(order_id=order_id, ports=ports)
    except GatewayUnknown:
        # Another account's key, or an account that is gone: what the order says of its
        # money is all that will ever be known, and this verdict asks the gateway for none.
        with transaction():
            is_over = payments.find_live_payment(order_id=order_id) is None
        if verdict is not OrderStatus.REFUNDED or not is_over:
            raise
