"""The ground truth about money: sums over the ledger's entries, per payment and in all."""

from collections import defaultdict
from typing import Any

from paysandbox.sandbox import Sandbox
from paysandbox.store import Json


def describe_ledger(box: Sandbox) -> Json:
    """Captured and refunded amounts; a refund that failed is not counted as refunded.

    ``disputed`` is what banks have taken back and not returned.
    """
    payments = [_payment(box, intent) for intent in reversed(box.store.select("payment_intent"))]
    moved = [payment for payment in payments if payment["captured"]]
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for payment in moved:
        for name in ("captured", "refunded", "disputed"):
            totals[payment["currency"]][name] += payment[name]
    return {
        "payments": moved,
        "sums": totals,
        "captured": sum(payment["captured"] for payment in moved),
        "refunded": sum(payment["refunded"] for payment in moved),
    }


def _payment(box: Sandbox, intent: Json) -> dict[str, Any]:
    rows = box.store.rows(
        "SELECT json_extract(hidden, '$.entry') AS entry,"
        " sum(json_extract(body, '$.amount')) AS amount FROM objects"
        " WHERE kind = 'balance_transaction' AND json_extract(hidden, '$.payment_intent') = ?"
        " GROUP BY entry",
        intent["id"],
    )
    entries = defaultdict(int, {row["entry"]: row["amount"] for row in rows})
    return {
        "payment_intent": intent["id"],
        "session": box.store.hidden(intent["id"]).get("session"),
        "currency": intent["currency"],
        "captured": entries["charge"],
        "refunded": -entries["refund"] - entries["refund_failure"],
        "disputed": -entries["dispute"] - entries["dispute_reversal"],
        "metadata": intent["metadata"],
    }
