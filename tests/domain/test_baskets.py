"""Baskets: checked and merged by the server before anything is held."""

from datetime import timedelta

import pytest

from tests.factories import make_checkout, make_donation, make_event, make_pool, make_tier
from tests.purchases import counters
from webapp.domain import checkouts
from webapp.domain.baskets import BasketLine, quote_basket
from webapp.errors import (
    InvalidRequest,
)
from webapp.transaction import transaction
from webapp.wording import Amount

pytestmark = pytest.mark.usefixtures("app")


def test_lines_of_the_same_tier_are_one_wish():
    event = make_event()
    pool = make_pool(event, capacity=5)
    tier = make_tier(event, pools=[pool], max_per_order=5)

    checkout = make_checkout((tier, 2), (tier, 3))

    assert [(item.tier_id, item.quantity) for item in checkout.items] == [(tier.id, 5)]
    assert counters(pool) == (5, 0)


def test_merged_lines_cannot_get_past_the_limit_of_an_order():
    tier = make_tier(make_event(), max_per_order=4)

    with pytest.raises(InvalidRequest):
        make_checkout((tier, 2), (tier, 3))


@pytest.mark.parametrize(
    ("amounts", "total_cents"),
    [((100, 10_000), 10_100), ((500, 500, 500), 1500), ((None, 200), 1200), ((200, None), 1200)],
)
def test_gifts_of_two_amounts_are_one_gift_of_their_sum(clock, amounts, total_cents):
    donation = make_donation(make_event(), price_cents=1000, max_per_order=5)
    lines = [BasketLine(donation.id, 1, amount_cents=cents) for cents in amounts]

    quote = quote_basket(slug=donation.event.slug, lines=lines, now=clock())

    assert quote.total_cents == total_cents


def test_two_gifts_cannot_get_past_the_most_of_one(clock):
    donation = make_donation(make_event(), max_cents=1000)
    lines = [BasketLine(donation.id, 1, amount_cents=cents) for cents in (1000, 999)]

    with pytest.raises(InvalidRequest):
        quote_basket(slug=donation.event.slug, lines=lines, now=clock())


@pytest.mark.parametrize("cents", [(100, None), (None, 100)])
def test_price_that_is_named_for_a_ticket_is_refused_on_either_line(clock, cents):
    tier = make_tier(make_event())
    lines = [BasketLine(tier.id, 1, amount_cents=amount) for amount in cents]

    with pytest.raises(InvalidRequest):
        quote_basket(slug=tier.event.slug, lines=lines, now=clock())


@pytest.mark.parametrize("quantity", [0, -1, 11, 10**9])
def test_quantity_outside_the_limits_is_refused_at_its_line(quantity):
    tier = make_tier(make_event(), max_per_order=10)

    with pytest.raises(InvalidRequest) as refusal:
        make_checkout((tier, quantity))

    assert [fault.field for fault in refusal.value.faults] == ["items.0"]


def test_tier_of_another_event_is_refused():
    here, elsewhere = make_tier(make_event()), make_tier(make_event())

    with pytest.raises(InvalidRequest):
        make_checkout((here, 1), (elsewhere, 1))


@pytest.mark.parametrize(
    "window",
    [{"sale_starts_at": timedelta(hours=1)}, {"sale_ends_at": timedelta(0)}],
)
def test_tier_is_sold_only_within_its_window(window, clock):
    moments = {name: clock() + offset for name, offset in window.items()}
    tier = make_tier(make_event(), **moments)

    with pytest.raises(InvalidRequest):
        make_checkout((tier, 1))


def test_donation_takes_the_buyers_amount_within_its_limits(clock):
    event = make_event()
    donation = make_donation(event)
    checkout = make_checkout((make_tier(event), 1))

    with transaction():
        changed = checkouts.change_items(
            reference=checkout.reference,
            lines=[BasketLine(donation.id, 1, amount_cents=4200)],
            now=clock(),
        )
    with pytest.raises(InvalidRequest), transaction():
        checkouts.change_items(
            reference=checkout.reference,
            lines=[BasketLine(donation.id, 1, amount_cents=99)],
            now=clock(),
        )

    assert (changed.total_cents, changed.fees_cents) == (4200, 0)


def test_nobody_names_the_price_of_a_ticket(clock):
    tier = make_tier(make_event())
    checkout = make_checkout((tier, 1))

    with pytest.raises(InvalidRequest), transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 1, 1)], now=clock()
        )


def test_refusal_names_the_most_that_one_order_may_take():
    tier = make_tier(make_event(), max_per_order=4)

    with pytest.raises(InvalidRequest) as refusal:
        make_checkout((tier, 5))

    assert [dict(fault.params) for fault in refusal.value.faults] == [{"most": 4}]


def test_refused_amount_names_its_limits_as_money(clock):
    donation = make_donation(make_event(), min_cents=100, max_cents=50_000)
    lines = [BasketLine(donation.id, 1, amount_cents=50_001)]

    with pytest.raises(InvalidRequest) as refusal:
        quote_basket(slug=donation.event.slug, lines=lines, now=clock())

    assert dict(refusal.value.faults[0].params) == {
        "least": Amount(100, "USD"),
        "most": Amount(50_000, "USD"),
    }


@pytest.mark.parametrize(
    ("currency", "min_cents", "least"), [("USD", 0, 50), ("GBP", 0, 30), ("USD", 100, 100)]
)
def test_no_donation_is_less_than_the_gateway_charges(clock, currency, min_cents, least):
    donation = make_donation(make_event(currency=currency), min_cents=min_cents)

    def quote(cents):
        lines = [BasketLine(donation.id, 1, amount_cents=cents)]
        return quote_basket(slug=donation.event.slug, lines=lines, now=clock())

    with pytest.raises(InvalidRequest) as refusal:
        quote(least - 1)
    assert dict(refusal.value.faults[0].params)["least"] == Amount(least, currency)
    assert quote(least).total_cents == least


def test_quote_is_what_the_checkout_costs_and_holds_nothing(clock):
    tier = make_tier(make_event(), price_cents=3000)
    lines = [BasketLine(tier.id, 3)]

    quote = quote_basket(slug=tier.event.slug, lines=lines, now=clock())

    assert quote is not None
    assert counters(tier.pools[0]) == (0, 0)
    assert quote.total_cents == make_checkout((tier, 3)).total_cents


def test_nothing_chosen_has_no_price_yet(clock):
    assert quote_basket(slug=make_event().slug, lines=[], now=clock()) is None
