"""Charges: one attempt to take money, kept whether it worked or not."""

from typing import Any

from paysandbox import balance_transactions
from paysandbox.identifiers import new_id
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

_NULLS = (
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "refunds",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "transfer_data",
    "transfer_group",
)


def create_charge(box: Sandbox, intent: Json, method: Json, *, is_authenticated: bool) -> Json:
    """A charge that is still pending; :func:`succeed` or :func:`fail` decides it.

    Metadata and description are copied from the payment intent once, here; later
    changes of the intent do not reach the charge.
    """
    charge: Json = dict.fromkeys(_NULLS) | {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": box.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome("authorized", "approved_by_network"),
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, is_authenticated=is_authenticated),
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
    }
    return box.store.put(charge)


def succeed(box: Sandbox, charge: Json) -> Json:
    entry = balance_transactions.book(
        box,
        entry="charge",
        amount=charge["amount"],
        source=charge,
        payment_intent=charge["payment_intent"],
    )
    charge |= {
        "amount_captured": charge["amount"],
        "balance_transaction": entry["id"],
        "captured": True,
        "paid": True,
        "status": "succeeded",
    }
    return box.store.put(charge)


def fail(box: Sandbox, charge: Json, *, code: str, decline_code: str | None, message: str) -> Json:
    charge |= {
        "failure_code": code,
        "failure_message": message,
        "outcome": _outcome("issuer_declined", "declined_by_network", reason=decline_code),
        "status": "failed",
    }
    return box.store.put(charge)


def _outcome(kind: str, network_status: str, *, reason: str | None = None) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network_status,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 7,
        "seller_message": "Payment complete." if reason is None else "The bank declined.",
        "type": kind,
    }


def _details(method: Json, *, is_authenticated: bool) -> Json:
    kind = method["type"]
    if kind != "card":
        shown = ("fingerprint", "last4")
        return {
            "type": kind,
            kind: {name: method[kind][name] for name in shown} | {"mandate": None},
        }
    card: dict[str, Any] = method["card"]
    copied = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    details = {name: card[name] for name in copied} | {
        "last4": card["last4"],
        "network": card["brand"],
        "three_d_secure": None,
        "wallet": None,
    }
    if is_authenticated:
        details["three_d_secure"] = {
            "authentication_flow": "challenge",
            "result": "authenticated",
            "result_reason": None,
            "version": "2.2.0",
        }
    return {"type": "card", "card": details}
