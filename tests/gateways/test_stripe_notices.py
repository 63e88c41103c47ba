"""Notices: only what a secret of ours signed, lately, over these very bytes."""

import json
from datetime import timedelta

import pytest
import stripe

from tests.fakes import FrozenClock
from tests.gateways.conftest import SECRETS
from webapp.clock import utc_now
from webapp.gateways.stripe_payments import StripePayments
from webapp.notice_types import NOTICE_TYPES
from webapp.ports import InvalidNotice

NOW = utc_now().replace(microsecond=0)
SNAPSHOT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {
        "object": {
            "id": "cs_test_1",
            "object": "checkout.session",
            "status": "complete",
            "payment_status": "paid",
            "payment_intent": "pi_1",
            "customer_details": {"email": "buyer@example.com", "name": "Ann Example"},
            "metadata": {"order_number": "EVE-20270301-0001", "note": "Ann"},
        }
    },
}
THIN = {
    "id": "evt_2",
    "object": "v2.core.event",
    "type": "v1.refund.updated",
    "livemode": False,
    "related_object": {"id": "re_1", "type": "refund", "url": "/v1/refunds/re_1"},
}


@pytest.fixture
def reader() -> StripePayments:
    return StripePayments(secret_key="sk_test_x", webhook_secrets=SECRETS, now=FrozenClock(NOW))


def sign(body: str, *, secret: str = SECRETS[0], age_seconds: int = 0) -> str:
    moment = int((NOW - timedelta(seconds=age_seconds)).timestamp())
    return stripe.WebhookSignature.generate_signature_header(body, secret, moment)


@pytest.mark.parametrize("secret", SECRETS)
def test_either_secret_is_good_while_one_replaces_the_other(reader, secret):
    body = json.dumps(SNAPSHOT)

    notice = reader.read_notice(body=body.encode(), signature=sign(body, secret=secret))

    assert (notice.event_id, notice.type, notice.object_id, notice.livemode) == (
        "evt_1",
        "checkout.session.completed",
        "cs_test_1",
        False,
    )


def test_a_thin_notice_reads_like_a_snapshot(reader):
    body = json.dumps(THIN)

    notice = reader.read_notice(body=body.encode(), signature=sign(body))

    assert (notice.event_id, notice.type, notice.object_id) == ("evt_2", "refund.updated", "re_1")


def test_ids_are_kept_and_people_are_not(reader):
    body = json.dumps(SNAPSHOT)

    notice = reader.read_notice(body=body.encode(), signature=sign(body))

    assert notice.payload == {
        "data": {
            "object": {
                "id": "cs_test_1",
                "object": "checkout.session",
                "payment_intent": "pi_1",
                "status": "complete",
                "payment_status": "paid",
                "metadata": {"order_number": "EVE-20270301-0001"},
            }
        }
    }


def test_a_notice_names_what_it_is_about(reader):
    body = json.dumps(SNAPSHOT)

    notice = reader.read_notice(body=body.encode(), signature=sign(body))

    assert (notice.session_id, notice.payment_id, notice.order_number) == (
        "cs_test_1",
        "pi_1",
        "EVE-20270301-0001",
    )
    assert notice.concerns_order
    assert notice.says_paid


@pytest.mark.parametrize(
    ("kept", "trace_id"),
    [
        ("0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"),
        ("0AF7651916CD43DD8448EB211C80319C", None),
        ("0af7651916cd43dd8448eb211c80319c\n", None),
        ("0" * 32, None),
        ("somebody else's", None),
        (7, None),
    ],
)
def test_a_notice_carries_the_trace_of_its_purchase_if_that_is_one(reader, kept, trace_id):
    session = {"id": "cs_1", "object": "checkout.session", "metadata": {"trace_id": kept}}
    body = json.dumps(SNAPSHOT | {"data": {"object": session}})

    assert reader.read_notice(body=body.encode(), signature=sign(body)).trace_id == trace_id


def test_a_thin_notice_of_a_refund_names_no_payment(reader):
    body = json.dumps(THIN)

    notice = reader.read_notice(body=body.encode(), signature=sign(body))

    assert (notice.session_id, notice.payment_id, notice.order_number) == (None, None, None)
    assert notice.concerns_order
    assert not notice.says_paid


