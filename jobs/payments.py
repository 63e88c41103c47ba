"""Background work at the payment gateway."""

from webapp.flows import payments, refunds
from webapp.flows.endings import Finish
from webapp.ports import ports


def process_webhook_event(webhook_event_id: int, finish: Finish) -> None:
    """Take one stored notice as a hint to look."""
    payments.process_webhook_event(webhook_event_id=webhook_event_id, ports=ports(), finish=finish)


def sync_payment(order_id: int, finish: Finish) -> None:
    """Bring an order up to what the gateway says."""
    payments.sync_order_payment(order_id=order_id, ports=ports(), finish=finish)


def run_refund(refund_id: int, finish: Finish) -> None:
    """Give money back, once."""
    refunds.run_refund(refund_id=refund_id, ports=ports(), finish=finish)
