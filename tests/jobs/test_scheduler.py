"""Periodic work: done by one, whoever asks first, and it finds what was lost."""

from datetime import timedelta

from jobs.runtime import perform
from jobs.scheduler import CHORES, Scheduler
from jobs.stopping import StopFlag
from tests.factories import make_checkout, make_event, make_tier
from tests.notices import make_notice
from tests.purchases import find_order, work_of
from webapp.database import db
from webapp.domain import heartbeats, leases, outbox
from webapp.flows import housekeeping, reconciliation
from webapp.models import (
    Checkout,
    CheckoutStatus,
    EmailMessage,
    IdempotencyKey,
    Outbox,
    OutboxStatus,
    WebhookEvent,
)
from webapp.transaction import transaction


def make_scheduler(app, holder: str) -> Scheduler:
    return Scheduler(app, holder=holder, stop=StopFlag(), pulse=None)


def take(name: str, holder: str, now) -> bool:
    with transaction():
        return leases.take_turn(name=name, holder=holder, now=now, period=timedelta(seconds=10))


def test_a_turn_belongs_to_one_until_it_is_over(app, clock):
    first = [take("ring", holder, clock()) for holder in ("a", "b", "a")]
    clock.advance(seconds=10)
    second = [take("ring", holder, clock()) for holder in ("b", "a")]

    assert first == [True, False, False]
    assert second == [True, False]


def test_a_turn_from_a_clock_far_ahead_does_not_stop_the_work(app, clock):
    take("ring", "fast", clock() + timedelta(days=365))

    assert take("ring", "right", clock()) is True


def test_two_schedulers_never_double_a_chore(app, clock):
    one, other = make_scheduler(app, "one"), make_scheduler(app, "other")

    assert one.tick() == [chore.name for chore in CHORES]
    assert other.tick() == []
    clock.advance(seconds=2)
    assert other.tick() == ["ring"]


def test_a_lost_ring_is_made_good_once_per_lease(app, paid_order, ports, doorbell, clock):
    doorbell.rings.clear()
    clock.advance(seconds=10)

    rung = [reconciliation.ring_due_work(ports=ports)["rung"] for _ in range(2)]

    assert rung == [1, 0]
    assert doorbell.rings == [("orders", work_of(outbox.ISSUE_TICKETS).id)]


def test_a_lapsed_checkout_is_closed(app, ports, clock):
    checkout = make_checkout((make_tier(make_event()), 1))
    clock.advance(minutes=16)

    counts = reconciliation.close_lapsed(ports=ports)

    db.session.expire_all()
    assert counts["checkouts_expired"] == 1
    assert db.session.get_one(Checkout, checkout.id).status is CheckoutStatus.EXPIRED


def test_persons_are_forgotten_batch_by_batch_up_to_a_bound(app, ports, clock, monkeypatch):
    tier = make_tier(make_event())
    for _ in range(6):
        make_checkout((tier, 1))
    clock.advance(days=8)
    reconciliation.close_lapsed(ports=ports)
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    monkeypatch.setattr(housekeeping, "MOST_BATCHES", 2)

    counts = [housekeeping.clear_up(ports=ports)["persons_forgotten"] for _ in range(3)]

    assert counts == [4, 2, 0]


def test_a_paid_order_that_was_forgotten_gets_its_tickets(paid_order, ports, clock):
    db.session.query(Outbox).delete()
    db.session.commit()
    clock.advance(minutes=1)

    counts = reconciliation.reconcile(ports=ports)
    perform(work_of(outbox.ISSUE_TICKETS).id)

    assert counts["orders_unissued"] == 1
    assert find_order(paid_order.number).fulfilled_at is not None
    assert reconciliation.reconcile(ports=ports)["orders_unissued"] == 0


def test_a_confirmation_that_was_never_written_is_written(paid_order, ports, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    db.session.query(EmailMessage).delete()
    db.session.query(Outbox).delete()
    db.session.commit()
    clock.advance(minutes=1)

    counts = reconciliation.reconcile(ports=ports)

    assert counts["orders_unmailed"] == 1
    assert db.session.query(EmailMessage).count() == 1


def test_a_mail_whose_work_is_gone_is_made_due_again(paid_order, ports, mailer, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    db.session.query(Outbox).delete()
    db.session.commit()
    clock.advance(minutes=3)

    counts = reconciliation.reconcile(ports=ports)
    perform(work_of(outbox.SEND_EMAIL).id)

    assert counts["mails_forgotten"] == 1
    assert mailer.calls == 1


def test_when_all_is_well_there_is_nothing_to_do(paid_order, ports, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    perform(work_of(outbox.SEND_EMAIL).id)
    clock.advance(hours=1)

    counts = reconciliation.reconcile(ports=ports) | reconciliation.close_lapsed(ports=ports)

    assert set(counts.values()) == {0}


def test_old_answers_and_finished_work_are_forgotten_and_the_rest_is_kept(paid_order, ports, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    db.session.add(
        IdempotencyKey(
            scope="s", key="k", request_hash="h", status_code=201, answer={}, created_at=clock()
        )
    )
    db.session.commit()
    clock.advance(days=15)

    reconciliation.reconcile(ports=ports)

    db.session.expire_all()
    assert db.session.query(IdempotencyKey).count() == 0
    assert {row.kind for row in db.session.query(Outbox)} == {outbox.SEND_EMAIL}


def test_a_notice_that_never_arrived_is_fetched_once(app, ports, gateway):
    gateway.list_undelivered_notices = lambda **_since: [
        make_notice("evt_1", "refund.updated", "re_1"),
        make_notice("evt_2", "refund.updated", "re_2", livemode=True),
    ]

    counts = [reconciliation.fetch_missed_notices(ports=ports) for _ in range(2)]

    assert counts == [{"notices_missed": 1}, {"notices_missed": 0}]
    assert [event.event_id for event in db.session.query(WebhookEvent)] == ["evt_1"]
    assert work_of(outbox.PROCESS_WEBHOOK_EVENT).status is OutboxStatus.DUE


def test_a_gateway_that_is_away_costs_one_turn_only(app, gateway, clock):
    gateway.is_down = True

    done = make_scheduler(app, "one").tick()

    assert done == [chore.name for chore in CHORES]


def test_a_process_that_falls_silent_is_named(app, clock):
    with transaction():
        for name in heartbeats.EXPECTED:
            heartbeats.beat(name=name, now=clock())
    assert heartbeats.list_silent(now=clock()) == []

    clock.advance(seconds=20)
    with transaction():
        heartbeats.beat(name=heartbeats.SCHEDULER, now=clock())

    assert heartbeats.list_silent(now=clock()) == ["worker:mail", "worker:orders"]


def test_a_chore_that_fails_does_not_keep_the_others_from_being_done(app, gateway, caplog):
    def fail(**_since: object) -> None:
        raise RuntimeError("guest@example.com")

    gateway.list_undelivered_notices = fail

    done = make_scheduler(app, "one").tick()

    assert done == [chore.name for chore in CHORES]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "chore failed"
    ]
    assert "guest@example.com" not in caplog.text
