"""The price that was shown with a hold stands as long as the hold; afterwards today's counts."""

import pytest

from tests.factories import make_checkout, make_event, make_tier
from tests.purchases import LINKS, find_order
from webapp.database import db
from webapp.domain import checkout_closing, checkouts
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import NO_CAPS
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import OrderStatus, Tier
from webapp.transaction import transaction

HELD, RAISED, LOWERED = 3000, 5000, 1000
# 3000 and 5000 with the fees of an order: 6.6 % and 2.19.
ALL_IN = {HELD: 3417, RAISED: 5549, LOWERED: 1285}


@pytest.fixture
def tier(app):
    return make_tier(make_event(), price_cents=HELD)


def set_price(tier, price_cents: int) -> None:
    with transaction():
        db.session.get_one(Tier, tier.id).price_cents = price_cents


@pytest.mark.parametrize("price_cents", [RAISED, LOWERED])
def test_held_price_is_paid_although_the_tiers_price_changes(tier, ports, gateway, price_cents):
    checkout = make_checkout((tier, 1))
    set_price(tier, price_cents)

    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1")
    order = find_order(start.order_number)
    sync_order_payment(order_id=order.id, ports=ports)

    order = find_order(start.order_number)
    assert gateway.sessions["cs_test_1"].amount_cents == ALL_IN[HELD]
    assert (order.status, order.total_cents) == (OrderStatus.PAID, ALL_IN[HELD])
    assert order.items[0].unit_price_cents == HELD


def test_more_time_keeps_the_held_price(tier, clock):
    checkout = make_checkout((tier, 1))
    set_price(tier, RAISED)

    with transaction():
        extended = checkouts.extend_hold(reference=checkout.reference, now=clock())

    assert extended.total_cents == ALL_IN[HELD]


def test_basket_that_is_changed_has_the_price_of_the_day(tier, clock):
    checkout = make_checkout((tier, 2))
    set_price(tier, RAISED)

    with transaction():
        changed = checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )

    assert changed.total_cents == ALL_IN[RAISED]


def test_hold_that_ran_out_is_taken_up_again_at_the_price_of_the_day(tier, clock):
    checkout = make_checkout((tier, 1))
    set_price(tier, LOWERED)
    clock.advance(minutes=15)

    with transaction():
        again = checkout_closing.retry_checkout(
            reference=checkout.reference,
            origin=Origin(client_key="client", trace_id="t"),
            caps=NO_CAPS,
            now=clock(),
        )

    assert again.total_cents == ALL_IN[LOWERED]
