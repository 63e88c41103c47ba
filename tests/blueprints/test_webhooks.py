"""Notices: verified, stored once, answered fast; forged ones leave nothing."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from webapp.database import db
from webapp.gateways.resend_notices import ResendNotices
from webapp.models import Outbox, WebhookEvent
from webapp.ports import Notice

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def notify(client, body="evt_1 checkout.session.completed cs_test_1", signature="signed"):
    return client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})


def count(model):
    db.session.rollback()
    return db.session.query(model).count()


def test_verified_notice_is_stored_and_rung_for(client, doorbell, clock):
    response = notify(client)

    assert (response.status_code, response.data) == (204, b"")
    event = db.session.query(WebhookEvent).one()
    assert (event.provider, event.event_id, event.object_id) == ("stripe", "evt_1", "cs_test_1")
    work = db.session.query(Outbox).one()
    assert (work.kind, work.subject_id) == ("process_webhook_event", event.id)
    assert doorbell.rings == [("orders", work.id)]


DELIVERY = "4bf92f3577b34da6a3ce929d0e0e4736"
PURCHASE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("notice", "trace_id"),
    [
        (f"evt_1 checkout.session.completed cs_1 {PURCHASE}", PURCHASE),
        ("evt_1 refund.created re_1", DELIVERY),
    ],
    ids=["named", "not named"],
)
def test_work_carries_the_trace_of_the_purchase_or_else_of_the_delivery(
    client, caplog, notice, trace_id
):
    client.post(
        "/webhooks/stripe",
        data=notice,
        headers={"Stripe-Signature": "signed", "traceparent": f"00-{DELIVERY}-00f067aa0ba902b7-01"},
    )

    assert db.session.query(Outbox).one().trace_id == trace_id
    (received,) = [record for record in caplog.records if record.message == "notice received"]
    assert received.purchase_trace_id == (PURCHASE if trace_id == PURCHASE else "")


def test_redelivery_is_answered_the_same_and_stored_once(client):
    assert [notify(client).status_code for _ in range(3)] == [204, 204, 204]
    assert (count(WebhookEvent), count(Outbox)) == (1, 1)


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "signed ", "ünsigned"])
def test_forged_notice_is_refused_in_the_same_words_and_leaves_nothing(client, signature):
    response = notify(client, signature=signature.encode().decode("latin-1"))

    assert (response.status_code, response.text) == (400, "invalid notice")
    assert (count(WebhookEvent), count(Outbox)) == (0, 0)


def test_unsigned_request_is_refused(client):
    assert client.post("/webhooks/stripe", data="anything").status_code == 400


def test_notice_of_the_other_mode_is_refused_and_logged_by_id(client, gateway, caplog):
    gateway.livemode = True

    response = notify(client)

    assert (response.status_code, response.text) == (400, "invalid notice")
    assert count(WebhookEvent) == 0
    refused = [r for r in caplog.records if r.message == "notice of the other mode refused"]
    assert [record.event_id for record in refused] == ["evt_1"]


def test_database_away_makes_the_gateway_come_again(client, app, ports, monkeypatch):
    def broken():
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setitem(app.extensions, "ports", replace(ports, utc_now=broken))

    response = notify(client)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


def test_notice_has_a_largest_size(client):
    assert notify(client, body="x" * 600_000).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_a_notice(client, method):
    assert client.open("/webhooks/stripe", method=method).status_code == 405


def test_webhook_time_is_measured(client):
    notify(client)

    assert 'webhook_answer_duration_seconds_count{endpoint="webhooks.receive_stripe"' in (
        client.get("/metrics").text
    )


def test_mail_notices_do_not_exist_without_a_secret(client):
    assert client.post("/webhooks/resend", data="{}").status_code == 404


@pytest.fixture
def mail_notices(app, ports, monkeypatch):
    monkeypatch.setitem(app.extensions, "ports", replace(ports, mail_notices=ResendNotices(SECRET)))


def signed(body, *, moment=None, notice_id="msg_1", secret=SECRET):
    stamp = str(int(moment if moment is not None else time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{notice_id}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    return {
        "svix-id": notice_id,
        "svix-timestamp": stamp,
        "svix-signature": f"v1,{base64.b64encode(mac).decode()}",
        "Content-Type": "application/json",
    }


BOUNCE = json.dumps(
    {
        "type": "email.bounced",
        "data": {
            "email_id": "56761188",
            "to": ["ada@example.com"],
            "subject": "Your tickets",
            "bounce": {
                "type": "Permanent",
                "subType": "General",
                "message": "The server refused the message.",
                "diagnosticCode": ["smtp; 550 5.1.1 <ada@example.com> unknown"],
            },
        },
    }
)


def test_bounce_is_stored_without_the_address(client, mail_notices):
    for _ in range(2):
        response = client.post("/webhooks/resend", data=BOUNCE, headers=signed(BOUNCE))
        assert response.status_code == 204

    event = db.session.query(WebhookEvent).one()
    assert (event.provider, event.event_id, event.type) == ("resend", "msg_1", "email.bounced")
    assert event.object_id == "56761188"
    assert "ada@example.com" not in json.dumps(event.payload)
    assert event.payload["data"]["bounce"] == {"type": "Permanent", "subType": "General"}


@pytest.mark.parametrize("bounce", [None, "refused", {"type": ["Permanent"]}])
def test_bounce_of_another_shape_is_a_bounce_all_the_same(client, mail_notices, bounce):
    body = json.dumps({"type": "email.bounced", "data": {"email_id": "1", "bounce": bounce}})

    response = client.post("/webhooks/resend", data=body, headers=signed(body))

    assert response.status_code == 204
    assert db.session.query(WebhookEvent).one().payload["data"] == {"email_id": "1", "bounce": {}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(BOUNCE, moment=0),
        signed(BOUNCE + " "),
        signed(BOUNCE, secret="whsec_" + base64.b64encode(b"another").decode()),
    ],
    ids=["unsigned", "old", "other body", "other secret"],
)
def test_forged_mail_notice_leaves_nothing(client, mail_notices, headers):
    response = client.post("/webhooks/resend", data=BOUNCE, headers=headers)

    assert (response.status_code, response.text) == (400, "invalid notice")
    assert count(WebhookEvent) == 0


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        json.dumps({"type": "a\0b", "data": {}}),
        json.dumps({"type": "email.bounced", "data": {"email_id": "\ud800"}}),
        json.dumps({"type": "email.bounced", "data": {"tags": {"\0": 1}}}),
        '{"type": "email.bounced", "data": {"tags": NaN}}',
    ],
    ids=["deep", "nul", "surrogate", "name", "no number"],
)
def test_signed_mail_notice_that_nothing_can_store_is_refused(client, mail_notices, body):
    response = client.post("/webhooks/resend", data=body, headers=signed(body))

    assert (response.status_code, response.text) == (400, "invalid notice")
    assert count(WebhookEvent) == 0


def test_fake_notice_type_is_what_the_port_promises(gateway):
    assert isinstance(gateway.read_notice(body=b"a b c", signature="signed"), Notice)
