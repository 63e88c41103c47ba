"""Sweeps add work for what they find; they disturb none that runs, waits or was given up on."""

import pytest

from tests.factories import make_checkout, make_event, make_tier
from tests.purchases import LINKS, work_of
from webapp.database import db
from webapp.domain import outbox, reconciliation
from webapp.flows.payment_start import start_payment
from webapp.models import Outbox, OutboxStatus, Payment
from webapp.transaction import transaction


@pytest.fixture
def tier(app):
    return make_tier(make_event())


@pytest.fixture
def start(tier, ports):
    """Goes to the gateway's page with a new checkout; answers the order's id."""

    def _start() -> int:
        checkout = make_checkout((tier, 1))
        start_payment(reference=checkout.reference, links=LINKS, ports=ports)
        return db.session.query(Payment.order_id).order_by(Payment.id.desc()).limit(1).scalar()

    return _start


def add_overdue(clock, *, limit: int = 200) -> int:
    with transaction():
        return reconciliation.add_overdue_payments(now=clock(), limit=limit)


def set_work(kind: str, status: OutboxStatus, *, attempts: int) -> tuple[int, int]:
    """Make the work of a kind look like this; its claim and tries."""
    row = work_of(kind)
    row.status, row.attempts, row.claim_no = status, attempts, 3
    db.session.commit()
    return row.claim_no, row.attempts


@pytest.mark.parametrize("status", [OutboxStatus.RUNNING, OutboxStatus.DEAD, OutboxStatus.DUE])
def test_a_look_that_is_under_way_or_dead_is_not_begun_anew(status, start, clock):
    start()
    clock.advance(minutes=40)
    assert add_overdue(clock) == 1
    before = set_work(outbox.SYNC_PAYMENT, status, attempts=7)
    clock.advance(minutes=5)

    assert add_overdue(clock) == 0

    row = work_of(outbox.SYNC_PAYMENT)
    assert (row.status, (row.claim_no, row.attempts)) == (status, before)


def test_a_look_that_was_done_is_made_due_again(start, clock):
    start()
    clock.advance(minutes=40)
    add_overdue(clock)
    set_work(outbox.SYNC_PAYMENT, OutboxStatus.DONE, attempts=7)

    assert add_overdue(clock) == 1

    row = work_of(outbox.SYNC_PAYMENT)
    assert (row.status, row.attempts, row.created_at) == (OutboxStatus.DUE, 0, clock())


def test_orders_that_cannot_be_looked_at_do_not_keep_the_others_from_it(start, clock):
    orders = {start() for _ in range(4)}
    clock.advance(minutes=40)
    assert add_overdue(clock, limit=3) == 3
    db.session.query(Outbox).update({"status": OutboxStatus.DEAD})
    db.session.commit()
    refused = {subject_id for (subject_id,) in db.session.query(Outbox.subject_id)}

    assert add_overdue(clock, limit=3) == 1

    found = db.session.query(Outbox.subject_id).filter_by(status=OutboxStatus.DUE).all()
    assert {subject_id for (subject_id,) in found} == orders - refused


@pytest.mark.parametrize("status", [OutboxStatus.RUNNING, OutboxStatus.DEAD])
def test_issuing_that_runs_or_is_dead_is_left_alone(status, paid_order, clock):
    before = set_work(outbox.ISSUE_TICKETS, status, attempts=7)
    clock.advance(minutes=2)

    with transaction():
        count = reconciliation.add_unissued_orders(now=clock(), limit=200)

    row = work_of(outbox.ISSUE_TICKETS)
    assert (count, row.status) == (0, status)
    assert (row.claim_no, row.attempts) == before


@pytest.mark.parametrize("status", [OutboxStatus.RUNNING, OutboxStatus.DEAD])
def test_whoever_has_news_revives_what_is_dead_and_has_what_runs_run_again(
    status, paid_order, clock
):
    set_work(outbox.ISSUE_TICKETS, status, attempts=7)
    clock.advance(minutes=2)

    with transaction():
        outbox.add_work(
            kind=outbox.ISSUE_TICKETS,
            subject_id=paid_order.id,
            key=str(paid_order.id),
            now=clock(),
            trace_id="t",
        )

    row = work_of(outbox.ISSUE_TICKETS)
    assert (row.status, row.attempts) == (OutboxStatus.DUE, 0)
    assert row.due_at == clock()


def test_a_sweep_that_was_overtaken_by_a_worker_does_not_take_its_row_away(paid_order, clock):
    set_work(outbox.ISSUE_TICKETS, OutboxStatus.RUNNING, attempts=1)

    with transaction():
        outbox.add_work(
            kind=outbox.ISSUE_TICKETS,
            subject_id=paid_order.id,
            key=str(paid_order.id),
            now=clock(),
            trace_id="t",
            is_news=False,
        )

    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.RUNNING
