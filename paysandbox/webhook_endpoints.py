"""Webhook endpoints: where events go, and the secret that signs them."""

import secrets

from paysandbox.events import API_VERSION
from paysandbox.identifiers import new_id
from paysandbox.parameters import merge_metadata
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, not a secret


def create_endpoint(box: Sandbox, params: Json) -> Json:
    """The answer to this call is the only one that carries the signing secret.

    ``metadata[secret]=whsec_...`` chooses the secret, so that a development set-up
    can know it beforehand; the gateway itself always draws one.
    ``metadata[payload_style]=thin`` chooses thin events.
    """
    metadata = merge_metadata({}, params.get("metadata", {}))
    secret = metadata.pop("secret", None) or SECRET_PREFIX + secrets.token_hex(24)
    endpoint: Json = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version", API_VERSION),
        "application": None,
        "created": box.now(),
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": metadata,
        "status": "enabled",
        "url": params["url"],
    }
    box.store.put(endpoint, hidden={"secret": secret})
    return endpoint | {"secret": secret}


def update_endpoint(box: Sandbox, endpoint: Json, params: Json) -> Json:
    for name in ("description", "enabled_events", "url"):
        if name in params:
            endpoint[name] = params[name]
    if "metadata" in params:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], params["metadata"])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    return box.store.put(endpoint)


def delete_endpoint(box: Sandbox, endpoint: Json) -> Json:
    box.store.delete(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
