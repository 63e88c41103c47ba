"""Work whose other side is away waits for more than a day; what is at fault itself does not."""

import logging
from datetime import timedelta

import pytest

from jobs.runtime import perform
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.models import EmailMessage, EmailStatus, Order, Outbox, OutboxStatus
from webapp.ports import GatewayKeyRefused, GatewayRefused, GatewayUnknown, MailUnavailable
from webapp.transaction import transaction

A_DAY_AND_MORE = timedelta(hours=31)
# What is tried after patience has ended, at the longest pause, ends well within this.
THE_END = timedelta(hours=36)


def add_look_at_gateway(order: Order, clock) -> Outbox:
    with transaction():
        outbox.add_work(
            kind=outbox.SYNC_PAYMENT,
            subject_id=order.id,
            key=str(order.id),
            now=clock(),
            trace_id="0" * 32,
        )
    return work_of(outbox.SYNC_PAYMENT)


def perform_until(kind: str, clock, end) -> list[timedelta]:
    """Every try that is due until then; the pauses between them."""
    pauses = []
    row = work_of(kind)
    while row.status is OutboxStatus.DUE and row.due_at < end:
        clock.now = max(clock(), row.due_at)
        assert perform(row.id)
        row = work_of(kind)
        pauses.append(row.due_at - clock())
    return pauses


def test_an_outage_of_a_day_uses_up_no_work_and_asks_every_ten_minutes_at_most(
    paid_order, gateway, clock
):
    add_look_at_gateway(paid_order, clock)
    gateway.is_down = True

    pauses = perform_until(outbox.SYNC_PAYMENT, clock, clock() + A_DAY_AND_MORE)

    row = work_of(outbox.SYNC_PAYMENT)
    assert (row.status, row.last_error) == (OutboxStatus.DUE, "GatewayUnavailable")
    assert max(pauses) == timedelta(minutes=10)
    assert len(pauses) < 200
    gateway.is_down = False
    clock.now = row.due_at
    perform(row.id)
    assert work_of(outbox.SYNC_PAYMENT).status is OutboxStatus.DONE


def test_an_outage_that_does_not_end_ends_among_the_dead_in_the_second_day(
    paid_order, gateway, clock
):
    add_look_at_gateway(paid_order, clock)
    gateway.is_down = True
    began = clock()

    perform_until(outbox.SYNC_PAYMENT, clock, began + THE_END)

    assert work_of(outbox.SYNC_PAYMENT).status is OutboxStatus.DEAD
    assert clock() - began > A_DAY_AND_MORE


