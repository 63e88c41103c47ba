"""Setup intents: keep a card for later without taking money now."""

from paysandbox.errors import wrong_state
from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.parameters import merge_metadata
from paysandbox.payment_methods import attach_method, mark_set_up, resolve_method
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

_NULLS = (
    "application",
    "automatic_payment_methods",
    "cancellation_reason",
    "description",
    "excluded_payment_method_types",
    "flow_directions",
    "last_setup_error",
    "latest_attempt",
    "mandate",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "single_use_mandate",
)


def create_setup(box: Sandbox, params: Json) -> Json:
    if "customer" in params:
        box.store.get("customer", params["customer"], param="customer")
    setup_id = new_id("seti")
    setup: Json = dict.fromkeys(_NULLS) | {
        "id": setup_id,
        "object": "setup_intent",
        "client_secret": new_id(f"{setup_id}_secret"),
        "created": box.now(),
        "customer": params.get("customer"),
        "description": params.get("description"),
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    box.store.put(setup)
    emit(box, "setup_intent.created", setup)
    if "payment_method" in params:
        setup |= {
            "payment_method": resolve_method(box, params["payment_method"])["id"],
            "status": "requires_confirmation",
        }
        box.store.put(setup)
    return confirm_setup(box, setup, {}) if params.get("confirm") else setup


def confirm_setup(box: Sandbox, setup: Json, params: Json) -> Json:
    """Attach the card. Every test card sets up without being asked by the bank."""
    reference = params.get("payment_method") or setup["payment_method"]
    if setup["status"] not in ("requires_payment_method", "requires_confirmation") or not reference:
        raise wrong_state(
            f"This SetupIntent cannot be confirmed: its status is {setup['status']}.",
            code="setup_intent_unexpected_state",
        )
    method = resolve_method(box, reference)
    if setup["customer"] is not None:
        attach_method(box, method, setup["customer"])
    mark_set_up(box, method)
    setup |= {"payment_method": method["id"], "status": "succeeded"}
    box.store.put(setup)
    emit(box, "setup_intent.succeeded", setup)
    return setup


def cancel_setup(box: Sandbox, setup: Json, *, reason: str | None) -> Json:
    if setup["status"] in ("succeeded", "canceled"):
        raise wrong_state(
            f"This SetupIntent cannot be canceled: its status is {setup['status']}.",
            code="setup_intent_unexpected_state",
        )
    setup |= {"cancellation_reason": reason, "status": "canceled"}
    box.store.put(setup)
    emit(box, "setup_intent.canceled", setup)
    return setup
