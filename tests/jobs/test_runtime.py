"""One row performed: done once, put back with a pause, given up on in sight."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobs.runtime import JOBS, perform
from tests.purchases import find_order, work_of
from webapp.database import db
from webapp.domain import dead_work, outbox
from webapp.models import EmailMessage, EmailStatus, Order, Outbox, OutboxStatus, Ticket
from webapp.ports import GatewayRefused
from webapp.transaction import transaction


def no_wait(_seconds: float) -> None:
    """Time does not pass while a worker waits."""


def add_look_at_gateway(order: Order, clock) -> Outbox:
    with transaction():
        outbox.add_work(
            kind=outbox.SYNC_PAYMENT,
            subject_id=order.id,
            key="x",
            now=clock(),
            trace_id="0" * 32,
        )
    return work_of(outbox.SYNC_PAYMENT)


def test_every_kind_of_work_has_one_job():
    assert JOBS.keys() == outbox.QUEUES.keys()


def test_a_row_is_done_once(paid_order):
    row = work_of(outbox.ISSUE_TICKETS)

    assert [perform(row.id), perform(row.id)] == [True, False]
    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DONE
    assert db.session.query(Ticket).count() == 2


def test_a_row_that_is_not_there_is_no_work(app):
    assert perform(12345) is False


def test_a_silent_workers_row_is_taken_over_after_its_lease(paid_order, clock):
    row = work_of(outbox.ISSUE_TICKETS)
    with transaction():
        claim = outbox.claim_work(outbox_id=row.id, now=clock())
    assert claim is not None

    before = perform(row.id)
    clock.advance(seconds=61)
    after = perform(row.id)

    assert (before, after) == (False, True)


def test_a_job_that_fails_is_put_back_with_a_growing_pause(paid_order, ports, gateway, clock):
    row = add_look_at_gateway(paid_order, clock)
    gateway.is_down = True
    pauses = []
    for _ in range(4):
        perform(row.id)
        row = work_of(outbox.SYNC_PAYMENT)
        pauses.append((row.due_at - clock()).total_seconds())
        clock.now = row.due_at

    assert pauses == [5, 10, 20, 40]
    assert (row.status, row.last_error) == (OutboxStatus.DUE, "GatewayUnavailable")


def test_a_job_that_always_fails_ends_among_the_dead_and_can_be_replayed(
    paid_order, gateway, clock
):
    row = add_look_at_gateway(paid_order, clock)
    answer = gateway.look_up_session

    def refuse(_session_id: str) -> None:
        raise GatewayRefused

    gateway.look_up_session = refuse
    for _ in range(outbox.MAX_ATTEMPTS):
        perform(row.id)
        row = work_of(outbox.SYNC_PAYMENT)
        clock.now = max(row.due_at, clock())
    dead = [work.id for work in dead_work.list_dead_work()]
    gateway.look_up_session = answer

    with transaction():
        dead_work.replay_work(outbox_id=row.id, now=clock())
    perform(row.id)

    assert dead == [row.id]
    assert work_of(outbox.SYNC_PAYMENT).status is OutboxStatus.DONE


def test_work_outlives_a_night_without_a_key_that_the_gateway_takes(paid_order, gateway, clock):
    row = add_look_at_gateway(paid_order, clock)
    gateway.refuses_key = True
    for _ in range(2 * outbox.MAX_ATTEMPTS):
        perform(row.id)
        row = work_of(outbox.SYNC_PAYMENT)
        clock.now = row.due_at
    waiting = (row.status, row.last_error)
    gateway.refuses_key = False

    perform(row.id)

    assert waiting == (OutboxStatus.DUE, "GatewayKeyRefused")
    assert work_of(outbox.SYNC_PAYMENT).status is OutboxStatus.DONE


def test_a_failed_database_job_leaves_nothing_half(paid_order, clock, caplog):
    # The second ticket's serial is taken: issuing fails in its last statement.
    row = work_of(outbox.ISSUE_TICKETS)
    with transaction():
        db.session.get_one(type(row), row.id).subject_id = 999_999

    perform(row.id)

    row = work_of(outbox.ISSUE_TICKETS)
    assert (row.status, row.last_error) == (OutboxStatus.DUE, "NotFound")
    assert db.session.query(Ticket).count() == 0


def test_what_an_error_says_is_never_stored_or_logged(paid_order, mailer, caplog):
    perform(work_of(outbox.ISSUE_TICKETS).id)

    def leak(_message: object) -> str:
        raise RuntimeError("guest@example.com")

    mailer.send = leak
    perform(work_of(outbox.SEND_EMAIL).id, wait=no_wait)

    assert work_of(outbox.SEND_EMAIL).last_error == "RuntimeError"
    assert "guest@example.com" not in caplog.text + str([r.__dict__ for r in caplog.records])


def test_a_mail_waits_its_turn_without_using_up_a_try(paid_order, app, ports, bucket, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    app.extensions["ports"] = replace(ports, mail_bucket=bucket)
    bucket.is_empty = True

    perform(work_of(outbox.SEND_EMAIL).id, wait=no_wait)

    row = work_of(outbox.SEND_EMAIL)
    assert (row.status, row.attempts) == (OutboxStatus.DUE, 0)
    assert row.due_at == clock() + timedelta(seconds=2)
    assert db.session.query(EmailMessage).one().status is EmailStatus.QUEUED


@pytest.mark.parametrize("kind", [outbox.ISSUE_TICKETS, outbox.SEND_EMAIL])
def test_work_that_is_asked_for_again_is_done_again_without_a_second_effect(
    paid_order, mailer, clock, kind
):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    perform(work_of(outbox.SEND_EMAIL).id)
    row = work_of(kind)
    with transaction():
        outbox.add_work(
            kind=kind, subject_id=row.subject_id, key=row.key, now=clock(), trace_id="0" * 32
        )

    assert perform(row.id) is True
    assert db.session.query(Ticket).count() == 2
    assert mailer.calls == 1
    assert find_order(paid_order.number).fulfilled_at is not None
