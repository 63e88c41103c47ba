"""The outbox: work is due with its commit, owned by one worker, and never lost in silence."""

from datetime import timedelta

import pytest

from webapp.database import db
from webapp.domain import dead_work, orders, outbox
from webapp.errors import NotFound
from webapp.models import Outbox, OutboxStatus
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


def add(clock, *, key: str = "1", **more) -> int:
    with transaction():
        outbox.add_work(
            kind=outbox.SYNC_PAYMENT, subject_id=7, key=key, now=clock(), trace_id="t", **more
        )
    return db.session.scalars(db.select(Outbox.id).where(Outbox.key == key)).one()


def add_and_fail(clock) -> None:
    with transaction():
        outbox.add_work(kind=outbox.SYNC_PAYMENT, subject_id=7, key="1", now=clock(), trace_id="t")
        orders.get_order(number="no such order")


def claim(outbox_id: int, clock) -> outbox.Claim | None:
    with transaction():
        return outbox.claim_work(outbox_id=outbox_id, now=clock())


def finish(owned: outbox.Claim, clock) -> bool:
    with transaction():
        return outbox.finish_work(owned, now=clock())


def status_of(outbox_id: int) -> OutboxStatus:
    return db.session.get_one(Outbox, outbox_id, populate_existing=True).status


def test_doorbell_rings_after_the_commit_and_not_without_it(clock, doorbell):
    with pytest.raises(NotFound):
        add_and_fail(clock)
    assert doorbell.rings == []

    outbox_id = add(clock)

    assert doorbell.rings == [("orders", outbox_id)]


def test_same_work_twice_is_one_row(clock):
    assert add(clock) == add(clock)


def test_row_belongs_to_one_worker_at_a_time(clock):
    outbox_id = add(clock)

    assert claim(outbox_id, clock) is not None
    assert claim(outbox_id, clock) is None


def test_finished_work_is_not_done_again(clock):
    outbox_id = add(clock)
    owned = claim(outbox_id, clock)

    assert owned is not None
    assert finish(owned, clock)
    assert claim(outbox_id, clock) is None
    assert status_of(outbox_id) is OutboxStatus.DONE


def test_silent_worker_is_given_up_on_and_cannot_finish_after_that(clock):
    outbox_id = add(clock)
    silent = claim(outbox_id, clock)
    clock.advance(seconds=61)

    second = claim(outbox_id, clock)

    assert silent is not None
    assert second is not None
    assert not finish(silent, clock)
    assert status_of(outbox_id) is OutboxStatus.RUNNING
    assert finish(second, clock)


def test_work_that_is_added_while_it_runs_runs_once_more(clock):
    outbox_id = add(clock)
    owned = claim(outbox_id, clock)
    add(clock)

    assert owned is not None
    assert not finish(owned, clock)
    assert claim(outbox_id, clock) is not None


def test_failed_work_waits_longer_each_time_and_ends_among_the_dead(clock):
    outbox_id = add(clock)
    pauses = []
    for _ in range(outbox.MAX_ATTEMPTS):
        owned = claim(outbox_id, clock)
        assert owned is not None
        with transaction():
            outbox.postpone_work(owned, error="GatewayUnavailable", now=clock())
        row = db.session.get_one(Outbox, outbox_id, populate_existing=True)
        pauses.append(row.due_at - clock())
        clock.now = row.due_at

    assert pauses[:4] == [timedelta(seconds=s) for s in (5, 10, 20, 40)]
    assert max(pauses) == timedelta(minutes=10)
    assert [dead.id for dead in dead_work.list_dead_work()] == [outbox_id]
    assert claim(outbox_id, clock) is None


def test_dead_work_is_replayed_by_hand(clock):
    outbox_id = add(clock)
    row = db.session.get_one(Outbox, outbox_id)
    row.status = OutboxStatus.DEAD
    db.session.commit()

    with transaction():
        assert dead_work.replay_work(outbox_id=outbox_id, now=clock())

    assert claim(outbox_id, clock) is not None


def test_rate_limit_is_not_counted_as_a_failure(clock):
    outbox_id = add(clock)
    for _ in range(3 * outbox.MAX_ATTEMPTS):
        owned = claim(outbox_id, clock)
        assert owned is not None
        with transaction():
            outbox.postpone_work(
                owned,
                error="",
                now=clock(),
                delay=timedelta(seconds=1),
                is_counted=False,
            )
        clock.advance(seconds=1)

    assert status_of(outbox_id) is OutboxStatus.DUE


def test_sweep_rings_again_for_what_nobody_heard_but_does_not_flood(clock):
    outbox_id = add(clock)
    clock.advance(seconds=10)

    with transaction():
        first = outbox.list_due_work(now=clock(), limit=10)
        second = outbox.list_due_work(now=clock(), limit=10)

    assert (first, second) == ([("orders", outbox_id)], [])


def test_worker_without_redis_finds_its_own_queue_only(clock):
    mine = add(clock)
    with transaction():
        outbox.add_work(kind=outbox.SEND_EMAIL, subject_id=1, key="m", now=clock(), trace_id="t")

    assert outbox.list_ready_work(queue="orders", now=clock(), limit=10) == [mine]
