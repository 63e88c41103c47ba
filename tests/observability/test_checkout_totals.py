"""Checkouts that came to nothing, for Prometheus: how far, how long, and never one less."""

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.issued import TRACE, make_order
from webapp.database import db
from webapp.domain import checkout_closing, orders, presence
from webapp.models import Checkout, CheckoutStatus, CheckoutStep, OrderStatus
from webapp.observability.ledger import render_ledger_metrics
from webapp.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def tier(app):
    return make_tier(make_event())


def abandoned(*, now=NOW) -> dict[str, float]:
    """By step, of browsers on a desk."""
    page = render_ledger_metrics(now=now).decode()
    line = r'^checkout_session_abandoned_total\{device="web",flow="guest",reached="(\w+)"\} (\S+)$'
    return {step: float(count) for step, count in re.findall(line, page, re.MULTILINE)}


def cancel(checkout: Checkout) -> None:
    with transaction():
        checkout_closing.cancel_checkout(
            reference=checkout.reference, actor="buyer", now=NOW, trace_id=TRACE
        )


def run_out(*, now) -> None:
    with transaction():
        checkout_closing.expire_lapsed(now=now, limit=100)


def stay(checkout: Checkout, *, seconds: int) -> None:
    with transaction():
        presence.note_presence(
            reference=checkout.reference, now=checkout.created_at + timedelta(seconds=seconds)
        )


def test_given_up_checkouts_are_counted_by_the_farthest_step(tier, clock):
    cancel(make_checkout((tier, 1), email=""))
    cancel(make_checkout((tier, 1)))
    make_checkout((tier, 1))
    make_order(clock, OrderStatus.PENDING).checkout.reached = CheckoutStep.PAYMENT
    db.session.commit()
    run_out(now=NOW + DAY)

    assert abandoned(now=NOW + DAY) == {"opened": 1, "contact": 2, "payment": 1}


def test_nothing_given_up_is_a_zero_of_every_step(app):
    assert abandoned() == {"opened": 0, "contact": 0, "payment": 0}


def test_checkout_that_may_be_taken_up_again_is_not_given_up(tier):
    checkout = make_checkout((tier, 1), email="")
    run_out(now=checkout.expires_at)

    counts = [
        abandoned(now=moment)["opened"]
        for moment in (checkout.hold_limit_at, checkout.hold_limit_at + timedelta(minutes=1))
    ]

    assert counts == [0, 1]


def test_late_money_takes_nothing_from_the_count(clock, app):
    order = make_order(clock, OrderStatus.EXPIRED)
    order.checkout.status = CheckoutStatus.EXPIRED
    db.session.commit()
    before = abandoned(now=NOW + DAY)

    with transaction():
        orders.move_order(order, OrderStatus.PAID, actor="gateway", now=NOW, trace_id=TRACE)
        order.checkout.status = CheckoutStatus.CONVERTED

    assert before["contact"] == 1
    assert abandoned(now=NOW + DAY) == before


def test_time_until_the_last_look_is_a_histogram_of_those_who_gave_up(tier):
    unseen, short, long, buying = (make_checkout((tier, 1)) for _ in range(4))
    stay(short, seconds=25)
    stay(long, seconds=400)
    stay(buying, seconds=30)
    for checkout in (unseen, short, long):
        cancel(checkout)

    lines = render_ledger_metrics(now=NOW).decode().splitlines()

    labels = 'device="web",flow="guest"'
    figures = dict(line.rsplit(" ", 1) for line in lines if line.startswith("checkout_abandoned_s"))
    buckets = [
        figures[f'checkout_abandoned_seconds_bucket{{{labels},le="{end}"}}']
        for end in ("10.0", "30.0", "300.0", "600.0", "+Inf")
    ]
    assert buckets == ["0.0", "1.0", "1.0", "2.0", "2.0"]
    assert figures[f"checkout_abandoned_seconds_sum{{{labels}}}"] == "425.0"
