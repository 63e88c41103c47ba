"""The thin flavour of an event: what happened to which object, without its snapshot.

Chosen per endpoint with ``metadata[payload_style]=thin``. Source:
https://docs.stripe.com/event-destinations#thin-events.
"""

from datetime import UTC, datetime

from paysandbox.store import Json

_PATHS = {
    "checkout.session": "checkout/sessions",
    "charge": "charges",
    "customer": "customers",
    "dispute": "disputes",
    "payment_intent": "payment_intents",
    "payment_method": "payment_methods",
    "refund": "refunds",
    "setup_intent": "setup_intents",
}


def thin_notification(event: Json) -> Json:
    related = event["data"]["object"]
    path = _PATHS[related["object"]]
    created = datetime.fromtimestamp(event["created"], UTC)
    request = event["request"] if event["request"]["id"] else None
    return {
        "id": event["id"],
        "object": "v2.core.event",
        "type": f"v1.{event['type']}",
        "created": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "livemode": False,
        "context": None,
        "reason": {"type": "request", "request": request} if request else None,
        "related_object": {
            "id": related["id"],
            "type": related["object"],
            "url": f"/v1/{path}/{related['id']}",
        },
        "snapshot_event": event["id"],
    }
