"""Counters that differ from their rows are an alarm, and nobody puts them right in silence."""

import logging

import pytest
from sqlalchemy import text

from tests.factories import make_checkout, make_code, make_event, make_pool, make_tier
from tests.flows.outcomes import sync
from webapp.database import db
from webapp.domain import code_uses, stock
from webapp.flows.counter_checks import check_counters
from webapp.models import Code, Pool
from webapp.observability.ledger import render_ledger_metrics

ALARM = "counters differ from their rows"


@pytest.fixture
def sold(app, checkout, gateway, buyer, ports) -> Pool:
    """A pool with two places sold and one held, beside one that nobody wants."""
    make_pool(make_event())
    gateway.pay(buyer.session_of(checkout))
    sync(checkout, ports)
    tier = checkout.items[0].tier
    make_checkout((tier, 1))
    return tier.pools[0]


def spoil(pool: Pool, **counters: int) -> None:
    db.session.execute(db.update(Pool).where(Pool.id == pool.id).values(**counters))
    db.session.commit()


def metrics(clock) -> dict[str, float]:
    lines = render_ledger_metrics(now=clock()).decode().splitlines()
    pairs = [line.split(" ") for line in lines if line.startswith("counters_")]
    return {name: float(value) for name, value in pairs}


def test_nothing_is_wrong_while_every_counter_is_the_sum_of_its_rows(sold, ports, clock, caplog):
    with caplog.at_level(logging.ERROR):
        counts = check_counters(ports=ports)

    assert counts == {"pools_miscounted": 0, "codes_miscounted": 0}
    assert ALARM not in caplog.messages
    assert metrics(clock) == {
        'counters_miscounted{counters="codes"}': 0,
        'counters_miscounted{counters="pools"}': 0,
        'counters_checked_timestamp_seconds{counters="codes"}': clock().timestamp(),
        'counters_checked_timestamp_seconds{counters="pools"}': clock().timestamp(),
    }


@pytest.mark.parametrize("wrong", [{"held": 0}, {"held": 2}, {"sold": 1}, {"sold": 3}])
def test_pool_that_counts_wrong_is_named_in_the_log_and_left_as_it_is(
    sold, ports, clock, caplog, wrong
):
    spoil(sold, **wrong)

    with caplog.at_level(logging.ERROR):
        counts = check_counters(ports=ports)

    (record,) = [r for r in caplog.records if r.message == ALARM]
    assert (record.counters, record.ids, counts["pools_miscounted"]) == ("pools", [sold.id], 1)
    assert metrics(clock)['counters_miscounted{counters="pools"}'] == 1
    db.session.refresh(sold)
    assert {name: getattr(sold, name) for name in wrong} == wrong


def test_alarm_ends_when_the_counter_is_right_again(sold, ports, clock):
    spoil(sold, sold=3)
    check_counters(ports=ports)
    spoil(sold, sold=2)

    check_counters(ports=ports)

    assert metrics(clock)['counters_miscounted{counters="pools"}'] == 0


def test_code_that_counts_wrong_is_found(app):
    event = make_event()
    code, other = make_code(event), make_code(event)
    make_checkout((make_tier(event), 1), code=code)
    assert code_uses.count_mismatches() == []
    db.session.execute(db.update(Code).values(held=1))
    db.session.commit()

    assert code_uses.count_mismatches() == [other.id]


def test_counters_are_compared_while_others_have_every_row_locked(sold):
    db.session.rollback()
    with db.engine.connect() as another:
        # Lets nobody lock a row; reading goes on.
        another.execute(text("LOCK TABLE pools, holds, codes, checkouts IN EXCLUSIVE MODE"))
        db.session.execute(text("SET LOCAL lock_timeout = '1s'"))

        assert (stock.count_mismatches(), code_uses.count_mismatches()) == ([], [])
    db.session.rollback()
