"""Holds: all or nothing, never more than there is, free again the moment they lapse."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories import make_checkout, make_event, make_pool, make_tier
from tests.purchases import counters
from webapp.database import db
from webapp.domain import checkout_closing, checkouts, offers, stock
from webapp.domain.baskets import BasketLine
from webapp.errors import (
    InsufficientInventory,
    SalesClosed,
)
from webapp.models import CheckoutStatus, EventStatus
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


def test_basket_holds_its_places_until_the_events_own_deadline(clock):
    event = make_event(hold_seconds=600)
    pool = make_pool(event, capacity=10)
    checkout = make_checkout((make_tier(event, pools=[pool]), 3))

    assert checkout.expires_at == clock() + timedelta(minutes=10)
    assert counters(pool) == (3, 0)


def test_pass_takes_a_place_of_every_day():
    event = make_event()
    days = [make_pool(event, capacity=10) for _ in range(3)]
    festival, friday = make_tier(event, pools=days), make_tier(event, pools=days[:1])

    make_checkout((festival, 2), (friday, 1))

    assert [counters(day)[0] for day in days] == [3, 2, 2]


def test_basket_is_held_whole_or_not_at_all():
    event = make_event()
    plenty, scarce = make_pool(event, capacity=10), make_pool(event, capacity=1)
    first, second = make_tier(event, pools=[plenty]), make_tier(event, pools=[scarce])

    with pytest.raises(InsufficientInventory) as refusal:
        make_checkout((first, 2), (second, 2))

    assert [(s.tier_id, s.requested, s.available) for s in refusal.value.shortages] == [
        (second.id, 2, 1)
    ]
    assert (counters(plenty), counters(scarce)) == ((0, 0), (0, 0))


def test_tiers_that_share_a_scarce_pool_are_all_named():
    event = make_event()
    pool = make_pool(event, capacity=3)
    first, second = make_tier(event, pools=[pool]), make_tier(event, pools=[pool])

    with pytest.raises(InsufficientInventory) as refusal:
        make_checkout((first, 2), (second, 2))

    assert [(s.tier_id, s.available) for s in refusal.value.shortages] == [
        (first.id, 1),
        (second.id, 1),
    ]


def test_lapsed_hold_is_free_for_the_next_buyer_without_a_sweep(clock):
    event = make_event()
    pool = make_pool(event, capacity=2)
    tier = make_tier(event, pools=[pool])
    make_checkout((tier, 2))
    clock.advance(minutes=15)

    assert offers.count_free_places(event_ids=[event.id], now=clock()) == {pool.id: 2}
    make_checkout((tier, 2), now=clock())

    assert counters(pool) == (2, 0)
    assert stock.count_mismatches() == []


def test_hold_stands_until_its_last_second(clock):
    tier = make_tier(make_event(), capacity=1)
    make_checkout((tier, 1))
    clock.advance(minutes=14, seconds=59)

    with pytest.raises(InsufficientInventory):
        make_checkout((tier, 1), now=clock())


def test_changed_basket_does_not_compete_with_its_own_hold(clock):
    event = make_event()
    pool = make_pool(event, capacity=4)
    tier = make_tier(event, pools=[pool])
    checkout = make_checkout((tier, 3))

    with transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 4)], now=clock()
        )

    assert counters(pool) == (4, 0)


def test_refused_change_keeps_the_old_basket(clock):
    event = make_event()
    pool = make_pool(event, capacity=4)
    tier = make_tier(event, pools=[pool])
    make_checkout((tier, 2))
    checkout = make_checkout((tier, 1))

    with pytest.raises(InsufficientInventory) as refusal, transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 3)], now=clock()
        )

    assert refusal.value.shortages[0].available == 2
    kept = checkouts.get_checkout(reference=checkout.reference)
    assert [(item.quantity) for item in kept.items] == [1]
    assert counters(pool) == (3, 0)


def test_basket_may_move_to_other_pools_and_back(clock):
    event = make_event()
    friday, saturday = make_pool(event), make_pool(event)
    one, other = make_tier(event, pools=[friday]), make_tier(event, pools=[saturday])
    checkout = make_checkout((one, 2))

    for tier in (other, one, other):
        with transaction():
            checkouts.change_items(
                reference=checkout.reference, lines=[BasketLine(tier.id, 1)], now=clock()
            )

    assert (counters(friday), counters(saturday)) == ((0, 0), (1, 0))
    assert stock.count_mismatches() == []


def test_cancelled_checkout_gives_its_places_back_once(clock):
    event = make_event()
    pool = make_pool(event, capacity=5)
    checkout = make_checkout((make_tier(event, pools=[pool]), 5))

    for _ in range(2):
        with transaction():
            checkout_closing.cancel_checkout(
                reference=checkout.reference, actor="buyer", now=clock(), trace_id="t"
            )

    assert counters(pool) == (0, 0)


def test_sweep_closes_what_lapsed_and_leaves_the_rest(clock):
    event = make_event()
    pool = make_pool(event, capacity=9)
    tier = make_tier(event, pools=[pool])
    lapsed = make_checkout((tier, 4))
    clock.advance(minutes=10)
    standing = make_checkout((tier, 3), now=clock())
    clock.advance(minutes=6)

    with transaction():
        count = checkout_closing.expire_lapsed(now=clock(), limit=10)

    assert count == 1
    assert counters(pool) == (3, 0)
    statuses = [checkouts.get_checkout(reference=c.reference).status for c in (lapsed, standing)]
    assert statuses == [CheckoutStatus.EXPIRED, CheckoutStatus.PENDING]


def test_database_itself_refuses_to_oversell():
    event = make_event()
    pool = make_pool(event, capacity=1)
    pool.sold = 2

    with pytest.raises(Exception, match="pools_not_oversold_check"):
        db.session.commit()
    db.session.rollback()


def test_two_events_never_share_a_prefix():
    make_event(order_prefix="ONE")

    with pytest.raises(IntegrityError, match="order_prefix"):
        make_event(order_prefix="ONE")
    db.session.rollback()


@pytest.mark.parametrize("state", ["over", "cancelled"])
def test_nothing_is_sold_of_an_event_that_is_over_or_called_off(clock, state):
    tier = make_tier(make_event())
    if state == "over":
        clock.now = tier.event.ends_at
    else:
        tier.event.status = EventStatus.CANCELLED
        db.session.commit()

    with pytest.raises(SalesClosed):
        make_checkout((tier, 1), now=clock())
