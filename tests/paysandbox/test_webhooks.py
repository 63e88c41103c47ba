import json

import pytest
import stripe

from tests.waiting import wait_until

PAID_SERIES = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def types_of(notices):
    return [json.loads(notice.body)["type"] for notice in notices]


def verify(gateway, notice, secret):
    return gateway.construct_event(notice.body, notice.headers["Stripe-Signature"], secret)


def test_paid_session_is_told_in_order_and_signed(
    webhook_secret, open_session, gateway, control, receiver
):
    session = open_session()

    control.pay(session.id)

    notices = receiver.wait_for(4)
    events = [verify(gateway, notice, webhook_secret) for notice in notices]
    assert [event.type for event in events] == PAID_SERIES
    assert events[-1].data.object.id == session.id
    assert events[-1].data.object.payment_status == "paid"


def test_refused_notice_is_sent_again_with_the_same_id_and_a_fresh_signature(
    webhook_secret, open_session, gateway, control, receiver
):
    control.post("deliveries", retry_s=0.05)
    receiver.answers = [500, 503]

    gateway.v1.checkout.sessions.expire(open_session().id)

    events = [verify(gateway, notice, webhook_secret) for notice in receiver.wait_for(3)]
    assert len({event.id for event in events}) == 1
    delivered = wait_until(lambda: gateway.v1.events.list({"delivery_success": True}).data)
    assert [event.pending_webhooks for event in delivered] == [0]
    attempts = control.get("deliveries")["events"][0]["deliveries"][0]["attempts"]
    assert [attempt["status"] for attempt in attempts] == [500, 503, 200]


def test_endpoint_gets_only_the_types_it_asked_for(open_session, gateway, control, receiver):
    gateway.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["checkout.session.completed"]}
    )

    control.pay(open_session().id)

    assert types_of(receiver.wait_for(1)) == ["checkout.session.completed"]
    events = control.get("deliveries")["events"]
    assert [len(event["deliveries"]) for event in events] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("order", "expected"), [("fifo", PAID_SERIES), ("reverse", PAID_SERIES[::-1])]
)
def test_manual_mode_delivers_when_told_in_the_wanted_order(
    webhook_secret, open_session, control, receiver, order, expected
):
    control.post("deliveries", mode="manual", order=order)
    control.pay(open_session().id)
    assert receiver.notices == []

    control.post("deliver", event="all")

    assert types_of(receiver.notices) == expected


def test_shuffled_order_is_repeatable_by_its_seed(webhook_secret, open_session, control, receiver):
    control.post("deliveries", mode="manual", order="shuffle", seed=3)
    for _ in range(2):
        control.pay(open_session().id)
        control.post("deliver", event="all")

    types = types_of(receiver.notices)
    assert types[:4] == types[4:]
    assert sorted(types[:4]) == sorted(PAID_SERIES)


def test_one_event_can_be_delivered_again(webhook_secret, open_session, gateway, control, receiver):
    gateway.v1.checkout.sessions.expire(open_session().id)
    event_id = json.loads(receiver.wait_for(1)[0].body)["id"]

    control.post("deliver", event=event_id)

    assert [json.loads(notice.body)["id"] for notice in receiver.wait_for(2)] == [event_id] * 2


def test_duplicates_are_sent_side_by_side(webhook_secret, open_session, gateway, control, receiver):
    control.post("deliveries", duplicate=4)

    gateway.v1.checkout.sessions.expire(open_session().id)

    assert len({json.loads(notice.body)["id"] for notice in receiver.wait_for(5)}) == 1


def test_dropped_type_never_arrives_and_can_be_found(
    webhook_secret, open_session, gateway, control, receiver
):
    control.post("deliveries", drop=["checkout.session.completed"])

    control.pay(open_session().id)

    assert types_of(receiver.wait_for(3)) == PAID_SERIES[:3]
    lost = wait_until(
        lambda: (
            len(found := gateway.v1.events.list({"delivery_success": False}).data) == 1 and found
        )
    )
    assert lost[0].type == "checkout.session.completed"
    control.post("deliver", event=lost[0].id)
    assert types_of(receiver.wait_for(4))[3] == "checkout.session.completed"


