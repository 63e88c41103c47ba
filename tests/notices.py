"""Notices of the gateway, as its adapter words them."""

from webapp.gateways.stripe_words import SUCCESS_TYPES
from webapp.ports import Notice


def make_notice(
    event_id: str, kind: str, object_id: str, *, livemode: bool = False, trace_id: str | None = None
) -> Notice:
    """A notice about an order, as the real gateway's adapter words it."""
    return Notice(
        event_id,
        kind,
        livemode,
        object_id,
        concerns_order=True,
        says_paid=kind in SUCCESS_TYPES,
        session_id=object_id if object_id.startswith("cs_") else None,
        payment_id=object_id if object_id.startswith("pi_") else None,
        trace_id=trace_id,
    )
