"""A page in view is noted, and neither the hold nor a purchase ever feels it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text, update

from tests.factories import NOW, make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import checkouts
from webapp.domain.presence import note_presence
from webapp.models import Checkout, CheckoutStatus, Presence
from webapp.transaction import transaction

# A row's version changes with every write to it, whatever was written.
VERSIONS = text(
    "SELECT 'checkout', id, xmin::text FROM checkouts UNION ALL"
    " SELECT 'hold', id, xmin::text FROM holds UNION ALL SELECT 'pool', id, xmin::text FROM pools"
)
# What a purchase begins with, for one who would not wait.
LOCK_AT_ONCE = text("SELECT id FROM checkouts FOR UPDATE NOWAIT")


@pytest.fixture
def checkout(app) -> Checkout:
    return make_checkout((make_tier(make_event()), 2))


def beat(checkout: Checkout, *, seconds: int) -> None:
    with transaction():
        note_presence(reference=checkout.reference, now=NOW + timedelta(seconds=seconds))


def seen_at() -> datetime | None:
    db.session.rollback()
    return db.session.scalar(db.select(Presence.seen_at))


def test_beat_moves_the_moment_forward_and_never_back(checkout):
    seen = []
    for seconds in (5, 14, 15, 40, 20, 40):
        beat(checkout, seconds=seconds)
        seen.append(seen_at() - NOW)

    assert [moment.seconds for moment in seen] == [5, 5, 15, 40, 40, 40]


def test_beat_writes_neither_the_checkout_nor_its_hold_nor_a_pool(checkout):
    before = sorted(db.session.execute(VERSIONS))

    beat(checkout, seconds=20)
    beat(checkout, seconds=40)

    assert seen_at() is not None
    assert sorted(db.session.execute(VERSIONS)) == before


def test_beat_waits_for_no_purchase(checkout):
    with db.engine.connect() as purchase:
        purchase.execute(LOCK_AT_ONCE)

        with transaction():
            db.session.execute(text("SET LOCAL lock_timeout = '1ms'"))
            note_presence(reference=checkout.reference, now=NOW)

    assert seen_at() == NOW


def test_purchase_waits_for_no_beat(checkout):
    note_presence(reference=checkout.reference, now=NOW)

    with db.engine.connect() as purchase:
        locked = purchase.execute(LOCK_AT_ONCE).all()

    assert len(locked) == 1


@pytest.mark.parametrize("status", sorted(set(CheckoutStatus) - {CheckoutStatus.PENDING}))
def test_checkout_that_is_over_keeps_the_moment_it_had(checkout, status):
    beat(checkout, seconds=5)
    db.session.execute(update(Checkout).values(status=status))
    db.session.commit()

    beat(checkout, seconds=60)

    assert seen_at() == NOW + timedelta(seconds=5)


def test_hold_that_ran_out_is_not_taken_up_again_by_a_look(checkout):
    late = checkout.expires_at + timedelta(seconds=1)

    with transaction():
        note_presence(reference=checkout.reference, now=late)

    assert not checkouts.get_checkout(reference=checkout.reference).is_open(now=late)


def test_unknown_checkout_is_nothing(app):
    with transaction():
        note_presence(reference="0" * 20, now=NOW)

    assert seen_at() is None
