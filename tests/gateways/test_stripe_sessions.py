"""Hosted sessions: opened once a key, looked up, closed, found again."""

from urllib.parse import parse_qs

import pytest

from webapp.gateways.stripe_payments import StripePayments
from webapp.ports import GatewayKeyRefused, GatewayRefused, GatewayUnavailable, GatewayUnknown

SESSIONS = "/v1/checkout/sessions"
BANK_DEBIT = "bank_debit"


def test_a_session_asks_for_the_whole_order(payments, control, ask):
    sighting = payments.create_session(ask())

    assert sighting.status == "open"
    assert sighting.payment_status == "unpaid"
    assert (sighting.amount_cents, sighting.currency) == (6615, "USD")
    assert sighting.url.startswith(control.url)
    assert sighting.payment_id is None
    assert sighting.livemode is payments.livemode is False


def test_the_request_carries_what_the_buyer_must_read_and_nothing_personal_besides_the_email(
    payments, control, ask
):
    payments.create_session(ask(locale="de"))

    sent = parse_qs(control.calls(SESSIONS)[-1]["body"])
    assert sent["submit_type"] == ["book"]
    assert sent["adaptive_pricing[enabled]"] == ["false"]
    assert sent["custom_text[submit][message]"] == ["Your places are held until 8:15 PM."]
    assert sent["locale"] == ["de"]
    assert sent["metadata[order_number]"] == ["EVE-20270301-0001"]
    assert sent["payment_intent_data[metadata][order_number]"] == ["EVE-20270301-0001"]
    assert [name for name, values in sent.items() if "buyer@example.com" in values] == [
        "customer_email"
    ]


def test_the_same_key_gives_the_same_session(payments, ask):
    request = ask()

    assert payments.create_session(request) == payments.create_session(request)


def test_a_lost_answer_never_makes_a_second_session(payments, control, ask):
    control.fail("drop", path=SESSIONS, when="after", times=1)

    sighting = payments.create_session(ask())

    keys = {call["headers"]["Idempotency-Key"] for call in control.calls(SESSIONS)[-2:]}
    assert keys == {"order-EVE-20270301-0001-1"}
    assert payments.look_up_session(sighting.session_id).status == "open"


@pytest.mark.parametrize("effect", ["429", "500", "503", "reset", "timeout"])
def test_a_gateway_that_may_recover_is_unavailable(payments, control, ask, effect):
    control.fail(effect, path=SESSIONS)

    with pytest.raises(GatewayUnavailable):
        payments.create_session(ask())


def test_our_own_mistake_is_refused_without_repeating_what_was_sent(payments, ask, caplog):
    payments.create_session(ask())

    with pytest.raises(GatewayRefused) as refusal:
        payments.create_session(ask(order_number="EVE-20270301-0002"))

    assert "buyer@example.com" not in caplog.text + str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_paid_session_names_its_payment_and_method(payments, control, ask):
    session_id = payments.create_session(ask()).session_id
    control.pay(session_id)

    sighting = payments.look_up_session(session_id)

    assert (sighting.status, sighting.payment_status) == ("complete", "paid")
    assert sighting.payment_id.startswith("pi_")
    assert sighting.method == "card"
    assert (sighting.refunded_cents, sighting.disputed, sighting.payment_failed) == (
        0,
        False,
        False,
    )


def test_a_declined_card_leaves_the_session_open(payments, control, ask):
    session_id = payments.create_session(ask()).session_id
    control.pay(session_id, card="4000000000000002")

    assert payments.look_up_session(session_id).status == "open"


def test_an_open_session_can_be_closed(payments, ask):
    session_id = payments.create_session(ask()).session_id

    assert payments.expire_session(session_id).status == "expired"
    assert payments.expire_session(session_id).status == "expired"


def test_closing_a_session_that_was_paid_says_so(payments, control, ask):
    session_id = payments.create_session(ask()).session_id
    control.pay(session_id)

    sighting = payments.expire_session(session_id)

    assert (sighting.status, sighting.payment_status) == ("complete", "paid")


