"""Payment methods: a test card or a bank account, on its own or kept for a customer."""

from paysandbox.cards import DECLINE_MESSAGES, Card, find_card
from paysandbox.errors import ApiError, invalid_parameter, wrong_state
from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.parameters import merge_metadata
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

DEFAULT_EXPIRY_MONTH = 12
DEFAULT_EXPIRY_YEAR = 2034
BANK_DEBIT_LAST4 = "3000"

_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def billing_details(email: str | None = None, name: str | None = None) -> Json:
    return {"address": _NO_ADDRESS, "email": email, "name": name, "phone": None, "tax_id": None}


def _blank(box: Sandbox, kind: str, billing: Json | None) -> Json:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing or billing_details(),
        "created": box.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def create_card_method(
    box: Sandbox,
    card: Card,
    *,
    billing: Json | None = None,
    exp_month: int = DEFAULT_EXPIRY_MONTH,
    exp_year: int = DEFAULT_EXPIRY_YEAR,
) -> Json:
    method = _blank(box, "card", billing)
    method["card"] = {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "fail" if card.decline_code == "incorrect_cvc" else "pass",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": f"fp{card.number[::-1]}",
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return box.store.put(method, hidden={"number": card.number, "is_set_up": False})


def bank_debit_type(currency: str) -> str:
    """The delayed method that a buyer in this currency is offered."""
    return "us_bank_account" if currency == "usd" else "sepa_debit"


def create_bank_debit_method(box: Sandbox, currency: str, *, billing: Json | None = None) -> Json:
    kind = bank_debit_type(currency)
    method = _blank(box, kind, billing)
    if kind == "sepa_debit":
        method[kind] = {
            "bank_code": "37040044",
            "branch_code": "",
            "country": "DE",
            "fingerprint": "fpsandboxdebit",
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": BANK_DEBIT_LAST4,
        }
    else:
        method[kind] = {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "Sandbox Bank",
            "financial_connections_account": None,
            "fingerprint": "fpsandboxdebit",
            "last4": BANK_DEBIT_LAST4,
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": {},
        }
    return box.store.put(method, hidden={})


def card_of(box: Sandbox, method: Json) -> Card:
    """The test card behind a card payment method."""
    card = find_card(box.store.hidden(method["id"])["number"])
    if card is None:
        raise LookupError(method["id"])
    return card


def resolve_method(box: Sandbox, reference: str, *, param: str = "payment_method") -> Json:
    """A stored payment method, or a fresh one for a ``pm_card_...`` alias."""
    card = find_card(reference) if reference.startswith("pm_card_") else None
    if card is not None:
        return create_card_method(box, card)
    return box.store.get("payment_method", reference, param=param)


def create_method(box: Sandbox, params: Json) -> Json:
    """The API's way in; raw numbers are only for the published test cards."""
    if params.get("type", "card") != "card":
        raise invalid_parameter("type", "The sandbox creates card payment methods only.")
    details = params.get("card", {})
    if details.get("token"):
        card = find_card(f"pm_card_{details['token'].removeprefix('tok_')}")
    else:
        card = find_card(details.get("number", ""))
    if card is None:
        raise ApiError(
            402,
            "Your card number is incorrect.",
            kind="card_error",
            code="incorrect_number",
            param="card[number]",
        )
    method = create_card_method(
        box,
        card,
        billing=billing_details() | params.get("billing_details", {}),
        exp_month=details.get("exp_month", DEFAULT_EXPIRY_MONTH),
        exp_year=details.get("exp_year", DEFAULT_EXPIRY_YEAR),
    )
    method["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    method["metadata"] = merge_metadata({}, params.get("metadata", {}))
    return box.store.put(method)


def update_method(box: Sandbox, method: Json, params: Json) -> Json:
    previous = {name: method[name] for name in params if name in method}
    if "metadata" in params:
        method["metadata"] = merge_metadata(method["metadata"], params["metadata"])
    if "allow_redisplay" in params:
        method["allow_redisplay"] = params["allow_redisplay"]
    if "billing_details" in params:
        method["billing_details"] = method["billing_details"] | params["billing_details"]
    if "card" in params and method["type"] == "card":
        method["card"] = method["card"] | params["card"]
    box.store.put(method)
    emit(box, "payment_method.updated", method, previous=previous)
    return method


def attach_method(box: Sandbox, method: Json, customer_id: str) -> Json:
    box.store.get("customer", customer_id, param="customer")
    if method["customer"] == customer_id:
        return method
    if method["customer"] is not None:
        raise wrong_state(
            "The payment method you provided has already been attached to a customer."
        )
    card = card_of(box, method) if method["type"] == "card" else None
    if card is not None and card.decline_code and card.authentication == "none":
        raise ApiError(
            402,
            DECLINE_MESSAGES[card.decline_code],
            kind="card_error",
            code=card.error_code,
            decline_code=card.decline_code,
        )
    method["customer"] = customer_id
    box.store.put(method)
    emit(box, "payment_method.attached", method)
    return method


def detach_method(box: Sandbox, method: Json) -> Json:
    if method["customer"] is None:
        raise wrong_state("The payment method you provided is not attached to a customer.")
    method["customer"] = None
    box.store.put(method)
    emit(box, "payment_method.detached", method)
    return method


def mark_set_up(box: Sandbox, method: Json) -> None:
    """The bank has authenticated this card for later use."""
    box.store.put(method, hidden=box.store.hidden(method["id"]) | {"is_set_up": True})


def list_saved_methods(box: Sandbox, customer_id: str, redisplay: list[str]) -> list[Json]:
    found = box.store.select("payment_method", {"customer": customer_id})
    return [method for method in found if method["allow_redisplay"] in redisplay]
