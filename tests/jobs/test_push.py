"""Sending to phones: once, in the phone's language, and what the push service says is heeded."""

import json
from datetime import timedelta

import pytest

from jobs.runtime import perform
from tests.factories import NOW, make_event, make_tier
from tests.issued import give_away, make_issued_order, refund, tickets_of
from tests.phones import keep_on_phone, subscribe
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.flows import push, reconciliation
from webapp.models import OutboxStatus, PushMessage, PushSubscription, WalletCopy
from webapp.push_ports import PushGone, PushRefused, PushUnavailable

SOON = NOW + timedelta(days=30, minutes=-60)


@pytest.fixture
def order(app):
    event = make_event(title="Rueda Night")
    return make_issued_order((make_tier(event, occurrences=list(event.occurrences)), 1))


@pytest.fixture
def told(order, ports, clock):
    """One message to one phone, waiting to go."""
    endpoint = subscribe(keep_on_phone(order), locale="de")
    clock.now = SOON
    assert push.write_pushes(ports=ports) == {"pushes_written": 1}
    return endpoint


def send() -> None:
    perform(work_of(outbox.SEND_PUSH).id)


def test_the_phone_reads_event_and_time_in_its_language_and_nothing_about_a_person(
    told, order, pusher
):
    send()

    (notice,) = pusher.told
    payload = json.loads(notice.payload)
    assert notice.endpoint == told
    assert notice.ttl_seconds == 3600
    assert notice.urgency == "high"
    assert len(notice.topic) == 32
    assert payload["title"] == "Rueda Night"
    assert payload["url"] == f"/wallet/tickets/{tickets_of(order)[0].id}"
    assert payload["lang"] == "de"
    assert "MDT" in payload["body"]
    ticket = tickets_of(order)[0]
    for secret in ("guest@example.com", "Ada", order.number, ticket.code, ticket.serial_number):
        assert secret not in notice.payload


def test_a_message_is_sent_once(told, pusher, ports, clock):
    for _ in range(3):
        push.write_pushes(ports=ports)
        send()

    assert len(pusher.told) == 1
    assert work_of(outbox.SEND_PUSH).status is OutboxStatus.DONE
    assert db.session.query(PushMessage).one().sent_at == clock.now


def test_a_crash_after_sending_repeats_under_the_same_topic(told, pusher, ports, clock):
    class Crash(BaseException):
        """The process dies here."""

    really_send = pusher.send

    def send_and_die(notice):
        really_send(notice)
        raise Crash

    pusher.send = send_and_die
    with pytest.raises(Crash):
        send()
    pusher.send = really_send
    clock.advance(minutes=2)
    send()

    assert len({notice.topic for notice in pusher.told}) == 1
    assert len(pusher.told) == 2


def test_a_browser_that_is_gone_takes_its_subscription_along(told, pusher):
    pusher.fault = PushGone()

    send()

    assert work_of(outbox.SEND_PUSH).status is OutboxStatus.DONE
    assert db.session.query(PushSubscription).count() == 0
    assert db.session.query(PushMessage).count() == 0
    assert db.session.query(WalletCopy).count() == 1


def test_a_push_service_that_asks_for_a_pause_gets_it(told, pusher, clock):
    pusher.fault = PushUnavailable(timedelta(seconds=90))
    send()
    work = work_of(outbox.SEND_PUSH)
    assert (work.status, work.attempts) == (OutboxStatus.DUE, 0)
    assert work.due_at == clock.now + timedelta(seconds=90)
    assert db.session.query(PushSubscription).one().failed_at == clock.now

    pusher.fault = None
    clock.advance(seconds=90)
    send()

    assert len(pusher.told) == 1
    assert pusher.told[0].ttl_seconds == 3510
    db.session.expire_all()
    assert db.session.query(PushSubscription).one().failed_at is None


def test_an_outage_is_tried_again_and_ends_with_the_start(told, pusher, clock):
    pusher.fault = PushUnavailable()
    send()
    assert (work_of(outbox.SEND_PUSH).status, work_of(outbox.SEND_PUSH).attempts) == (
        OutboxStatus.DUE,
        1,
    )

    pusher.fault = None
    clock.advance(hours=1)
    send()

    assert pusher.told == []
    assert work_of(outbox.SEND_PUSH).status is OutboxStatus.DONE


def test_a_message_that_is_refused_goes_to_the_dead_letters(told, pusher):
    pusher.fault = PushRefused()

    send()

    assert work_of(outbox.SEND_PUSH).status is OutboxStatus.DEAD


def test_what_is_true_no_more_is_not_said(told, order, pusher):
    refund(order, now=SOON)

    send()

    assert pusher.told == []
    assert work_of(outbox.SEND_PUSH).status is OutboxStatus.DONE


def test_a_phone_whose_ticket_went_on_meanwhile_is_not_told_of_it(told, order, pusher):
    give_away(tickets_of(order)[0], "friend@example.com")

    send()

    assert pusher.told == []
    assert work_of(outbox.SEND_PUSH).status is OutboxStatus.DONE


def test_what_was_told_is_remembered_for_a_while_and_then_forgotten(told, ports, clock):
    send()
    kept = []
    for days in (1, 13, 2):
        clock.advance(days=days)
        reconciliation.reconcile(ports=ports)
        kept.append(db.session.query(PushMessage).count())

    assert kept == [1, 1, 0]
