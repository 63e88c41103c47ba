"""Disputes: the buyer's bank takes the money back, until somebody decides."""

from paysandbox import balance_transactions
from paysandbox.errors import wrong_state
from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.parameters import merge_metadata
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

DAYS_TO_ANSWER_SECONDS = 10 * 24 * 3600
_OPEN = ("needs_response", "under_review")
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def open_dispute(box: Sandbox, charge: Json) -> Json:
    dispute: Json = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": box.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": box.now() + DAYS_TO_ANSWER_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": charge["payment_method_details"].get("card", {}).get("brand", "visa"),
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "83",
            },
        },
        "reason": "fraudulent",
        "status": "needs_response",
    }
    _move_funds(box, dispute, "dispute", -charge["amount"])
    box.store.put(charge | {"disputed": True})
    emit(box, "charge.dispute.created", dispute)
    emit(box, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _move_funds(box: Sandbox, dispute: Json, entry: str, amount: int) -> None:
    transaction = balance_transactions.book(
        box,
        entry=entry,
        amount=amount,
        source=dispute,
        payment_intent=dispute["payment_intent"],
    )
    dispute["balance_transactions"] = [*dispute["balance_transactions"], transaction]
    box.store.put(dispute)


def decide_dispute(box: Sandbox, dispute: Json, *, is_won: bool) -> Json:
    """The bank's verdict. A dispute that was won gives the money back."""
    if dispute["status"] not in _OPEN:
        raise wrong_state(f"This dispute is already closed ({dispute['status']}).")
    dispute["status"] = "won" if is_won else "lost"
    box.store.put(dispute)
    if is_won:
        _move_funds(box, dispute, "dispute_reversal", dispute["amount"])
        emit(box, "charge.dispute.funds_reinstated", dispute)
    emit(box, "charge.dispute.closed", dispute)
    return dispute


def update_dispute(box: Sandbox, dispute: Json, params: Json) -> Json:
    previous: Json = {name: dispute[name] for name in ("metadata", "evidence") if name in params}
    if "metadata" in params:
        dispute["metadata"] = merge_metadata(dispute["metadata"], params["metadata"])
    if "evidence" in params:
        dispute["evidence"] = dispute["evidence"] | params["evidence"]
        dispute["evidence_details"] = dispute["evidence_details"] | {"has_evidence": True}
    if params.get("submit"):
        dispute["status"] = "under_review"
        details = dispute["evidence_details"]
        details |= {"submission_count": 1, "submission_method": "manual"}
    box.store.put(dispute)
    emit(box, "charge.dispute.updated", dispute, previous=previous)
    return dispute


def find_open_dispute(box: Sandbox, payment_intent: str) -> Json | None:
    found = box.store.select("dispute", {"payment_intent": payment_intent})
    return next((dispute for dispute in found if dispute["status"] in _OPEN), None)


def is_in_dispute(box: Sandbox, charge: Json) -> bool:
    """Whether the bank has the money: an open dispute or a lost one."""
    found = box.store.select("dispute", {"charge": charge["id"]})
    return any(dispute["status"] != "won" for dispute in found)
