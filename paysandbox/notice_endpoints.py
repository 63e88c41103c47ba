"""Events and webhook endpoints: addresses and parameters."""

from paysandbox import events, webhook_endpoints
from paysandbox.endpoint import EXPAND, METADATA_ONLY, Call, Endpoint
from paysandbox.listing import PAGE_PARAMETERS, list_objects
from paysandbox.parameters import Kind, boolean, list_of, text, time_range, url
from paysandbox.store import Json
from paysandbox.thin_events import thin_notification

_ENDPOINT_CHANGE: dict[str, Kind] = {
    **METADATA_ONLY,
    "description": text(),
    "enabled_events": list_of(text()),
    "url": url,
}


def _event(call: Call) -> Json:
    return events.get_event(call.box, call.id)


def _webhook_endpoint(call: Call) -> Json:
    return call.store.get("webhook_endpoint", call.id)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/events",
        lambda call: events.list_events(call.box, call.params),
        {
            **PAGE_PARAMETERS,
            "created": time_range,
            "delivery_success": boolean,
            "type": text(),
            "types": list_of(text(), 20),
        },
    ),
    Endpoint("GET", "/v1/events/{id}", _event, EXPAND),
    Endpoint("GET", "/v2/core/events/{id}", lambda call: thin_notification(_event(call))),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints",
        lambda call: webhook_endpoints.create_endpoint(call.box, call.params),
        {**_ENDPOINT_CHANGE, "api_version": text(), "connect": boolean},
        ("enabled_events", "url"),
    ),
    Endpoint(
        "GET",
        "/v1/webhook_endpoints",
        lambda call: list_objects(
            call.store, "webhook_endpoint", "/v1/webhook_endpoints", call.params
        ),
        PAGE_PARAMETERS,
    ),
    Endpoint("GET", "/v1/webhook_endpoints/{webhook_endpoint}", _webhook_endpoint, EXPAND),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints/{webhook_endpoint}",
        lambda call: webhook_endpoints.update_endpoint(
            call.box, _webhook_endpoint(call), call.params
        ),
        {**_ENDPOINT_CHANGE, "disabled": boolean},
    ),
    Endpoint(
        "DELETE",
        "/v1/webhook_endpoints/{webhook_endpoint}",
        lambda call: webhook_endpoints.delete_endpoint(call.box, _webhook_endpoint(call)),
    ),
)
