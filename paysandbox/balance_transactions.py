"""The ledger's entries: every movement of money is one balance transaction."""

from paysandbox.identifiers import new_id
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

_FEE_PER_THOUSAND = 15
_FEE_FIXED = 25
_PAYOUT_DELAY_SECONDS = 2 * 24 * 3600


def book(
    box: Sandbox, *, entry: str, amount: int, source: Json, payment_intent: str | None
) -> Json:
    """Write one entry; negative amounts leave the account. Returns the balance transaction.

    ``entry`` is charge, refund, refund_failure, dispute or dispute_reversal.
    """
    fee = amount * _FEE_PER_THOUSAND // 1000 + _FEE_FIXED if entry == "charge" else 0
    currency = source["currency"]
    transaction = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": box.now() + _PAYOUT_DELAY_SECONDS,
        "balance_type": "payments",
        "created": box.now(),
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Processing fees",
                "type": "stripe_fee",
            }
        ]
        if fee
        else [],
        "net": amount - fee,
        "reporting_category": entry,
        "source": source["id"],
        "status": "available",
        "type": "adjustment" if entry.startswith("dispute") else entry,
    }
    return box.store.put(transaction, hidden={"entry": entry, "payment_intent": payment_intent})