@pytest.mark.parametrize("flaw", ["corrupt_signature", "old_timestamp"])
def test_flawed_signature_is_rejected_by_the_sdk(
    webhook_secret, open_session, gateway, control, receiver, flaw
):
    control.post("deliveries", {flaw: True})

    gateway.v1.checkout.sessions.expire(open_session().id)

    with pytest.raises(stripe.SignatureVerificationError):
        verify(gateway, receiver.wait_for(1)[0], webhook_secret)


def test_delayed_notice_lets_later_ones_pass(
    webhook_secret, open_session, gateway, control, receiver
):
    delayed, prompt = open_session(), open_session()
    control.post("deliveries", delay_s=60)
    gateway.v1.checkout.sessions.expire(delayed.id)
    control.post("deliveries", delay_s=0)

    gateway.v1.checkout.sessions.expire(prompt.id)

    receiver.wait_for(1)
    told = [json.loads(notice.body)["data"]["object"]["id"] for notice in receiver.notices]
    assert told == [prompt.id]


def test_thin_endpoint_gets_notifications_that_the_sdk_can_follow(
    open_session, gateway, control, receiver
):
    endpoint = gateway.v1.webhook_endpoints.create(
        {
            "url": receiver.url,
            "enabled_events": ["checkout.session.completed"],
            "metadata": {"payload_style": "thin"},
        }
    )
    session = open_session()

    control.pay(session.id)

    notice = receiver.wait_for(1)[0]
    signature = notice.headers["Stripe-Signature"]
    note = gateway.parse_event_notification(notice.body, signature, endpoint.secret)
    assert note.type == "v1.checkout.session.completed"
    assert note.fetch_related_object().id == session.id
    assert note.fetch_event().id == note.id


def test_secret_is_shown_once_and_may_be_chosen(gateway, receiver):
    endpoint = gateway.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["*"], "metadata": {"secret": "whsec_chosen"}}
    )

    assert endpoint.secret == "whsec_chosen"
    assert "secret" not in gateway.v1.webhook_endpoints.retrieve(endpoint.id)
    assert endpoint.metadata.to_dict() == {}


def test_disabled_or_deleted_endpoint_gets_nothing(open_session, gateway, control, receiver):
    kept, dropped = (
        gateway.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        for _ in range(2)
    )
    gateway.v1.webhook_endpoints.update(kept.id, {"disabled": True})
    assert gateway.v1.webhook_endpoints.delete(dropped.id).deleted is True

    gateway.v1.checkout.sessions.expire(open_session().id)

    assert control.get("deliveries")["events"][0]["deliveries"] == []
    assert [item.id for item in gateway.v1.webhook_endpoints.list().data] == [kept.id]


def test_missed_events_are_paged_from_the_last_one_seen(open_session, gateway, control):
    for _ in range(3):
        control.pay(open_session().id)
    seen = gateway.v1.events.list({"limit": 100}).data[-1].id

    missed = gateway.v1.events.list(
        {"types": ["checkout.session.completed"], "ending_before": seen, "limit": 2}
    )

    assert len(missed.data) == 2
    assert missed.has_more is True
    assert len(list(missed.auto_paging_iter())) == 3


def test_events_name_the_request_that_caused_them(open_session, gateway):
    gateway.v1.checkout.sessions.expire(open_session().id, {}, {"idempotency_key": "expire-1"})

    event = gateway.v1.events.list().data[0]

    assert event.request.idempotency_key == "expire-1"
    assert gateway.v1.events.retrieve(event.id).id == event.id


def test_idle_answers_once_every_notice_was_accepted(
    webhook_secret, open_session, control, receiver
):
    control.post("deliveries", retry_s=0.05)
    receiver.answers = [500]
    control.pay(open_session().id)

    assert control.post("idle") == {"idle": True}

    assert len(receiver.notices) == 5


def test_idle_gives_up_while_somebody_refuses(
    webhook_secret, open_session, gateway, control, receiver
):
    receiver.answers = [500] * 9

    gateway.v1.checkout.sessions.expire(open_session().id)

    assert control.post("idle", timeout_s=0.2) == {"idle": False}