def test_an_unknown_session_is_told_from_what_is_refused(payments):
    with pytest.raises(GatewayUnknown):
        payments.look_up_session("cs_test_unknown")
    with pytest.raises(GatewayUnknown):
        payments.expire_session("cs_test_unknown")


def test_a_key_that_is_not_taken_says_nothing_of_the_session(control):
    locked_out = StripePayments(
        secret_key="sk_other", webhook_secrets=["whsec_x"], api_base=control.url
    )

    with pytest.raises(GatewayKeyRefused):
        locked_out.look_up_session("cs_test_unknown")
    # A notice about a charge would be taken for another shop's, and for done.
    with pytest.raises(GatewayKeyRefused):
        locked_out.find_session_id("ch_unknown")
    with pytest.raises(GatewayKeyRefused):
        locked_out.find_session_id("pi_unknown")


def test_only_a_test_session_can_never_have_taken_money(payments, ask):
    assert payments.is_test_session(payments.create_session(ask()).session_id)
    assert not payments.is_test_session("cs_live_a1b2c3")


def test_no_delayed_method_takes_a_seat_unless_the_installation_wants_it(payments, control, ask):
    session_id = payments.create_session(ask()).session_id

    assert "error" in control.pay(session_id, card=BANK_DEBIT)


def test_a_delayed_method_is_processing_until_it_fails(control, ask):
    patient = StripePayments(
        secret_key="sk_test_sandbox",
        webhook_secrets=["whsec_x"],
        api_base=control.url,
        takes_delayed_methods=True,
    )
    session_id = patient.create_session(ask()).session_id
    control.pay(session_id, card=BANK_DEBIT)
    waiting = patient.look_up_session(session_id)

    control.post(f"async/{session_id}", result="failed")
    failed = patient.look_up_session(session_id)

    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert (waiting.payment_failed, failed.payment_failed) == (False, True)


def test_a_session_is_found_by_whatever_staff_touched(payments, control, ask):
    session_id = payments.create_session(ask()).session_id
    control.pay(session_id)
    payment_id = payments.look_up_session(session_id).payment_id
    refund = payments.refund_payment(payment_id=payment_id, amount_cents=100, idempotency_key="r1")

    found = [
        payments.find_session_id(known) for known in (session_id, payment_id, refund.refund_id)
    ]

    assert found == [session_id] * 3
    assert payments.find_session_id("re_of_another_shop") is None
    assert payments.find_session_id("pi_of_another_shop") is None


@pytest.fixture
def refuse_key(control):
    """Let calls of some paths be refused for the key that they came with."""

    def refuse(status: str, path: str = "/v1/*", method: str = "*") -> None:
        control.post("faults", [{"path": path, "method": method, "nth": "every", "effect": status}])

    return refuse


@pytest.mark.parametrize("status", ["401", "403"])
@pytest.mark.parametrize("object_id", ["pi_1", "ch_1", "re_1", "dp_1"])
def test_an_object_is_never_called_strange_while_the_key_is_refused(
    payments, refuse_key, object_id, status
):
    refuse_key(status)

    with pytest.raises(GatewayKeyRefused):
        payments.find_session_id(object_id)


def test_an_answer_that_knows_nothing_of_the_object_does_not_call_it_strange(control, ask):
    elsewhere = StripePayments(
        secret_key="sk_test_sandbox", webhook_secrets=["whsec_x"], api_base=f"{control.url}/wrong"
    )

    with pytest.raises(GatewayRefused) as refusal:
        elsewhere.find_session_id("re_1")

    assert not isinstance(refusal.value, GatewayUnknown)


def test_a_key_that_may_only_read_never_makes_an_open_session_look_closed(
    payments, refuse_key, ask
):
    session_id = payments.create_session(ask()).session_id
    refuse_key("403", method="POST")

    with pytest.raises(GatewayKeyRefused):
        payments.expire_session(session_id)
