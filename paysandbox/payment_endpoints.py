"""Checkout Sessions, payment intents and setup intents: addresses and parameters."""

from paysandbox import confirmation, payment_intents, sessions, setup_intents
from paysandbox.confirmation import decline_error
from paysandbox.endpoint import EXPAND, METADATA_ONLY, Call, Endpoint, get
from paysandbox.errors import ApiError, missing_parameter
from paysandbox.listing import PAGE_PARAMETERS, list_objects
from paysandbox.parameters import accepted, boolean, one_of, text, time_range, url
from paysandbox.payment_methods import resolve_method
from paysandbox.payment_parameters import (
    CONFIRMATION,
    FUTURE_USAGE,
    INTENT_CHANGE,
    SESSION_CREATE,
    SETUP_CREATE,
)
from paysandbox.store import Json


def _create_session(call: Call) -> Json:
    return sessions.create_session(call.box, call.params, pages_url=call.pages_url)


def _session(call: Call) -> Json:
    return sessions.get_session(call.box, call.id)


def _list_sessions(call: Call) -> Json:
    sessions.expire_due_sessions(call.box)
    filters = {name: call.params.get(name) for name in ("customer", "payment_intent", "status")}
    return list_objects(call.store, sessions.KIND, "/v1/checkout/sessions", call.params, filters)


def _list_line_items(call: Call) -> Json:
    items = sessions.line_items_of(call.box, _session(call))
    path = f"/v1/checkout/sessions/{call.id}/line_items"
    return {"object": "list", "data": items, "has_more": False, "url": path}


def _confirm(call: Call, intent: Json) -> Json:
    """Raises the 402 of a decline; a wish for authentication is an answer, not a refusal."""
    params = call.params
    reference = params.get("payment_method") or intent["payment_method"]
    if reference is None:
        raise missing_parameter("payment_method")
    intent["payment_method_options"] |= params.get("payment_method_options", {})
    confirmation.confirm_intent(
        call.box,
        intent,
        resolve_method(call.box, reference),
        pages_url=call.pages_url,
        return_url=params.get("return_url"),
        is_off_session=params.get("off_session", False),
    )
    if intent["last_payment_error"] is not None:
        raise decline_error(intent)
    if intent["status"] == "requires_action" and params.get("error_on_requires_action"):
        raise ApiError(
            402,
            "This payment requires additional user action before it can be completed.",
            kind="card_error",
            code="authentication_required",
            keeps_changes=True,
            is_stored=True,
            payment_intent=intent,
        )
    return intent


def _create_intent(call: Call) -> Json:
    intent = payment_intents.create_intent(call.box, call.params)
    return _confirm(call, intent) if call.params.get("confirm") else intent


def _intent(call: Call) -> Json:
    return call.store.get("payment_intent", call.id)


def _confirm_intent(call: Call) -> Json:
    intent = _intent(call)
    if call.params.get("setup_future_usage"):
        intent["setup_future_usage"] = call.params["setup_future_usage"]
    return _confirm(call, intent)


def _cancel_intent(call: Call) -> Json:
    reason = call.params.get("cancellation_reason")
    return payment_intents.cancel_intent(call.box, _intent(call), reason=reason)


def _list_intents(call: Call) -> Json:
    filters = {"customer": call.params.get("customer")}
    return list_objects(call.store, "payment_intent", "/v1/payment_intents", call.params, filters)


ENDPOINTS = (
    Endpoint("POST", "/v1/checkout/sessions", _create_session, SESSION_CREATE),
    Endpoint(
        "GET",
        "/v1/checkout/sessions",
        _list_sessions,
        {
            **PAGE_PARAMETERS,
            "created": time_range,
            "customer": text(),
            "payment_intent": text(),
            "status": one_of("open", "complete", "expired"),
        },
    ),
    Endpoint("GET", "/v1/checkout/sessions/{session}", _session, EXPAND),
    Endpoint(
        "POST",
        "/v1/checkout/sessions/{session}",
        lambda call: sessions.update_session(call.box, _session(call), call.params),
        METADATA_ONLY,
    ),
    Endpoint(
        "POST",
        "/v1/checkout/sessions/{session}/expire",
        lambda call: sessions.expire_session(call.box, _session(call)),
        EXPAND,
    ),
    Endpoint(
        "GET", "/v1/checkout/sessions/{session}/line_items", _list_line_items, PAGE_PARAMETERS
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents",
        _create_intent,
        {
            **INTENT_CHANGE,
            **CONFIRMATION,
            "automatic_payment_methods": accepted,
            "capture_method": one_of("automatic", "automatic_async", "manual"),
            "confirm": boolean,
            "confirmation_method": one_of("automatic", "manual"),
        },
        ("amount", "currency"),
    ),
    Endpoint(
        "GET",
        "/v1/payment_intents",
        _list_intents,
        {**PAGE_PARAMETERS, "created": time_range, "customer": text()},
    ),
    Endpoint("GET", "/v1/payment_intents/{intent}", _intent, {**EXPAND, "client_secret": text()}),
    Endpoint(
        "POST",
        "/v1/payment_intents/{intent}",
        lambda call: payment_intents.update_intent(call.box, _intent(call), call.params),
        INTENT_CHANGE,
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents/{intent}/confirm",
        _confirm_intent,
        {
            **EXPAND,
            **CONFIRMATION,
            "payment_method": text(),
            "receipt_email": text(512),
            "setup_future_usage": FUTURE_USAGE,
        },
    ),
    Endpoint(
        "POST",
        "/v1/payment_intents/{intent}/cancel",
        _cancel_intent,
        {
            **EXPAND,
            "cancellation_reason": one_of(
                "abandoned", "duplicate", "fraudulent", "requested_by_customer"
            ),
        },
    ),
    Endpoint(
        "POST",
        "/v1/setup_intents",
        lambda call: setup_intents.create_setup(call.box, call.params),
        SETUP_CREATE,
    ),
    Endpoint("GET", "/v1/setup_intents/{intent}", get("setup_intent"), EXPAND),
    Endpoint(
        "POST",
        "/v1/setup_intents/{intent}/confirm",
        lambda call: setup_intents.confirm_setup(
            call.box, call.store.get("setup_intent", call.id), call.params
        ),
        {**EXPAND, "payment_method": text(), "return_url": url},
    ),
    Endpoint(
        "POST",
        "/v1/setup_intents/{intent}/cancel",
        lambda call: setup_intents.cancel_setup(
            call.box,
            call.store.get("setup_intent", call.id),
            reason=call.params.get("cancellation_reason"),
        ),
        {
            **EXPAND,
            "cancellation_reason": one_of("abandoned", "duplicate", "requested_by_customer"),
        },
    ),
)
