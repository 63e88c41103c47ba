"""Saved cards, and payments made with them without a payment page."""

import pytest
import stripe

from tests.paysandbox.conftest import event_types


@pytest.fixture
def customer(gateway):
    return gateway.v1.customers.create({"email": "member@example.com", "name": "Mia Member"})


def attach(gateway, customer, alias):
    return gateway.v1.payment_methods.attach(alias, {"customer": customer.id})


def pay(gateway, customer, method, **changes):
    params = {
        "amount": 1500,
        "currency": "eur",
        "customer": customer.id,
        "payment_method": method.id,
        "confirm": True,
        "return_url": "http://127.0.0.1:5000/back?order=42",
        "allowed_payment_method_types": ["card"],
    }
    return gateway.v1.payment_intents.create(params | changes)


def test_saved_card_pays_at_once(gateway, customer):
    intent = pay(gateway, customer, attach(gateway, customer, "pm_card_visa"))

    assert (intent.status, intent.amount_received) == ("succeeded", 1500)


def test_bank_asks_on_its_own_page_and_sends_the_buyer_back(gateway, customer, http):
    method = attach(gateway, customer, "pm_card_authenticationRequired")
    intent = pay(gateway, customer, method)
    assert intent.status == "requires_action"
    page = intent.next_action.redirect_to_url.url

    answer = http.post(page, data={"result": "complete"}, allow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(
        f"http://127.0.0.1:5000/back?order=42&payment_intent={intent.id}&"
    )
    assert answer.headers["Location"].endswith("redirect_status=succeeded")
    assert gateway.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_failed_question_of_the_bank_comes_back_as_failed(gateway, customer, http):
    method = attach(gateway, customer, "pm_card_authenticationRequired")
    intent = pay(gateway, customer, method)
    page = intent.next_action.redirect_to_url.url

    answer = http.post(page, data={"result": "fail"}, allow_redirects=False)

    assert answer.headers["Location"].endswith("redirect_status=failed")
    assert gateway.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_saved_card_that_fails_later_is_a_card_error_and_leaves_a_trace(gateway, customer):
    method = attach(gateway, customer, "pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError) as declined:
        pay(gateway, customer, method)

    error = declined.value.error
    assert (declined.value.http_status, error.decline_code) == (402, "generic_decline")
    intent = gateway.v1.payment_intents.retrieve(error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert event_types(gateway)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_absent_buyer_cannot_be_asked(gateway, customer):
    method = attach(gateway, customer, "pm_card_authenticationRequired")

    with pytest.raises(stripe.CardError) as declined:
        gateway.v1.payment_intents.create(
            {"amount": 1500, "currency": "eur", "customer": customer.id, "confirm": True,
             "payment_method": method.id, "off_session": True}
        )  # fmt: skip

    assert declined.value.code == "authentication_required"


def test_card_that_was_set_up_pays_without_the_buyer(gateway, customer):
    setup = gateway.v1.setup_intents.create(
        {"customer": customer.id, "confirm": True,
         "payment_method": "pm_card_authenticationRequiredOnSetup"}
    )  # fmt: skip
    assert setup.status == "succeeded"
    assert event_types(gateway)[1:] == [
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]

    intent = gateway.v1.payment_intents.create(
        {"amount": 1500, "currency": "eur", "customer": customer.id, "confirm": True,
         "payment_method": setup.payment_method, "off_session": True}
    )  # fmt: skip

    assert intent.status == "succeeded"


def test_intent_is_confirmed_in_a_second_step_or_canceled(gateway):
    first = gateway.v1.payment_intents.create({"amount": 900, "currency": "usd"})
    second = gateway.v1.payment_intents.create({"amount": 900, "currency": "usd"})
    assert first.status == "requires_payment_method"

    paid = gateway.v1.payment_intents.confirm(first.id, {"payment_method": "pm_card_visa"})
    canceled = gateway.v1.payment_intents.cancel(second.id, {"cancellation_reason": "abandoned"})

    assert (paid.status, canceled.status) == ("succeeded", "canceled")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.v1.payment_intents.cancel(first.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_card_of_another_customer_is_refused(gateway, customer):
    method = attach(gateway, customer, "pm_card_visa")
    other = gateway.v1.customers.create({"email": "other@example.com"})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        pay(gateway, other, method)

    assert refused.value.param == "payment_method"


def test_opt_in_on_the_page_saves_the_card_for_next_time(gateway, customer, open_session, control):
    session = open_session(
        customer=customer.id, saved_payment_method_options={"payment_method_save": "enabled"}
    )

    control.pay(session.id, save_card=True)

    saved = gateway.v1.customers.payment_methods.list(customer.id).data
    assert [(method.card.last4, method.allow_redisplay) for method in saved] == [("4242", "always")]
    again = open_session(customer=customer.id)
    assert control.pay(again.id, saved[0].id)["status"] == "complete"


def test_card_is_not_saved_without_opt_in(gateway, customer, open_session, control):
    options = {"payment_method_save": "enabled"}
    control.pay(open_session(customer=customer.id, saved_payment_method_options=options).id)

    assert gateway.v1.customers.payment_methods.list(customer.id).data == []


def test_setup_future_usage_saves_the_card_for_limited_redisplay(
    gateway, customer, open_session, control
):
    data = {"setup_future_usage": "on_session"}
    control.pay(open_session(customer=customer.id, payment_intent_data=data).id)

    saved = gateway.v1.customers.payment_methods.list(customer.id, {"type": "card"}).data
    assert [method.allow_redisplay for method in saved] == ["limited"]


def test_detached_card_is_gone_from_its_customer(gateway, customer):
    method = attach(gateway, customer, "pm_card_visa")

    assert gateway.v1.payment_methods.detach(method.id).customer is None

    assert gateway.v1.payment_methods.list({"customer": customer.id}).data == []
    assert event_types(gateway)[1:] == ["payment_method.attached", "payment_method.detached"]


def test_customer_is_updated_listed_and_deleted(gateway, customer):
    gateway.v1.customers.update(customer.id, {"name": "Mia Renamed"})

    found = gateway.v1.customers.list({"email": "member@example.com"}).data
    assert [item.name for item in found] == ["Mia Renamed"]
    assert gateway.v1.customers.delete(customer.id).deleted is True
    assert gateway.v1.customers.retrieve(customer.id).deleted is True
    assert event_types(gateway) == ["customer.created", "customer.updated", "customer.deleted"]


def test_guest_becomes_a_customer_only_if_the_session_asks_for_it(open_session, gateway, control):
    guest, known = open_session(), open_session(customer_creation="always")
    control.pay(guest.id)
    control.pay(known.id, email="new@example.com")

    assert gateway.v1.checkout.sessions.retrieve(guest.id).customer is None
    session = gateway.v1.checkout.sessions.retrieve(known.id, {"expand": ["customer"]})
    assert session.customer.email == "new@example.com"


def test_payment_method_is_made_from_a_test_card_and_updated(gateway):
    method = gateway.v1.payment_methods.create(
        {"type": "card",
         "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2031, "cvc": "1"}}
    )  # fmt: skip

    updated = gateway.v1.payment_methods.update(method.id, {"allow_redisplay": "always"})

    assert (updated.card.exp_year, updated.allow_redisplay) == (2031, "always")
    assert event_types(gateway) == ["payment_method.updated"]


def test_intent_is_changed_before_it_is_paid(gateway):
    intent = gateway.v1.payment_intents.create({"amount": 900, "currency": "usd"})

    changed = gateway.v1.payment_intents.update(intent.id, {"amount": 1200, "description": "Day"})

    assert (changed.amount, changed.description) == (1200, "Day")
    assert [item.id for item in gateway.v1.payment_intents.list().data] == [intent.id]
