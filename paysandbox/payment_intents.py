"""Payment intents: an amount to be paid, through as many attempts as it takes."""

from paysandbox.errors import ApiError, invalid_parameter, wrong_state
from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.money import check_amount
from paysandbox.parameters import merge_metadata
from paysandbox.payment_methods import bank_debit_type, resolve_method
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")

_NULLS = (
    "amount_details",
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "customer_account",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "managed_payments",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "processing",
    "review",
    "shipping",
    "source",
    "transfer_data",
    "transfer_group",
)
_COPIED = (
    "customer",
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
)


def offered_types(currency: str, params: Json) -> list[str]:
    """What dynamic payment methods come to, silently filtered by the two lists."""
    offered = ["card", bank_debit_type(currency)]
    allowed = params.get("allowed_payment_method_types")
    excluded = params.get("excluded_payment_method_types", [])
    if allowed and excluded:
        raise invalid_parameter(
            "allowed_payment_method_types",
            "You may only specify one of allowed_payment_method_types and "
            "excluded_payment_method_types.",
        )
    types = [kind for kind in offered if (not allowed or kind in allowed) and kind not in excluded]
    if not types:
        raise invalid_parameter(
            "allowed_payment_method_types", "No valid payment method types for this payment."
        )
    return types


def create_intent(box: Sandbox, params: Json, *, session_id: str | None = None) -> Json:
    amount, currency = params["amount"], params["currency"]
    check_amount(amount, currency, param="amount")
    _check_confirmation_parameters(params)
    if params.get("customer"):
        box.store.get("customer", params["customer"], param="customer")
    types = offered_types(currency, params)
    intent_id = new_id("pi")
    intent: Json = dict.fromkeys((*_NULLS, *_COPIED)) | {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{intent_id}_secret"),
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": box.now(),
        "currency": currency,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_method_options": params.get("payment_method_options", {}),
        "payment_method_types": types,
        "status": "requires_payment_method",
    }
    intent |= {name: params[name] for name in _COPIED if name in params}
    for name in ("allowed_payment_method_types", "excluded_payment_method_types"):
        if params.get(name):
            intent[name] = params[name]
    if not params.get("allowed_payment_method_types"):
        intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
    if "payment_method" in params:
        use_method(intent, resolve_method(box, params["payment_method"]))
    box.store.put(intent, hidden={"session": session_id})
    emit(box, "payment_intent.created", intent)
    return intent


def _check_confirmation_parameters(params: Json) -> None:
    if params.get("capture_method") == "manual":
        raise invalid_parameter("capture_method", "The sandbox captures automatically only.")
    if params.get("confirm"):
        return
    for name in ("return_url", "off_session", "error_on_requires_action", "mandate_data"):
        if name in params:
            raise invalid_parameter(name, f"{name} can only be used with confirm=true.")


def use_method(intent: Json, method: Json) -> None:
    """Choose what to pay with; a method of another customer is refused."""
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise invalid_parameter(
            "payment_method",
            f"The payment method {method['id']} belongs to a Customer. Please include that "
            "Customer in the `customer` parameter on the PaymentIntent.",
        )
    if method["type"] not in intent["payment_method_types"]:
        raise invalid_parameter(
            "payment_method",
            f"The payment method type {method['type']} is not allowed for this PaymentIntent.",
        )
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


def update_intent(box: Sandbox, intent: Json, params: Json) -> Json:
    if intent["status"] not in PAYABLE:
        immutable = set(params) - {"metadata", "description", "receipt_email", "expand"}
        if immutable:
            raise unexpected_state(intent, "updated")
    if "amount" in params or "currency" in params:
        amount = params["amount"] if "amount" in params else intent["amount"]
        currency = params["currency"] if "currency" in params else intent["currency"]
        check_amount(amount, currency, param="amount")
        intent |= {"amount": amount, "currency": currency}
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    intent |= {name: params[name] or None for name in _COPIED if name in params}
    if "payment_method_options" in params:
        intent["payment_method_options"] |= params["payment_method_options"]
    if "payment_method" in params:
        use_method(intent, resolve_method(box, params["payment_method"]))
    return box.store.put(intent)


def cancel_intent(box: Sandbox, intent: Json, *, reason: str | None) -> Json:
    if intent["status"] not in PAYABLE:
        raise unexpected_state(intent, "canceled")
    intent |= {
        "canceled_at": box.now(),
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }
    box.store.put(intent)
    emit(box, "payment_intent.canceled", intent)
    return intent


def unexpected_state(intent: Json, verb: str) -> ApiError:
    return wrong_state(
        f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )
