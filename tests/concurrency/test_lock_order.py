"""Pools are locked in id order on every path: two baskets never wait for each other in a circle."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from tests.concurrency.crowd import call_at_once
from tests.factories import NOW, make_checkout, make_event, make_pool, make_tier
from tests.issued import make_order
from webapp.database import db
from webapp.domain import add_ons, checkouts, holds, stock
from webapp.domain.baskets import BasketLine
from webapp.domain.checkout_closing import cancel_checkout, expire_lapsed, retry_checkout
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import NO_CAPS
from webapp.models import Event, Pool, TierKind
from webapp.transaction import transaction

ROUNDS = 2
LOCKS_A_POOL = re.compile(r"UPDATE pools |FROM pools\s+WHERE .* FOR (NO KEY )?UPDATE", re.DOTALL)


@contextmanager
def pool_locks() -> Iterator[list[int]]:
    """The ids of the pools that are locked inside, in the order of their first lock."""
    locked: list[int] = []

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if LOCKS_A_POOL.search(statement):
            names = [name for name in parameters if name == "pool_id" or name.startswith("id_")]
            assert names, f"which pool is that? {statement}"
            if (pool_id := parameters[names[0]]) not in locked:
                locked.append(pool_id)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield locked
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def pools(app) -> list[Pool]:
    event = make_event()
    return [make_pool(event, capacity=4) for _ in range(4)]


@pytest.fixture
def tiers(pools):
    """One tier a pool, and one that takes a place of every pool; sold in falling pool order."""
    event = db.session.get_one(Event, pools[0].event_id)
    singles = [
        make_tier(event, pools=[pool], sort_index=99 - number) for number, pool in enumerate(pools)
    ]
    return [*singles, make_tier(event, pools=reversed(pools), sort_index=0)]


def test_placing_changing_and_giving_back_lock_pools_in_id_order(tiers, pools, clock):
    ids = [pool.id for pool in pools]
    backwards = [(tier, 1) for tier in reversed(tiers)]

    with pool_locks() as placed:
        checkout = make_checkout(*backwards)
    with pool_locks() as changed, transaction():
        lines = [BasketLine(tier.id, 3) for tier in tiers[3::-1]]
        checkouts.change_items(reference=checkout.reference, lines=lines, now=clock(), caps=NO_CAPS)
    with pool_locks() as given_back, transaction():
        cancel_checkout(reference=checkout.reference, actor="buyer", now=clock(), trace_id="t")

    assert [placed, changed, given_back] == [ids, ids, ids]


def test_a_sweep_over_several_checkouts_locks_pools_in_id_order(tiers, pools, clock):
    for tier in tiers[3::-1]:
        make_checkout((tier, 1))
    clock.advance(hours=1)

    with pool_locks() as swept, transaction():
        expire_lapsed(now=clock(), limit=10)

    assert swept == [pool.id for pool in pools]


def test_selling_after_one_place_was_lost_to_another_locks_pools_in_id_order(tiers, pools, clock):
    late = make_checkout((tiers[0], 1), (tiers[3], 1))
    clock.advance(hours=1)
    with transaction():
        stock.release_lapsed_holds(pool_id=pools[3].id, now=clock())

    with pool_locks() as sold, transaction():
        checkout = checkouts.lock_checkout(reference=late.reference)
        holds.sell_holds(checkout=checkout, now=clock())

    assert sold == [pools[0].id, pools[3].id]


def test_a_checkout_that_follows_another_one_waits_for_its_order_before_any_pool(app, clock):
    first = make_order(clock)
    lapsed = make_checkout((make_tier(first.event, kind=TierKind.ADD_ON), 1))
    with transaction():
        add_ons.link_checkout(checkout_id=lapsed.id, order_id=first.id)
    clock.advance(days=1)
    origin = Origin(client_key="client", trace_id="0" * 32)
    locked_before: list[list[int]] = []

    with pool_locks() as locked, transaction():

        def note(_connection, _cursor, statement, _parameters, _context, _many) -> None:
            if "INSERT INTO add_on_checkouts" in statement:
                locked_before.append([*locked])

        sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
        try:
            retry_checkout(reference=lapsed.reference, origin=origin, caps=NO_CAPS, now=clock())
        finally:
            sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)

    assert locked_before == [[]]
    assert len(locked) == 1


def change_held_unsorted(changes: dict[int, int]) -> None:
    """The negative control: :func:`stock.change_held` without its ``sorted``."""
    for pool_id, delta in changes.items():
        assert stock._add_held(pool_id, delta)


def change_held_sorted(changes: dict[int, int]) -> None:
    stock.change_held(changes, now=NOW)


def hold_and_give_back(crowd, pools, change_held):
    """Every order in which a basket can name two of four pools, by four callers at once."""
    baskets = list(itertools.permutations([pool.id for pool in pools], 2)) * ROUNDS

    def take_and_return(pool_ids: tuple[int, ...]) -> None:
        with transaction():
            change_held(dict.fromkeys(pool_ids, 1))
            stock.give_back_held(dict.fromkeys(pool_ids, 1))

    calls = [lambda ids=pool_ids: take_and_return(ids) for pool_ids in baskets]
    return call_at_once(crowd, calls, threads=4)


def test_shuffled_baskets_never_deadlock(crowd, pools):
    db.session.execute(text("UPDATE pools SET capacity = 1000"))
    db.session.commit()

    outcomes = hold_and_give_back(crowd, pools, change_held_sorted)

    assert outcomes.refusals == []


def test_control_two_baskets_in_opposite_order_deadlock(crowd, pools):
    first, last = pools[0].id, pools[3].id
    halfway = Barrier(2, timeout=30)

    def take(*pool_ids: int) -> None:
        with transaction():
            change_held_unsorted({pool_ids[0]: 1})
            halfway.wait()
            change_held_unsorted({pool_ids[1]: 1})

    outcomes = call_at_once(crowd, [lambda: take(first, last), lambda: take(last, first)])

    assert outcomes.deadlocks == 1


def test_control_shuffled_baskets_deadlock_when_taken_unsorted(crowd, pools):
    db.session.execute(text("UPDATE pools SET capacity = 1000"))
    db.session.commit()

    # On a machine with other work four callers may pass one another by chance.
    deadlocks = (
        hold_and_give_back(crowd, pools, change_held_unsorted).deadlocks for _ in range(20)
    )
    assert any(deadlocks)
