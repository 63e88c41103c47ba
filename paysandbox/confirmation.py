"""What happens when somebody confirms a payment intent: pays, is asked, or is declined."""

from dataclasses import dataclass

from paysandbox import charges, disputes
from paysandbox.cards import DECLINE_MESSAGES, Card
from paysandbox.errors import ApiError
from paysandbox.events import emit
from paysandbox.payment_intents import PAYABLE, unexpected_state, use_method
from paysandbox.payment_methods import attach_method, card_of, mark_set_up
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

AUTHENTICATION_FAILED = "payment_intent_authentication_failure"
_AUTHENTICATION_FAILED_MESSAGE = (
    "We are unable to authenticate your payment method. Please choose a different payment "
    "method and try again."
)
_BANK_DEBIT_FAILED_MESSAGE = "The customer's bank account could not be debited."


@dataclass(frozen=True)
class Decline:
    code: str
    message: str
    decline_code: str | None = None


def confirm_intent(
    box: Sandbox,
    intent: Json,
    method: Json,
    *,
    pages_url: str,
    return_url: str | None = None,
    is_off_session: bool = False,
) -> Json:
    """Try to pay. The returned intent's status says how it went.

    ``pages_url`` is where this sandbox's own pages are, for 3-D Secure. Someone
    absent (``is_off_session``) cannot be asked: the bank's wish for
    authentication is a decline then.
    """
    if intent["status"] not in PAYABLE:
        raise unexpected_state(intent, "confirmed")
    use_method(intent, method)
    intent |= {"last_payment_error": None, "next_action": None}
    if method["type"] != "card":
        return _start_debit(box, intent, method)
    card = card_of(box, method)
    if not _needs_authentication(box, intent, method, card, is_off_session=is_off_session):
        return _charge_card(box, intent, method, is_authenticated=False)
    if is_off_session:
        code = "authentication_required"
        return _fail(box, intent, method, Decline(code, DECLINE_MESSAGES[code], code))
    url = f"{pages_url}/c/3ds/{intent['id']}"
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": url},
        },
    }
    box.store.put(intent)
    emit(box, "payment_intent.requires_action", intent)
    return intent


def _needs_authentication(
    box: Sandbox, intent: Json, method: Json, card: Card, *, is_off_session: bool
) -> bool:
    options = intent["payment_method_options"].get("card", {})
    if options.get("request_three_d_secure") in ("any", "challenge"):
        return not is_off_session
    if card.authentication == "unless_set_up":
        return not (is_off_session and box.store.hidden(method["id"])["is_set_up"])
    return card.authentication == "always"


def answer_challenge(box: Sandbox, intent: Json, *, is_passed: bool) -> Json:
    """The buyer came through the bank's page, or did not."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    method = box.store.get("payment_method", intent["payment_method"])
    if is_passed:
        return _charge_card(box, intent, method, is_authenticated=True)
    decline = Decline(AUTHENTICATION_FAILED, _AUTHENTICATION_FAILED_MESSAGE)
    return _refuse(box, intent, method, decline, charge_id=None)


def _charge_card(box: Sandbox, intent: Json, method: Json, *, is_authenticated: bool) -> Json:
    card = card_of(box, method)
    decline_code = card.decline_code
    if card.fails_once_attached and method["customer"] is not None:
        decline_code = "generic_decline"
    if decline_code is not None:
        decline = Decline(card.error_code, DECLINE_MESSAGES[decline_code], decline_code)
        return _fail(box, intent, method, decline, is_authenticated=is_authenticated)
    charge = charges.create_charge(box, intent, method, is_authenticated=is_authenticated)
    _receive(box, intent, charge)
    if intent["setup_future_usage"] and intent["customer"]:
        attach_method(box, method, intent["customer"])
        if is_authenticated or card.authentication == "none":
            mark_set_up(box, method)
    if card.is_disputed:
        disputes.open_dispute(box, charge)
    return intent


def _start_debit(box: Sandbox, intent: Json, method: Json) -> Json:
    charge = charges.create_charge(box, intent, method, is_authenticated=False)
    intent |= {"latest_charge": charge["id"], "status": "processing"}
    box.store.put(intent)
    emit(box, "charge.pending", charge)
    emit(box, "payment_intent.processing", intent)
    return intent


def settle_debit(box: Sandbox, intent: Json, *, is_paid: bool) -> Json:
    """The bank's answer to a delayed debit, days later."""
    if intent["status"] != "processing":
        raise unexpected_state(intent, "settled")
    charge = box.store.get("charge", intent["latest_charge"])
    if is_paid:
        _receive(box, intent, charge)
        return intent
    method = box.store.get("payment_method", intent["payment_method"])
    decline = Decline("payment_intent_payment_attempt_failed", _BANK_DEBIT_FAILED_MESSAGE)
    charges.fail(box, charge, code=decline.code, decline_code=None, message=decline.message)
    emit(box, "charge.failed", charge)
    return _refuse(box, intent, method, decline, charge_id=charge["id"])


def _receive(box: Sandbox, intent: Json, charge: Json) -> None:
    charges.succeed(box, charge)
    intent |= {
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "next_action": None,
        "status": "succeeded",
    }
    box.store.put(intent)
    emit(box, "charge.succeeded", charge)
    emit(box, "payment_intent.succeeded", intent)


def _fail(
    box: Sandbox, intent: Json, method: Json, decline: Decline, *, is_authenticated: bool = False
) -> Json:
    charge = charges.create_charge(box, intent, method, is_authenticated=is_authenticated)
    charges.fail(
        box,
        charge,
        code=decline.code,
        decline_code=decline.decline_code,
        message=decline.message,
    )
    emit(box, "charge.failed", charge)
    return _refuse(box, intent, method, decline, charge_id=charge["id"])


def _refuse(
    box: Sandbox, intent: Json, method: Json, decline: Decline, *, charge_id: str | None
) -> Json:
    error = {
        "type": "invalid_request_error" if charge_id is None else "card_error",
        "code": decline.code,
        "message": decline.message,
        "payment_method": method,
    }
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    if charge_id is not None:
        error["charge"] = charge_id
        intent["latest_charge"] = charge_id
    intent |= {
        "last_payment_error": error,
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    box.store.put(intent)
    emit(box, "payment_intent.payment_failed", intent)
    return intent


def decline_error(intent: Json) -> ApiError:
    """The 402 that an API caller gets for a declined confirmation; the attempt stays."""
    error = intent["last_payment_error"]
    return ApiError(
        402,
        error["message"],
        kind="card_error",
        code=error["code"],
        keeps_changes=True,
        is_stored=True,
        decline_code=error.get("decline_code"),
        charge=error.get("charge"),
        payment_intent=intent,
        payment_method=error["payment_method"],
    )
