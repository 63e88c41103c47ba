import pytest
import stripe

from tests.paysandbox.conftest import event_types


@pytest.fixture
def pay(open_session, gateway, control):
    def with_card(card="4242424242424242"):
        session = open_session()
        control.pay(session.id, card)
        return gateway.v1.checkout.sessions.retrieve(session.id).payment_intent

    return with_card


def sums(control):
    ledger = control.get("ledger")
    return ledger["captured"], ledger["refunded"]


def test_card_refund_succeeds_at_once(pay, gateway, control):
    intent = pay()

    refund = gateway.v1.refunds.create(
        {"payment_intent": intent, "amount": 1000, "metadata": {"refund": "7"}}
    )

    assert (refund.status, refund.amount) == ("succeeded", 1000)
    assert event_types(gateway)[-2:] == ["refund.created", "charge.refunded"]
    assert sums(control) == (3000, 1000)


def test_refunds_never_exceed_what_was_captured(pay, gateway, control):
    intent = pay()
    gateway.v1.refunds.create({"payment_intent": intent, "amount": 2000})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.v1.refunds.create({"payment_intent": intent, "amount": 1001})
    gateway.v1.refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as refused_again:
        gateway.v1.refunds.create({"payment_intent": intent})

    assert refused.value.code == refused_again.value.code == "charge_already_refunded"
    charge = gateway.v1.charges.list({"payment_intent": intent}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (3000, True)
    assert sums(control) == (3000, 3000)


def test_unpaid_intent_has_nothing_to_refund(gateway):
    intent = gateway.v1.payment_intents.create({"amount": 900, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        gateway.v1.refunds.create({"payment_intent": intent.id})


def test_pending_refund_succeeds_when_its_time_comes(pay, gateway, control):
    refund = gateway.v1.refunds.create({"payment_intent": pay("4000000000007726")})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")

    control.post("clock", advance_s=61)

    assert gateway.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert event_types(gateway)[-2:] == ["refund.updated", "charge.refund.updated"]


def test_refund_may_fail_after_it_succeeded(pay, gateway, control):
    refund = gateway.v1.refunds.create({"payment_intent": pay("4000000000005126")})
    assert refund.status == "succeeded"

    control.post("clock", advance_s=61)

    failed = gateway.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert event_types(gateway)[-1] == "refund.failed"
    assert sums(control) == (3000, 0)
    assert gateway.v1.charges.retrieve(refund.charge).amount_refunded == 0


def test_pending_refund_can_be_canceled(pay, gateway, control):
    refund = gateway.v1.refunds.create({"payment_intent": pay("4000000000007726")})

    assert gateway.v1.refunds.cancel(refund.id).status == "canceled"

    assert sums(control) == (3000, 0)


def test_changed_metadata_is_announced_as_an_update(pay, gateway):
    refund = gateway.v1.refunds.create({"payment_intent": pay()})

    gateway.v1.refunds.update(refund.id, {"metadata": {"note": "x"}})

    assert event_types(gateway)[-2:] == ["refund.updated", "charge.refund.updated"]
    assert gateway.v1.refunds.list({"charge": refund.charge}).data[0].metadata.note == "x"


def test_staff_refund_in_the_dashboard_carries_no_ids_of_ours(pay, gateway, control):
    intent = pay()

    control.post("refund", payment_intent=intent, amount=500)

    refund = gateway.v1.refunds.list({"payment_intent": intent}).data[0]
    assert (refund.amount, refund.metadata.to_dict()) == (500, {})


def test_disputed_card_opens_a_dispute_that_blocks_refunds(pay, gateway):
    intent = pay("4000000000000259")

    dispute = gateway.v1.disputes.list({"payment_intent": intent}).data[0]

    assert dispute.status == "needs_response"
    assert gateway.v1.charges.retrieve(dispute.charge).disputed is True
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.v1.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_disputed"


def test_won_dispute_gives_the_money_back(pay, gateway, control):
    intent = pay()
    control.post("dispute", payment_intent=intent)
    assert control.get("ledger")["payments"][0]["disputed"] == 3000

    decided = control.post("dispute", payment_intent=intent, outcome="won")

    assert decided["status"] == "won"
    assert control.get("ledger")["payments"][0]["disputed"] == 0
    assert event_types(gateway)[-4:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_dispute_takes_evidence_and_can_be_given_up(pay, gateway):
    intent = pay("4000000000000259")
    dispute = gateway.v1.disputes.list({"payment_intent": intent}).data[0]

    updated = gateway.v1.disputes.update(
        dispute.id, {"evidence": {"customer_name": "Bo Buyer"}, "submit": True}
    )
    closed = gateway.v1.disputes.close(dispute.id)

    assert (updated.status, updated.evidence.customer_name) == ("under_review", "Bo Buyer")
    assert closed.status == "lost"


def test_every_movement_is_a_balance_transaction(pay, gateway):
    intent = pay()
    gateway.v1.refunds.create({"payment_intent": intent, "amount": 1000})

    entries = gateway.v1.balance_transactions.list().data

    assert [(entry.type, entry.amount) for entry in entries] == [
        ("refund", -1000),
        ("charge", 3000),
    ]
    assert gateway.v1.balance_transactions.retrieve(entries[0].id).net == -1000


def test_settled_bank_debit_can_be_refunded(open_session, gateway, control):
    session = open_session()
    control.pay(session.id, "bank_debit")
    control.post(f"async/{session.id}", result="succeeded")
    intent = gateway.v1.checkout.sessions.retrieve(session.id).payment_intent

    assert gateway.v1.refunds.create({"payment_intent": intent}).status == "succeeded"
