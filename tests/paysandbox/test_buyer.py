"""What each test card does at the payment page."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.paysandbox.conftest import event_types

PAID_SERIES = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def test_good_card_completes_the_session(open_session, gateway, control):
    session = open_session()

    outcome = control.pay(session.id)

    assert outcome == {
        "status": "complete",
        "redirect_url": f"http://127.0.0.1:5000/done?session={session.id}",
    }
    paid = gateway.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.payment_intent.amount_received == 3000
    assert paid.payment_intent.latest_charge.metadata.to_dict() == {"order": "42"}
    assert event_types(gateway) == PAID_SERIES


@pytest.mark.parametrize(
    ("card", "decline_code"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000009987", "lost_card"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4000000000000119", "processing_error"),
        ("pm_card_chargeDeclined", "generic_decline"),
    ],
)
def test_declined_card_leaves_the_session_open(open_session, gateway, control, card, decline_code):
    session = open_session()

    outcome = control.pay(session.id, card)

    assert outcome == {"status": "declined", "decline_code": decline_code}
    tried = gateway.v1.checkout.sessions.retrieve(session.id)
    assert (tried.status, tried.payment_status) == ("open", "unpaid")
    assert event_types(gateway) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_session_can_be_paid_after_a_decline_with_the_same_intent(open_session, gateway, control):
    session = open_session()
    control.pay(session.id, "4000000000000002")
    first = gateway.v1.checkout.sessions.retrieve(session.id).payment_intent

    assert control.pay(session.id)["status"] == "complete"

    assert gateway.v1.checkout.sessions.retrieve(session.id).payment_intent == first
    charges = gateway.v1.charges.list({"payment_intent": first}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize("card", ["4000002500003155", "4000002760003184", "4000000000003220"])
def test_bank_asks_and_the_buyer_confirms(open_session, control, card):
    session = open_session()

    assert control.pay(session.id, card)["status"] == "requires_action"
    assert control.pay(session.id, card, three_ds="complete")["status"] == "complete"


def test_buyer_who_fails_the_banks_question_is_declined(open_session, gateway, control):
    session = open_session()

    outcome = control.pay(session.id, "4000002760003184", three_ds="fail")

    assert outcome["decline_code"] == "payment_intent_authentication_failure"
    assert gateway.v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize(
    ("card", "decline_code"),
    [("4000008400001629", "generic_decline"), ("4000008260003178", "insufficient_funds")],
)
def test_bank_may_be_satisfied_and_decline_still(open_session, control, card, decline_code):
    outcome = control.pay(open_session().id, card, three_ds="complete")

    assert outcome == {"status": "declined", "decline_code": decline_code}


@pytest.mark.parametrize(
    ("result", "payment_status", "event"),
    [
        ("succeeded", "paid", "checkout.session.async_payment_succeeded"),
        ("failed", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_bank_debit_completes_now_and_is_settled_later(
    open_session, gateway, control, result, payment_status, event
):
    session = open_session()
    assert control.pay(session.id, "bank_debit")["status"] == "complete"
    waiting = gateway.v1.checkout.sessions.retrieve(session.id)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")

    control.post(f"async/{session.id}", result=result)

    settled = gateway.v1.checkout.sessions.retrieve(session.id)
    assert settled.payment_status == payment_status
    assert event_types(gateway)[-1] == event
    assert control.get("ledger")["captured"] == (3000 if result == "succeeded" else 0)


def test_session_for_cards_only_offers_no_bank_debit(open_session, control):
    session = open_session(allowed_payment_method_types=["card"])

    assert session.payment_method_types == ["card"]
    assert "error" in control.pay(session.id, "bank_debit")


def test_buyers_complete_session_cannot_be_paid_again(open_session, control):
    session = open_session()
    control.pay(session.id)

    assert control.pay(session.id)["error"]["code"] == "session_over"
    assert control.get("ledger")["captured"] == 3000


def test_card_number_that_is_no_test_card_is_refused(open_session, control):
    assert control.pay(open_session().id, "4111")["error"]["code"] == "incorrect_number"


def test_shop_can_ask_for_3d_secure_with_any_card(open_session, control):
    session = open_session(payment_method_options={"card": {"request_three_d_secure": "any"}})

    assert control.pay(session.id)["status"] == "requires_action"


def test_two_clicks_at_once_take_the_money_once(open_session, control):
    session = open_session()
    url = f"{control.url}/__sandbox/pay/{session.id}"
    with ThreadPoolExecutor() as clicks:
        pressed = [clicks.submit(requests.post, url, json={}, timeout=5) for _ in range(4)]
    answers = [click.result().json() for click in pressed]

    assert sorted("status" in answer for answer in answers) == [False, False, False, True]
    assert control.get("ledger")["captured"] == 3000
