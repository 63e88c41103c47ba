"""Checkout Sessions: one buyer's visit to the payment page, open until paid or over.

Source: https://docs.stripe.com/api/checkout/sessions. The payment intent does
not exist before the buyer confirms (API change of 2022-08-01).
"""

from paysandbox.errors import invalid_parameter, missing_parameter, wrong_state
from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.line_items import build_line_items
from paysandbox.money import check_amount
from paysandbox.parameters import merge_metadata
from paysandbox.payment_intents import PAYABLE, cancel_intent, offered_types
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

KIND = "checkout.session"
MIN_LIFE_SECONDS = 30 * 60
MAX_LIFE_SECONDS = 24 * 3600

_NULLS = (
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_creation",
    "customer_details",
    "customer_email",
    "integration_identifier",
    "invoice",
    "locale",
    "managed_payments",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "subscription",
    "success_url",
    "wallet_options",
)
_COPIED = (
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "consent_collection",
    "customer",
    "customer_email",
    "integration_identifier",
    "locale",
    "name_collection",
    "origin_context",
    "submit_type",
    "success_url",
    "wallet_options",
)
_SAVED_OPTIONS = {
    "allow_redisplay_filters": ["always"],
    "payment_method_remove": "disabled",
    "payment_method_save": "disabled",
}


def create_session(box: Sandbox, params: Json, *, pages_url: str) -> Json:
    _check_combinations(params)
    if "customer" in params:
        box.store.get("customer", params["customer"], param="customer")
    items = build_line_items(box, params["line_items"])
    currency = items[0]["currency"]
    total = sum(item["amount_total"] for item in items)
    check_amount(total, currency, param="line_items")
    session_id = new_id("cs_test")
    session: Json = dict.fromkeys(_NULLS) | {
        "id": session_id,
        "object": KIND,
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": False}),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "created": box.now(),
        "currency": currency,
        "custom_fields": [],
        "custom_text": _custom_text(params.get("custom_text", {})),
        "discounts": [],
        "expires_at": _checked_expiry(box, params.get("expires_at")),
        "invoice_creation": {"enabled": False, "invoice_data": _NO_INVOICE_DATA},
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": _method_options(params.get("payment_method_options", {})),
        "payment_method_types": offered_types(currency, params),
        "payment_status": "unpaid",
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{pages_url}/c/pay/{session_id}",
    }
    session |= {name: params[name] for name in _COPIED if name in params}
    if "branding_settings" in params:
        session["branding_settings"] = _DEFAULT_BRANDING | params["branding_settings"]
    for kind, wanted in params.get("name_collection", {}).items():
        session["name_collection"][kind] = {"optional": False} | wanted
    if "customer" in params:
        session["saved_payment_method_options"] = _SAVED_OPTIONS | params.get(
            "saved_payment_method_options", {}
        )
    else:
        session["customer_creation"] = params.get("customer_creation", "if_required")
    if "customer_email" in params:
        session["customer_details"] = customer_details(params["customer_email"])
    hidden = {"line_items": items, "intent_data": params.get("payment_intent_data", {})}
    return box.store.put(session, hidden=hidden)


_NO_INVOICE_DATA = dict.fromkeys(
    ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
) | {"metadata": {}}


def customer_details(email: str | None, name: str | None = None) -> Json:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


_DEFAULT_BRANDING = {
    "background_color": "#ffffff",
    "border_style": "rounded",
    "button_color": "#1f4fa3",
    "display_name": "Sandbox",
    "font_family": "default",
    "icon": None,
    "logo": None,
}


def _method_options(wanted: Json) -> Json:
    """The page asks for 3-D Secure when the card needs it, unless told otherwise."""
    automatic = {"request_three_d_secure": "automatic"}
    return wanted | {"card": automatic | wanted["card"]} if "card" in wanted else wanted


def _custom_text(wanted: Json) -> Json:
    places = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {place: wanted.get(place) or None for place in places}


def _check_combinations(params: Json) -> None:
    if params.get("mode", "payment") != "payment":
        raise invalid_parameter("mode", "The sandbox has payment mode only.")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid_parameter("ui_mode", "The sandbox has the hosted page only.")
    if not params.get("line_items"):
        raise missing_parameter("line_items")
    if "success_url" not in params:
        raise missing_parameter("success_url")
    for other in ("customer_email", "customer_creation"):
        if "customer" in params and other in params:
            raise invalid_parameter(other, f"You may only specify one of: customer, {other}.")
    for other in ("customer_update", "saved_payment_method_options"):
        if other in params and "customer" not in params:
            raise invalid_parameter(other, f"{other} can only be used with `customer`.")


def _checked_expiry(box: Sandbox, wanted: int | None) -> int:
    now = box.now()
    if wanted is None:
        return now + MAX_LIFE_SECONDS
    if wanted < now + MIN_LIFE_SECONDS:
        raise invalid_parameter(
            "expires_at",
            "`expires_at` must be at least 30 minutes from Checkout Session creation.",
        )
    if wanted > now + MAX_LIFE_SECONDS:
        raise invalid_parameter(
            "expires_at",
            "`expires_at` must be less than 24 hours from Checkout Session creation.",
        )
    return wanted


def get_session(box: Sandbox, session_id: str) -> Json:
    """The session as it is now: one whose time is over expires on being looked at."""
    session = box.store.get(KIND, session_id)
    if session["status"] == "open" and session["expires_at"] <= box.now():
        _close(box, session)
    return session


def update_session(box: Sandbox, session: Json, params: Json) -> Json:
    if "metadata" in params:
        session["metadata"] = merge_metadata(session["metadata"], params["metadata"])
    return box.store.put(session)


def expire_session(box: Sandbox, session: Json) -> Json:
    """Nobody can pay any more. Refused unless the session is open."""
    if session["status"] != "open":
        raise wrong_state(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    _close(box, session)
    return session


def _close(box: Sandbox, session: Json) -> None:
    if session["payment_intent"] is not None:
        intent = box.store.get("payment_intent", session["payment_intent"])
        if intent["status"] in PAYABLE:
            cancel_intent(box, intent, reason="expired")
    session |= {"status": "expired", "url": None}
    box.store.put(session)
    emit(box, "checkout.session.expired", session)


def expire_due_sessions(box: Sandbox) -> None:
    due = box.store.rows(
        "SELECT id FROM objects WHERE kind = ? AND status = 'open' AND expires_at <= ?",
        KIND,
        box.now(),
    )
    for row in due:
        get_session(box, row["id"])


def session_of(box: Sandbox, intent: Json) -> Json | None:
    """The Checkout Session that a payment intent belongs to, if it came from one."""
    session_id = box.store.hidden(intent["id"]).get("session")
    return None if session_id is None else get_session(box, session_id)


def line_items_of(box: Sandbox, session: Json) -> list[Json]:
    items: list[Json] = box.store.hidden(session["id"])["line_items"]
    return items
