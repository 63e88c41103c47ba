"""What the buyer does on the payment page: pay, be asked by the bank, be declined."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from paysandbox import confirmation
from paysandbox.cards import Card, find_card
from paysandbox.customers import create_customer
from paysandbox.errors import ApiError, invalid_parameter
from paysandbox.events import emit
from paysandbox.payment_intents import create_intent
from paysandbox.payment_methods import (
    attach_method,
    billing_details,
    create_bank_debit_method,
    create_card_method,
    mark_set_up,
)
from paysandbox.sandbox import Sandbox
from paysandbox.sessions import customer_details, session_of
from paysandbox.store import Json

BANK_DEBIT = "bank_debit"


@dataclass(frozen=True)
class Outcome:
    """``status`` is complete, declined or requires_action, as the buyer sees it."""

    status: str
    decline_code: str | None = None
    message: str | None = None
    redirect_url: str | None = None

    def as_json(self) -> dict[str, Any]:
        shown = {"decline_code": self.decline_code, "redirect_url": self.redirect_url}
        return {"status": self.status} | {k: v for k, v in shown.items() if v is not None}


def pay_session(
    box: Sandbox,
    session: Json,
    *,
    instrument: str,
    pages_url: str,
    wants_saving: bool = False,
    email: str | None = None,
    name: str | None = None,
) -> Outcome:
    """Press "Pay". ``instrument`` is a card number, a ``pm_...`` or :data:`BANK_DEBIT`.

    A session that is not open any more cannot be paid: raises a refusal.
    """
    if session["status"] != "open":
        raise ApiError(400, f"This Checkout Session is {session['status']}.", code="session_over")
    email = email or _known_email(box, session)
    method = _make_method(box, session, instrument, billing_details(email, name))
    intent = _intent_for(box, session)
    session["customer_details"] = customer_details(email, name)
    hidden = box.store.hidden(session["id"]) | {"wants_saving": wants_saving}
    box.store.put(session, hidden=hidden)
    confirmation.confirm_intent(
        box, intent, method, pages_url=pages_url, return_url=success_url(session)
    )
    return conclude(box, session, intent)


def _known_email(box: Sandbox, session: Json) -> str:
    if session["customer"] is not None:
        customer = box.store.get("customer", session["customer"])
        if customer.get("email"):
            return str(customer["email"])
    return str(session["customer_email"] or "buyer@example.com")


def _make_method(box: Sandbox, session: Json, instrument: str, billing: Json) -> Json:
    if instrument == BANK_DEBIT:
        if set(session["payment_method_types"]) == {"card"}:
            raise invalid_parameter("card", "This session does not take bank debits.")
        return create_bank_debit_method(box, session["currency"], billing=billing)
    card: Card | None = find_card(instrument)
    if card is not None:
        return create_card_method(box, card, billing=billing)
    if instrument.startswith("pm_"):
        return box.store.get("payment_method", instrument, param="card")
    raise ApiError(
        402,
        "Your card number is incorrect.",
        kind="card_error",
        code="incorrect_number",
        param="card",
    )


def _intent_for(box: Sandbox, session: Json) -> Json:
    """The session's payment intent, made at the first try and used for every further one."""
    if session["payment_intent"] is not None:
        return box.store.get("payment_intent", session["payment_intent"])
    data = box.store.hidden(session["id"])["intent_data"]
    options = session["payment_method_options"]
    params = data | {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "allowed_payment_method_types": session["payment_method_types"],
        "payment_method_options": options,
    }
    if session["customer"] is not None:
        params["customer"] = session["customer"]
    intent = create_intent(box, params, session_id=session["id"])
    session["payment_intent"] = intent["id"]
    box.store.put(session)
    return intent


def answer_challenge(box: Sandbox, intent_id: str, *, is_passed: bool) -> Outcome:
    """The bank's page was answered; the session it belongs to, if any, follows.

    Raises a refusal if there is nothing to answer any more.
    """
    session = session_of(box, box.store.get("payment_intent", intent_id))
    # Looking at a session whose time is over closes it and cancels the intent.
    intent = box.store.get("payment_intent", intent_id)
    confirmation.answer_challenge(box, intent, is_passed=is_passed)
    if session is not None:
        return conclude(box, session, intent)
    return _outcome_of(intent, return_url_of(intent))


def conclude(box: Sandbox, session: Json, intent: Json) -> Outcome:
    """Bring the session into line with what became of its payment intent."""
    if intent["status"] in ("succeeded", "processing"):
        is_paid = intent["status"] == "succeeded"
        _keep_customer(box, session, intent)
        session |= {
            "payment_status": "paid" if is_paid else "unpaid",
            "status": "complete",
            "url": None,
        }
        box.store.put(session)
        emit(box, "checkout.session.completed", session)
    return _outcome_of(intent, success_url(session))


def _outcome_of(intent: Json, url: str | None) -> Outcome:
    if intent["status"] == "requires_action":
        challenge_url = intent["next_action"]["redirect_to_url"]["url"]
        return Outcome("requires_action", redirect_url=challenge_url)
    error = intent["last_payment_error"]
    if error is not None:
        code = error.get("decline_code") or error["code"]
        return Outcome("declined", decline_code=code, message=error["message"])
    return Outcome("complete", redirect_url=url)


def _keep_customer(box: Sandbox, session: Json, intent: Json) -> None:
    """Create the customer if the session asks for one, and save the card if the buyer agreed."""
    if session["customer"] is None and session["customer_creation"] == "always":
        details = session["customer_details"]
        known = {name: details[name] for name in ("email", "name") if details[name]}
        session["customer"] = create_customer(box, known)["id"]
        intent["customer"] = session["customer"]
        box.store.put(intent)
    options = session["saved_payment_method_options"] or {}
    agreed = box.store.hidden(session["id"]).get("wants_saving")
    is_asked = options.get("payment_method_save") == "enabled"
    method = box.store.get("payment_method", intent["payment_method"])
    if session["customer"] is None or method["type"] != "card":
        return
    if agreed and is_asked:
        attach_method(box, method, session["customer"])
        method["allow_redisplay"] = "always"
        mark_set_up(box, method)
    elif intent["setup_future_usage"] and method["allow_redisplay"] == "unspecified":
        attach_method(box, method, session["customer"])
        method["allow_redisplay"] = "limited"
        box.store.put(method)


def settle_session(box: Sandbox, session: Json, *, is_paid: bool) -> Json:
    """The delayed method of a complete session comes to its end."""
    if session["payment_intent"] is None:
        raise ApiError(400, "This Checkout Session has no payment to settle.")
    intent = box.store.get("payment_intent", session["payment_intent"])
    confirmation.settle_debit(box, intent, is_paid=is_paid)
    if is_paid:
        session["payment_status"] = "paid"
        box.store.put(session)
    outcome = "succeeded" if is_paid else "failed"
    emit(box, f"checkout.session.async_payment_{outcome}", session)
    return session


def success_url(session: Json) -> str:
    template: str = session["success_url"]
    return template.replace("{CHECKOUT_SESSION_ID}", session["id"])


def return_url_of(intent: Json, status: str | None = None) -> str | None:
    """Where a one-click payment sends its buyer after the bank's page."""
    action = intent["next_action"] or {}
    url = action.get("redirect_to_url", {}).get("return_url")
    if url is None or status is None:
        return url if url is None else str(url)
    mark = "&" if "?" in url else "?"
    return (
        f"{url}{mark}payment_intent={intent['id']}"
        f"&payment_intent_client_secret={quote(intent['client_secret'])}&redirect_status={status}"
    )