def test_a_mail_outlives_an_outage_of_a_day(paid_order, mailer, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    mailer.is_down = True
    perform_until(outbox.SEND_EMAIL, clock, clock() + A_DAY_AND_MORE)
    mailer.is_down = False

    clock.now = work_of(outbox.SEND_EMAIL).due_at
    perform(work_of(outbox.SEND_EMAIL).id)

    assert work_of(outbox.SEND_EMAIL).status is OutboxStatus.DONE
    assert db.session.query(EmailMessage).one().status is EmailStatus.SENT


@pytest.mark.parametrize("fault", [GatewayKeyRefused, GatewayUnknown])
def test_a_key_that_the_operator_has_to_put_right_uses_up_no_work(
    fault, paid_order, gateway, clock
):
    def refuse(_session_id: str) -> None:
        raise fault

    gateway.look_up_session = refuse
    add_look_at_gateway(paid_order, clock)

    perform_until(outbox.SYNC_PAYMENT, clock, clock() + A_DAY_AND_MORE)

    row = work_of(outbox.SYNC_PAYMENT)
    assert (row.status, row.last_error) == (OutboxStatus.DUE, fault.__name__)


def test_what_fails_by_itself_is_given_up_within_hours_an_outage_before_or_not(
    paid_order, gateway, clock
):
    add_look_at_gateway(paid_order, clock)
    gateway.is_down = True
    perform_until(outbox.SYNC_PAYMENT, clock, clock() + timedelta(hours=5))
    gateway.is_down = False

    def refuse(_session_id: str) -> None:
        raise GatewayRefused

    gateway.look_up_session = refuse
    began = clock()
    tries = perform_until(outbox.SYNC_PAYMENT, clock, began + A_DAY_AND_MORE)

    assert work_of(outbox.SYNC_PAYMENT).status is OutboxStatus.DEAD
    assert len(tries) == outbox.MAX_ATTEMPTS - outbox.GROWN_ATTEMPTS


def test_patience_counts_from_when_the_work_was_asked_for_last(paid_order, gateway, clock):
    add_look_at_gateway(paid_order, clock)
    perform(work_of(outbox.SYNC_PAYMENT).id)
    clock.advance(days=3)
    gateway.is_down = True
    add_look_at_gateway(paid_order, clock)

    perform_until(outbox.SYNC_PAYMENT, clock, clock() + A_DAY_AND_MORE)

    assert work_of(outbox.SYNC_PAYMENT).status is OutboxStatus.DUE


def test_a_pause_that_the_provider_asks_for_is_never_counted(paid_order, mailer, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)

    def slow_down(_message: object) -> str:
        raise MailUnavailable(retry_after=timedelta(hours=1))

    mailer.send = slow_down
    perform_until(outbox.SEND_EMAIL, clock, clock() + 2 * A_DAY_AND_MORE)

    row = work_of(outbox.SEND_EMAIL)
    assert (row.status, row.attempts) == (OutboxStatus.DUE, 0)


def test_work_that_is_given_up_on_says_so_in_the_log_with_ids_only(
    paid_order, gateway, clock, caplog
):
    row = add_look_at_gateway(paid_order, clock)

    def refuse(_session_id: str) -> None:
        raise GatewayRefused("guest@example.com")

    gateway.look_up_session = refuse
    perform_until(outbox.SYNC_PAYMENT, clock, clock() + A_DAY_AND_MORE)

    (line,) = [each for each in caplog.records if each.message == "work was given up on"]
    assert line.levelno == logging.ERROR
    assert (line.kind, line.outbox_id, line.subject_id, line.error) == (
        outbox.SYNC_PAYMENT,
        row.id,
        paid_order.id,
        "GatewayRefused",
    )
    assert "guest@example.com" not in caplog.text + str([r.__dict__ for r in caplog.records])


def test_what_kills_its_worker_time_and_again_is_given_up_on(paid_order, clock, caplog):
    row = work_of(outbox.ISSUE_TICKETS)
    deaths = 0
    while work_of(outbox.ISSUE_TICKETS).status is not OutboxStatus.DEAD:
        assert deaths < outbox.MAX_ATTEMPTS
        with transaction():
            claim = outbox.claim_work(outbox_id=row.id, now=clock())
        assert claim is not None
        deaths += not claim.is_given_up
        # And here the process dies.
        clock.advance(minutes=2)

    assert deaths == 5
    assert work_of(outbox.ISSUE_TICKETS).last_error == "WorkerSilent"
    assert perform(row.id) is False


def test_the_worker_that_finds_such_work_does_not_do_it_and_says_so(paid_order, clock, caplog):
    row = work_of(outbox.ISSUE_TICKETS)
    row.status, row.attempts = OutboxStatus.RUNNING, outbox.MAX_ATTEMPTS
    row.lease_until = clock()
    db.session.commit()

    perform(row.id)

    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DEAD
    (line,) = [each for each in caplog.records if each.message == "work was given up on"]
    assert (line.outbox_id, line.error) == (row.id, "WorkerSilent")


def test_work_that_silenced_a_worker_waits_behind_what_is_due(paid_order, clock):
    silent = work_of(outbox.ISSUE_TICKETS)
    silent.status, silent.lease_until = OutboxStatus.RUNNING, clock()
    db.session.commit()
    clock.advance(minutes=1)
    later = add_look_at_gateway(paid_order, clock)

    found = outbox.list_ready_work(queue="orders", now=clock(), limit=10)

    assert found == [later.id, silent.id]


@pytest.mark.parametrize("status", [OutboxStatus.DUE, OutboxStatus.RUNNING])
def test_work_dated_by_a_clock_that_was_far_ahead_is_taken_all_the_same(paid_order, clock, status):
    row = work_of(outbox.ISSUE_TICKETS)
    row.status, row.due_at = status, clock() + timedelta(days=400)
    row.lease_until = row.due_at if status is OutboxStatus.RUNNING else None
    db.session.commit()

    assert outbox.list_ready_work(queue="orders", now=clock(), limit=10) == [row.id]
    assert perform(row.id) is True
    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DONE


def test_the_longest_pause_that_a_provider_may_ask_for_is_kept(paid_order, clock):
    row = work_of(outbox.ISSUE_TICKETS)
    row.due_at = clock() + timedelta(hours=1)
    db.session.commit()

    assert outbox.list_ready_work(queue="orders", now=clock(), limit=10) == []
    assert perform(row.id) is False
