"""Discounted prices: whole cents, never below nothing, fees on what is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.pricing import PricedLine, price_lines, price_of_one, split_units
from webapp.models import Code, CodeKind, Event, Tier, TierKind

EVENT = Event(currency="USD", fee_basis_points=660, fee_fixed_cents=219)


def percent(basis_points: int) -> Code:
    return Code(
        kind=CodeKind.PERCENTAGE,
        percent_basis_points=basis_points,
        amount_cents=0,
        reduced_tiers=[],
        opened_tiers=[],
    )


def amount(cents: int) -> Code:
    return Code(
        kind=CodeKind.AMOUNT,
        percent_basis_points=0,
        amount_cents=cents,
        reduced_tiers=[],
        opened_tiers=[],
    )


ACCESS = Code(
    kind=CodeKind.ACCESS,
    percent_basis_points=0,
    amount_cents=0,
    reduced_tiers=[],
    opened_tiers=[],
)
codes = st.one_of(
    st.integers(1, 10_000).map(percent), st.integers(1, 500_000).map(amount), st.just(ACCESS)
)
lines = st.builds(
    PricedLine,
    kind=st.sampled_from(TierKind),
    quantity=st.integers(1, 20),
    unit_price_cents=st.integers(0, 50_000),
    is_reduced=st.booleans(),
)


def tickets(quantity: int, unit_price_cents: int, *, is_reduced: bool = True) -> PricedLine:
    return PricedLine(TierKind.TICKET, quantity, unit_price_cents, is_reduced)


def test_fee_is_charged_on_the_discounted_subtotal():
    price = price_lines(event=EVENT, lines=[tickets(3, 3000)], code=amount(1750))

    assert (price.subtotal_cents, price.discount_cents) == (9000, 1750)
    assert (price.fees_cents, price.total_cents) == (698, 7948)


@pytest.mark.parametrize(
    ("subtotal_cents", "basis_points", "discount_cents"),
    [(3000, 1000, 300), (1005, 1000, 101), (1004, 1000, 100), (5, 5000, 3), (15000, 3333, 5000)],
)
def test_percentage_is_rounded_half_up_to_a_cent(subtotal_cents, basis_points, discount_cents):
    price = price_lines(event=EVENT, lines=[tickets(1, subtotal_cents)], code=percent(basis_points))

    assert price.discount_cents == discount_cents


def test_percentage_is_rounded_once_an_order_and_not_once_a_line():
    price = price_lines(event=EVENT, lines=[tickets(1, 5), tickets(1, 5)], code=percent(1000))

    assert price.discount_cents == 1


def test_whole_discount_leaves_nothing_to_pay_and_no_fee():
    price = price_lines(event=EVENT, lines=[tickets(2, 3000)], code=percent(10_000))

    assert (price.discount_cents, price.fees_cents, price.total_cents) == (6000, 0, 0)


def test_amount_is_capped_by_what_it_may_be_taken_from():
    price = price_lines(
        event=EVENT, lines=[tickets(1, 2000), tickets(1, 3000, is_reduced=False)], code=amount(9000)
    )

    assert price.discount_cents == 2000
    assert price.line_discounts_cents == (2000, 0)
    assert price.total_cents == 3417


def test_amount_is_taken_off_once_an_order_and_not_once_a_ticket():
    price = price_lines(event=EVENT, lines=[tickets(4, 3000)], code=amount(500))

    assert price.discount_cents == 500


def test_donation_is_neither_reduced_nor_charged_with_a_fee():
    gift = PricedLine(TierKind.DONATION, 1, 2500, is_reduced=True)

    price = price_lines(event=EVENT, lines=[gift, tickets(1, 3000)], code=percent(10_000))

    assert (price.discount_cents, price.fees_cents, price.total_cents) == (3000, 0, 2500)


def test_access_code_takes_nothing_off():
    assert price_lines(event=EVENT, lines=[tickets(1, 3000)], code=ACCESS).total_cents == 3417


def test_code_reduces_every_ticket_or_the_tiers_that_it_names():
    ticket = Tier(id=1, kind=TierKind.TICKET, price_cents=3000)
    shirt = Tier(id=2, kind=TierKind.ADD_ON, price_cents=2000)
    gift = Tier(id=3, kind=TierKind.DONATION, price_cents=1000)
    general, named = percent(1000), percent(1000)
    named.reduced_tiers.extend([shirt, gift])

    assert [general.reduces(tier) for tier in (ticket, shirt, gift)] == [True, False, False]
    assert [named.reduces(tier) for tier in (ticket, shirt, gift)] == [False, True, False]


def test_price_shown_first_is_the_discounted_price_of_one_unit_with_its_fees():
    tier = Tier(id=1, kind=TierKind.TICKET, price_cents=10_000)

    assert price_of_one(tier=tier, event=EVENT).total_cents == 10_879
    assert price_of_one(tier=tier, event=EVENT, code=percent(1000)).total_cents == 9813


@given(basket=st.lists(lines, min_size=1, max_size=6), code=codes)
def test_no_code_ever_makes_a_price_that_does_not_add_up(basket, code):
    price = price_lines(event=EVENT, lines=basket, code=code)
    full = price_lines(event=EVENT, lines=basket)
    gifts = sum(line.subtotal_cents for line in basket if line.kind is TierKind.DONATION)

    assert price.total_cents == price.subtotal_cents - price.discount_cents + price.fees_cents
    assert 0 <= price.discount_cents <= sum(line.reducible_cents for line in basket)
    assert gifts <= price.total_cents <= full.total_cents
    assert sum(price.line_discounts_cents) == price.discount_cents
    for line, discount_cents in zip(basket, price.line_discounts_cents, strict=True):
        assert 0 <= discount_cents <= line.reducible_cents


@given(line=lines, code=codes)
def test_units_of_a_discounted_line_add_up_to_the_cent(line, code):
    price = price_lines(event=EVENT, lines=[line], code=code)

    units = split_units(
        quantity=line.quantity,
        unit_price_cents=line.unit_price_cents,
        discount_cents=price.discount_cents,
    )

    assert sum(quantity for quantity, _ in units) == line.quantity
    assert sum(quantity * cents for quantity, cents in units) == (
        price.subtotal_cents - price.discount_cents
    )
    assert all(quantity > 0 and cents >= 0 for quantity, cents in units)
