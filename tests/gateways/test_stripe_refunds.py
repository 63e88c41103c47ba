"""Money back, once a key."""

import pytest

from webapp.ports import GatewayRefused


@pytest.fixture
def payment_id(payments, control, ask) -> str:
    session_id = payments.create_session(ask()).session_id
    control.pay(session_id)
    return payments.look_up_session(session_id).payment_id


def test_the_same_key_gives_money_back_once(payments, control, payment_id):
    for _ in range(3):
        payments.refund_payment(payment_id=payment_id, amount_cents=6615, idempotency_key="late-1")

    refunds = payments.list_refunds(payment_id)
    assert [(r.amount_cents, r.status, r.payment_id) for r in refunds] == [
        (6615, "succeeded", payment_id)
    ]


def test_a_refund_by_staff_is_seen(payments, control, payment_id):
    control.post("refund", payment_intent=payment_id, amount=1500)

    assert [refund.amount_cents for refund in payments.list_refunds(payment_id)] == [1500]
    session_id = payments.find_session_id(payment_id)
    assert payments.look_up_session(session_id).refunded_cents == 1500


def test_more_than_was_captured_is_refused(payments, payment_id):
    with pytest.raises(GatewayRefused):
        payments.refund_payment(payment_id=payment_id, amount_cents=6616, idempotency_key="much")


def test_a_dispute_is_seen(payments, control, payment_id):
    control.post("dispute", payment_intent=payment_id)

    session_id = payments.find_session_id(payment_id)
    assert payments.look_up_session(session_id).disputed is True


def test_a_refund_is_known_by_its_key_when_the_gateway_has_forgotten_that(
    payments, control, payment_id
):
    payments.refund_payment(payment_id=payment_id, amount_cents=1000, idempotency_key="ours-1")
    control.post("refund", payment_intent=payment_id, amount=1000)

    keys = [refund.key for refund in payments.list_refunds(payment_id)]

    assert sorted(keys) == ["", "ours-1"]