def test_a_payment_is_named_by_its_own_notice(reader):
    intent = {"id": "pi_9", "object": "payment_intent", "status": "succeeded"}
    body = json.dumps(SNAPSHOT | {"type": "payment_intent.succeeded", "data": {"object": intent}})

    notice = reader.read_notice(body=body.encode(), signature=sign(body))

    assert (notice.session_id, notice.payment_id) == (None, "pi_9")


def test_a_notice_that_nobody_asked_for_concerns_no_order(reader):
    body = json.dumps(SNAPSHOT | {"type": "customer.created"})

    assert not reader.read_notice(body=body.encode(), signature=sign(body)).concerns_order


@pytest.mark.parametrize("age_seconds", [301, -301, 86400, -86400])
def test_an_old_or_future_signature_is_refused(reader, age_seconds):
    body = json.dumps(SNAPSHOT)

    with pytest.raises(InvalidNotice):
        reader.read_notice(body=body.encode(), signature=sign(body, age_seconds=age_seconds))


@pytest.mark.parametrize("age_seconds", [299, -299])
def test_clocks_may_differ_a_little(reader, age_seconds):
    body = json.dumps(SNAPSHOT)

    notice = reader.read_notice(body=body.encode(), signature=sign(body, age_seconds=age_seconds))

    assert notice.event_id == "evt_1"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1",
        "v1=abc",
        "t=now,v1=abc",
        "nonsense",
        "t=1,v1=\u00e4",
        pytest.param(sign(json.dumps(SNAPSHOT), secret="whsec_of_somebody_else"), id="secret"),
        pytest.param(sign(json.dumps(SNAPSHOT, indent=1)), id="body"),
        pytest.param(sign(json.dumps(SNAPSHOT)).replace("v1=", "v0="), id="version"),
    ],
)
def test_anything_else_is_refused(reader, signature):
    with pytest.raises(InvalidNotice):
        reader.read_notice(body=json.dumps(SNAPSHOT).encode(), signature=signature)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"object": "event"}', '{"object": 1}'])
def test_signed_rubbish_is_refused(reader, body):
    with pytest.raises(InvalidNotice):
        reader.read_notice(body=body.encode(), signature=sign(body))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "evt_\0"},
        {"id": "evt_\ud800"},
        {"type": "a\0b"},
        {"data": {"object": {"id": "cs_\0", "object": "checkout.session"}}},
        {"data": {"object": {"id": "cs_1", "metadata": {"order_number": "\udfff"}}}},
    ],
    ids=ascii,
)
def test_a_signed_text_that_nothing_can_store_is_refused(reader, changes):
    body = json.dumps(SNAPSHOT | changes)

    with pytest.raises(InvalidNotice):
        reader.read_notice(body=body.encode(), signature=sign(body))


def test_what_is_not_kept_of_a_notice_may_be_any_text(reader):
    details = {"id": "cs_1", "object": "checkout.session", "customer_details": {"name": "\0"}}
    body = json.dumps(SNAPSHOT | {"data": {"object": details}})

    assert reader.read_notice(body=body.encode(), signature=sign(body)).object_id == "cs_1"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_signed_nesting_without_end_is_refused(reader, opening):
    body = opening * 100_000

    with pytest.raises(InvalidNotice):
        reader.read_notice(body=body.encode(), signature=sign(body))


def test_a_body_that_is_no_text_is_refused(reader):
    with pytest.raises(InvalidNotice):
        reader.read_notice(body=b"\xff\xfe", signature=sign("x"))


def test_what_could_not_be_delivered_is_found_oldest_first(payments, control, ask):
    stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": control.url}
    ).v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/webhooks/stripe", "enabled_events": list(NOTICE_TYPES)}
    )
    control.post("deliveries", mode="manual")
    session_id = payments.create_session(ask()).session_id
    control.pay(session_id)

    notices = payments.list_undelivered_notices(since=utc_now() - timedelta(hours=1))

    assert [notice.type for notice in notices] == [
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert notices[1].object_id == session_id
