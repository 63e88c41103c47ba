"""Refunds: money on its way back, all or in parts, never more than was captured.

A card refund is ``succeeded`` at once. Two test cards behave otherwise after
:data:`SETTLE_SECONDS` of the sandbox's clock: one stays pending until then, one
fails then (https://docs.stripe.com/testing#refunds).
"""

from paysandbox import balance_transactions, disputes
from paysandbox.errors import ApiError, invalid_parameter, missing_parameter, wrong_state
from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.parameters import merge_metadata
from paysandbox.payment_methods import card_of
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

SETTLE_SECONDS = 60


def create_refund(box: Sandbox, params: Json) -> Json:
    charge = _refunded_charge(box, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if amount <= 0 and left > 0:
        raise invalid_parameter("amount", "Invalid positive integer")
    if disputes.is_in_dispute(box, charge):
        raise wrong_state(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    if left == 0:
        raise wrong_state(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount > left:
        raise wrong_state(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            code="charge_already_refunded",
            param="amount",
        )
    return _refund(box, charge, amount, params)


def _refunded_charge(box: Sandbox, params: Json) -> Json:
    if "charge" in params and "payment_intent" in params:
        raise invalid_parameter("charge", "You may only specify one of: charge, payment_intent.")
    if "charge" in params:
        charge = box.store.get("charge", params["charge"], param="charge")
    elif "payment_intent" in params:
        intent = box.store.get("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["latest_charge"] is None:
            raise _nothing_to_refund(intent["id"])
        charge = box.store.get("charge", intent["latest_charge"])
    else:
        raise missing_parameter("payment_intent")
    if charge["status"] != "succeeded":
        raise _nothing_to_refund(charge["payment_intent"])
    return charge


def _nothing_to_refund(payment_intent: str) -> ApiError:
    return wrong_state(
        f"This PaymentIntent ({payment_intent}) does not have a successful charge to refund."
    )


def _refund(box: Sandbox, charge: Json, amount: int, params: Json) -> Json:
    method = box.store.get("payment_method", charge["payment_method"])
    behaviour = card_of(box, method).refund if method["type"] == "card" else "succeeds"
    refund: Json = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": box.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "type": "card",
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
        },
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if behaviour == "pends" else "succeeded",
        "transfer_reversal": None,
    }
    if method["type"] != "card":
        refund["destination_details"] = {"type": method["type"]}
    if behaviour == "pends":
        refund["pending_reason"] = "processing"
    entry = balance_transactions.book(
        box,
        entry="refund",
        amount=-amount,
        source=refund,
        payment_intent=charge["payment_intent"],
    )
    refund["balance_transaction"] = entry["id"]
    settles_at = None if behaviour == "succeeds" else box.now() + SETTLE_SECONDS
    box.store.put(refund, hidden={"settles_at": settles_at})
    _count_on_charge(box, charge, amount)
    emit(box, "refund.created", refund)
    emit(box, "charge.refunded", charge)
    return refund


def _count_on_charge(box: Sandbox, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    box.store.put(charge)


def settle_due_refunds(box: Sandbox) -> None:
    """What the two slow test cards come to, once their time is over."""
    due = box.store.rows(
        "SELECT id FROM objects WHERE kind = 'refund' AND status IN ('pending', 'succeeded')"
        " AND json_extract(hidden, '$.settles_at') <= ?",
        box.now(),
    )
    for row in due:
        refund = box.store.get("refund", row["id"])
        settle_refund(box, refund, is_paid_out=refund["status"] == "pending")


def settle_refund(box: Sandbox, refund: Json, *, is_paid_out: bool) -> Json:
    """The bank's last word on a refund: paid out, or sent back to us."""
    if refund["status"] not in ("pending", "succeeded"):
        raise wrong_state(f"This refund is {refund['status']} already.")
    previous = {"status": refund["status"]}
    refund.pop("pending_reason", None)
    if is_paid_out:
        refund["status"] = "succeeded"
        box.store.put(refund, hidden={"settles_at": None})
        _emit_update(box, refund, previous)
        return refund
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    _give_back(box, refund)
    _emit_update(box, refund, previous)
    emit(box, "refund.failed", refund)
    return refund


def cancel_refund(box: Sandbox, refund: Json) -> Json:
    if refund["status"] not in ("pending", "requires_action"):
        raise wrong_state(f"Refund {refund['id']} cannot be canceled: it is {refund['status']}.")
    previous = {"status": refund["status"]}
    refund.pop("pending_reason", None)
    refund["status"] = "canceled"
    _give_back(box, refund)
    _emit_update(box, refund, previous)
    return refund


def _give_back(box: Sandbox, refund: Json) -> None:
    """The amount can be refunded again: it never reached the buyer."""
    entry = balance_transactions.book(
        box,
        entry="refund_failure",
        amount=refund["amount"],
        source=refund,
        payment_intent=refund["payment_intent"],
    )
    refund["failure_balance_transaction"] = entry["id"]
    box.store.put(refund, hidden={"settles_at": None})
    _count_on_charge(box, box.store.get("charge", refund["charge"]), -refund["amount"])


def update_refund(box: Sandbox, refund: Json, params: Json) -> Json:
    """Only metadata can change; that too is announced as an update."""
    previous = {"metadata": refund["metadata"]}
    refund["metadata"] = merge_metadata(refund["metadata"], params.get("metadata", {}))
    box.store.put(refund)
    _emit_update(box, refund, previous)
    return refund


def _emit_update(box: Sandbox, refund: Json, previous: Json) -> None:
    emit(box, "refund.updated", refund, previous=previous)
    emit(box, "charge.refund.updated", refund, previous=previous)
