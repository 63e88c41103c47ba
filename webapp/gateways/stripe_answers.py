"""Stripe's objects, as plain dictionaries, put into the words of :mod:`webapp.ports`."""

from collections.abc import Mapping
from typing import Any

from webapp.gateways.stripe_words import SUCCESS_TYPES
from webapp.notice_types import NOTICE_TYPES
from webapp.ports import Notice, PaymentSighting, RefundSighting
from webapp.tracing import as_trace_id

# Where a payment intent stands once its delayed method has finally failed.
_FAILED_INTENT_STATUSES = frozenset({"requires_payment_method", "canceled"})
# What is kept of a notice: ids and states. Names, addresses and cards are not ours to keep.
_KEPT_OF_OBJECT = ("id", "object", "payment_intent", "charge", "status", "payment_status")
# What a refund of ours is known by once the gateway has forgotten its idempotency key.
REFUND_KEY = "refund_key"
_KEPT_OF_METADATA = ("order_number", "trace_id")


def session_sighting(session: Mapping[str, Any]) -> PaymentSighting:
    """A session, best with ``payment_intent.latest_charge`` expanded: else its money is unknown."""
    intent = _expanded(session.get("payment_intent"))
    charge = _expanded(intent.get("latest_charge"))
    complete_unpaid = session["status"] == "complete" and session["payment_status"] == "unpaid"
    method: Mapping[str, Any] = charge.get("payment_method_details") or {}
    return PaymentSighting(
        session_id=session["id"],
        status=session["status"],
        payment_status=session["payment_status"],
        amount_cents=session["amount_total"],
        currency=session["currency"].upper(),
        livemode=session["livemode"],
        payment_id=id_of(session.get("payment_intent")),
        method=method.get("type"),
        url=session.get("url"),
        payment_failed=complete_unpaid and intent.get("status") in _FAILED_INTENT_STATUSES,
        refunded_cents=charge.get("amount_refunded") or 0,
        disputed=bool(charge.get("disputed")),
    )


def refund_sighting(refund: Mapping[str, Any]) -> RefundSighting:
    """One refund; its status may still change in either direction."""
    return RefundSighting(
        refund_id=refund["id"],
        # The buyer has to do something before the money can go back: it has not yet.
        status="pending" if refund["status"] == "requires_action" else refund["status"],
        amount_cents=refund["amount"],
        payment_id=id_of(refund.get("payment_intent")) or "",
        key=(refund.get("metadata") or {}).get(REFUND_KEY, ""),
    )


def notice(event: Mapping[str, Any]) -> Notice:
    """A snapshot or a thin event. Raises ``KeyError`` or ``ValueError`` for anything else.

    The type of a thin event loses its version prefix, so that both kinds read alike.
    """
    kind = event["object"]
    if kind == "event":
        about: Mapping[str, Any] = event["data"]["object"]
        event_type = event["type"]
    elif kind == "v2.core.event":
        related: Mapping[str, Any] = event.get("related_object") or {}
        about = {"id": related.get("id"), "object": related.get("type")}
        event_type = event["type"].removeprefix("v1.")
    else:
        raise ValueError("neither a snapshot nor a thin event")
    object_id, object_kind = id_of(about.get("id")), about.get("object")
    kept = _kept(about)
    return Notice(
        event_id=str(event["id"]),
        type=str(event_type),
        livemode=bool(event["livemode"]),
        object_id=object_id,
        payload={"data": {"object": kept}},
        concerns_order=event_type in NOTICE_TYPES,
        says_paid=event_type in SUCCESS_TYPES,
        session_id=object_id if object_kind == "checkout.session" else None,
        payment_id=object_id if object_kind == "payment_intent" else kept.get("payment_intent"),
        order_number=kept["metadata"].get("order_number"),
        trace_id=as_trace_id(kept["metadata"].get("trace_id")),
    )


def _kept(about: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: id_of(about[name]) for name in _KEPT_OF_OBJECT if about.get(name)}
    metadata: Mapping[str, Any] = about.get("metadata") or {}
    kept["metadata"] = {name: str(metadata[name]) for name in _KEPT_OF_METADATA if name in metadata}
    return kept


def signing_time(signature: str) -> int:
    """The epoch second in a verified signature header."""
    parts = (part.partition("=") for part in signature.split(","))
    return next(int(value) for name, _, value in parts if name == "t")


def id_of(value: Any) -> str | None:
    """The id of something that may be expanded, absent, or an id already."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None


def _expanded(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
