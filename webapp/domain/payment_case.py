"""One attempt beside what the gateway says of it."""

from dataclasses import dataclass
from datetime import datetime

from webapp.domain import orders
from webapp.models import Checkout, Order, OrderStatus, Payment
from webapp.ports import PaymentSighting


@dataclass(frozen=True, slots=True)
class PaymentCase:
    """Everything that decides what becomes of an attempt; every row is locked.

    ``livemode`` is what this installation expects of its gateway.
    """

    checkout: Checkout
    order: Order
    payment: Payment
    sighting: PaymentSighting
    livemode: bool
    now: datetime

    @property
    def trace_id(self) -> str:
        """The purchase's own, whoever looked: it runs from the buyer's click to the mail."""
        return self.order.trace_id

    def move_order(self, status: OrderStatus, *, reason: str = "") -> None:
        """Move the order because of what the gateway says."""
        orders.move_order(
            self.order,
            status,
            actor="gateway",
            reason=reason,
            now=self.now,
            trace_id=self.trace_id,
        )
