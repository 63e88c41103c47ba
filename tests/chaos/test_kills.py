"""A process killed at any point of a purchase: a fresh one finishes, and nothing happens twice."""

import os
from itertools import count

import pytest

from tests.concurrency.invariants import broken_rules
from tests.factories import make_event, make_pool, make_tier
from webapp import failpoints
from webapp.clock import utc_now
from webapp.database import db
from webapp.domain.verification import verify_order
from webapp.models import Checkout, Order, OrderStatus, Outbox, OutboxStatus, Payment, Refund

# Every second commit each, and in the night every one.
STRIDE = 1 if os.environ.get("YARDPASS_PROPERTIES") == "nightly" else 2
COMMITS = ["transaction.before_commit", "transaction.after_commit"]


@pytest.fixture
def shop(app):
    """What is sold: an event of today with a pool that has room for many."""
    event = make_event(now=utc_now())
    pool = make_pool(event, capacity=1000)
    tier = make_tier(event, pools=[pool])
    return {"slug": event.slug, "tier_id": tier.id}


def order_of(reference: str) -> Order:
    db.session.rollback()
    db.session.expire_all()
    query = db.select(Order).join(Checkout).where(Checkout.reference == reference)
    return db.session.scalars(query).one()


def faults_of(number: str) -> list[str]:
    return [str(point) for point in verify_order(number=number) if not point.is_ok]


def unfinished_work() -> list[tuple[str, str]]:
    rows = db.session.query(Outbox).filter(Outbox.status != OutboxStatus.DONE)
    return [(row.kind, row.last_error) for row in rows]


def start_paid(mortal, sandbox, shop) -> str:
    """A checkout whose buyer has paid; nobody here has heard of it."""
    # Notices of earlier purchases would be fetched again, and every fetch is a commit.
    sandbox.forget()
    reference = mortal.finish("hold", later_s=0, **shop)
    sandbox.pay(mortal.finish("pay", later_s=0, reference=reference))
    return reference


def assert_whole(reference: str, sandbox) -> None:
    order = order_of(reference)
    assert order.status is OrderStatus.PAID
    assert faults_of(order.number) == []
    assert len(sandbox.mails(order.number)) == 1
    assert unfinished_work() == []
    assert broken_rules() == []


@pytest.mark.parametrize("point", COMMITS)
def test_fulfilment_killed_at_any_commit_is_finished_by_the_next_worker(
    mortal, sandbox, shop, point
):
    for turn in count(1 + COMMITS.index(point) % STRIDE, STRIDE):
        reference = start_paid(mortal, sandbox, shop)
        is_alive, _ = mortal.do("work", failpoint=f"{point}:{turn}")
        mortal.finish()
        assert_whole(reference, sandbox)
        if is_alive:
            break
    # Notice, claim, look, apply, processed, finished; tickets; mail: many places to die.
    assert turn > 12


def test_mail_killed_after_the_provider_took_it_is_one_mail(mortal, sandbox, shop):
    reference = start_paid(mortal, sandbox, shop)

    is_alive, _ = mortal.do("work", failpoint="mail.after_send")
    assert not is_alive
    assert len(sandbox.mails(order_of(reference).number)) == 1
    mortal.finish()

    assert_whole(reference, sandbox)


@pytest.mark.parametrize("point", [*COMMITS, "session.after_create"])
def test_going_to_pay_killed_anywhere_opens_one_session_at_the_next_click(
    mortal, sandbox, shop, point
):
    for turn in count(1):
        reference = mortal.finish("hold", later_s=0, **shop)
        is_alive, _ = mortal.do("pay", failpoint=f"{point}:{turn}", reference=reference)
        session_id = mortal.finish("pay", later_s=0, reference=reference)

        assert db.session.query(Payment).filter_by(session_id=session_id).count() == 1
        assert db.session.query(Payment).count() == db.session.query(Order).count() == turn
        sandbox.pay(session_id)
        mortal.finish()
        assert_whole(reference, sandbox)
        if is_alive:
            break
    assert turn > 1


@pytest.mark.parametrize("point", COMMITS)
def test_hold_killed_at_its_commit_is_there_whole_or_not_at_all(mortal, shop, point):
    is_alive, _ = mortal.do("hold", failpoint=point, **shop)

    assert not is_alive
    assert db.session.query(Checkout).count() == (point == "transaction.after_commit")
    assert broken_rules() == []


@pytest.mark.parametrize("point", [*COMMITS, "refund.after_call"])
def test_refund_killed_anywhere_gives_the_money_back_once(mortal, sandbox, shop, point):
    for turn in count(1, STRIDE if point in COMMITS else 1):
        set_capacity(1000)
        reference = start_paid(mortal, sandbox, shop)
        lose_the_seats(reference)
        is_alive, _ = mortal.do("work", failpoint=f"{point}:{turn}")
        mortal.finish()
        mortal.finish(later_s=2 * 3600)

        order = order_of(reference)
        (refund,) = db.session.query(Refund).filter_by(order_id=order.id)
        assert (order.status, refund.amount_cents) == (OrderStatus.REFUNDED, order.total_cents)
        assert len(sandbox.mails(order.number)) == 1
        ledger = sandbox.get("ledger")
        assert ledger["captured"] == ledger["refunded"] == order.total_cents
        assert unfinished_work() == []
        assert broken_rules() == []
        if is_alive:
            break
    assert turn > 1


def set_capacity(capacity: int) -> None:
    db.session.rollback()
    db.session.execute(db.text("UPDATE pools SET capacity = :capacity"), {"capacity": capacity})
    db.session.commit()


def lose_the_seats(reference: str) -> None:
    """The hold was lost while the buyer paid, and the pool is full by now."""
    db.session.rollback()
    checkout = db.session.query(Checkout).filter_by(reference=reference).one()
    release = "UPDATE holds SET status = 'released' WHERE checkout_id = :id"
    db.session.execute(db.text(release), {"id": checkout.id})
    db.session.execute(db.text("UPDATE pools SET held = 0"))
    db.session.commit()
    set_capacity(0)


def test_a_failpoint_that_nobody_named_is_our_bug():
    with pytest.raises(KeyError):
        failpoints.reach("somewhere")


def test_production_never_dies_at_a_failpoint(monkeypatch):
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv(failpoints.ARMED_BY, "mail.after_send")

    failpoints.reach("mail.after_send")
