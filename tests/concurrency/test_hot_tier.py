"""Everybody wants the same few places: each is held once, and nobody else is lied to."""

import itertools
from functools import partial
from threading import Barrier

from psycopg.errors import CheckViolation
from sqlalchemy import update

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_event, make_pool, make_tier
from webapp.database import db
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import InsufficientInventory
from webapp.models import Pool
from webapp.transaction import transaction

ORIGIN = Origin(client_key="crowd", trace_id="0" * 32)


def buy(slug: str, *tier_ids: int, now=NOW) -> str:
    with transaction():
        return open_checkout(
            event_slug=slug,
            lines=[BasketLine(tier_id, 1) for tier_id in tier_ids],
            contact=Contact(email="guest@example.com"),
            origin=ORIGIN,
            caps=NO_CAPS,
            now=now,
        ).reference


def counters(pool_id: int) -> tuple[int, int]:
    db.session.rollback()
    pool = db.session.get_one(Pool, pool_id, populate_existing=True)
    return pool.held, pool.sold


def test_two_hundred_places_go_to_two_hundred_of_six_hundred_buyers(crowd):
    event = make_event()
    pool = make_pool(event, capacity=200)
    tier = make_tier(event, pools=[pool])
    slug, tier_id = event.slug, tier.id

    outcomes = call_at_once(crowd, [partial(buy, slug, tier_id)] * 600, threads=64)

    assert len(outcomes.answers) == 200
    assert outcomes.refusal_kinds() == {InsufficientInventory.__name__}
    assert len(outcomes.refusals) == 400
    assert counters(pool.id) == (200, 0)
    assert broken_rules() == []


def test_the_last_ticket_goes_to_exactly_one_of_fifty(crowd):
    event = make_event()
    slug = event.slug
    for _ in range(6):
        pool = make_pool(event, capacity=1)
        tier_id = make_tier(event, pools=[pool]).id

        outcomes = call_at_once(crowd, [partial(buy, slug, tier_id)] * 50)

        assert len(outcomes.answers) == 1
        assert outcomes.refusal_kinds() == {InsufficientInventory.__name__}
        assert counters(pool.id) == (1, 0)
    assert broken_rules() == []


def test_a_lapsed_last_ticket_goes_to_exactly_one_of_fifty(crowd, clock):
    event = make_event()
    pool = make_pool(event, capacity=1)
    slug, tier_id = event.slug, make_tier(event, pools=[pool]).id
    for _ in range(4):
        outcomes = call_at_once(crowd, [partial(buy, slug, tier_id, now=clock())] * 50)

        assert len(outcomes.answers) == 1
        assert outcomes.refusal_kinds() == {InsufficientInventory.__name__}
        clock.advance(hours=1)
    assert counters(pool.id) == (1, 0)
    assert broken_rules() == []


def test_crossing_baskets_of_scarce_pools_never_deadlock(crowd):
    event = make_event()
    pools = [make_pool(event, capacity=20) for _ in range(3)]
    tiers = [make_tier(event, pools=[pool]).id for pool in pools]
    tiers.append(make_tier(event, pools=pools).id)
    slug, baskets = event.slug, list(itertools.permutations(tiers, 2)) * 10

    outcomes = call_at_once(crowd, [partial(buy, slug, *basket) for basket in baskets], threads=16)

    assert outcomes.refusal_kinds() == {InsufficientInventory.__name__}
    assert broken_rules() == []


def look_then_take(pool_id: int, everybody: Barrier) -> None:
    """The negative control: the guard of the UPDATE is a look beforehand."""
    with transaction():
        pool = db.session.get_one(Pool, pool_id)
        everybody.wait()
        if pool.held + pool.sold + 1 > pool.capacity:
            raise InsufficientInventory([])
        db.session.execute(update(Pool).where(Pool.id == pool_id).values(held=Pool.held + 1))


def test_control_looking_before_taking_oversells_without_the_databases_own_check(app, unguarded):
    pool = make_pool(make_event(), capacity=1)
    crowd, everybody = unguarded("pools"), Barrier(50, timeout=30)

    outcomes = call_at_once(crowd, [partial(look_then_take, pool.id, everybody)] * 50)

    assert len(outcomes.answers) == 50
    with crowd.app_context():
        assert counters(pool.id) == (50, 0)


def test_control_looking_before_taking_is_stopped_by_the_databases_own_check(crowd):
    pool = make_pool(make_event(), capacity=1)
    everybody = Barrier(50, timeout=30)

    outcomes = call_at_once(crowd, [partial(look_then_take, pool.id, everybody)] * 50)

    assert len(outcomes.answers) == 1
    assert {type(fault.orig) for fault in outcomes.refusals} == {CheckViolation}
    assert counters(pool.id) == (1, 0)
