"""The loop of a worker: rung for or found, with Redis or without."""

import pytest

from jobs.bell import Bell
from jobs.stopping import StopFlag
from jobs.worker import Worker
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.gateways.rq_doorbell import RqDoorbell
from webapp.models import EmailMessage, Outbox, OutboxStatus, Ticket
from webapp.transaction import transaction

GONE = "redis://127.0.0.1:9/0"


@pytest.fixture
def stop() -> StopFlag:
    return StopFlag()


def test_without_redis_due_rows_are_found_by_polling(app, paid_order, stop):
    bell = Bell(GONE, "orders", sleep=stop.wait)

    Worker(app, queue="orders", bell=bell, stop=stop, max_jobs=1).run()

    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DONE
    assert db.session.query(Ticket).count() == 2


def test_a_queue_does_the_work_of_its_own_only(app, paid_order, stop):
    bell = Bell(GONE, "orders", sleep=stop.wait)
    Worker(app, queue="orders", bell=bell, stop=stop, max_jobs=1).run()

    Worker(app, queue="orders", bell=bell, stop=stop).turn()

    assert work_of(outbox.SEND_EMAIL).status is OutboxStatus.DUE


def test_a_ring_is_answered_between_polls(app, paid_order, redis_url, stop):
    row = work_of(outbox.ISSUE_TICKETS)
    worker = Worker(app, queue="orders", bell=Bell(redis_url, "orders"), stop=stop)
    with transaction():
        db.session.get_one(type(row), row.id).status = OutboxStatus.DONE
    worker.turn()
    with transaction():
        db.session.get_one(type(row), row.id).status = OutboxStatus.DUE
    RqDoorbell(redis_url).ring(queue="orders", outbox_id=row.id)

    worker.turn()

    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DONE


def test_a_worker_ends_after_its_share_so_that_a_fresh_one_follows(app, paid_order, stop, clock):
    with transaction():
        for number in range(2):
            outbox.add_work(
                kind=outbox.SYNC_PAYMENT,
                subject_id=paid_order.id,
                key=f"again-{number}",
                now=clock(),
                trace_id="0" * 32,
            )

    Worker(
        app, queue="orders", bell=Bell(GONE, "orders", sleep=stop.wait), stop=stop, max_jobs=1
    ).run()

    db.session.rollback()
    assert db.session.query(Outbox).filter_by(status=OutboxStatus.DONE).count() == 1
    assert stop.is_set is False


def test_a_worker_that_is_asked_to_stop_starts_nothing_new(app, paid_order, stop):
    stop.set()

    Worker(app, queue="orders", bell=Bell(GONE, "orders", sleep=stop.wait), stop=stop).run()

    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DUE
    assert db.session.query(EmailMessage).count() == 0
