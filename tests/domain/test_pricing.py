"""Golden prices: the figures that a buyer, a bank and an accountant all see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.factories import make_event
from webapp.database import db
from webapp.domain.pricing import PricedLine, fees_for, price_lines, price_of_one
from webapp.models import Event, Tier, TierKind

DEFAULT_POLICY = {"basis_points": 660, "fixed_cents": 219}


def event_with(*, basis_points: int = 660, fixed_cents: int = 219) -> Event:
    return Event(currency="USD", fee_basis_points=basis_points, fee_fixed_cents=fixed_cents)


def ticket(quantity: int, unit_price_cents: int) -> PricedLine:
    return PricedLine(TierKind.TICKET, quantity, unit_price_cents)


@pytest.mark.parametrize(
    ("subtotal_cents", "fees_cents", "total_cents"),
    [(3000, 417, 3417), (9000, 813, 9813), (7250, 698, 7948), (30000, 2199, 32199)],
)
def test_fees_are_a_share_of_the_basket_and_a_fixed_part(subtotal_cents, fees_cents, total_cents):
    price = price_lines(event=event_with(), lines=[ticket(1, subtotal_cents)])

    assert (price.subtotal_cents, price.fees_cents, price.total_cents) == (
        subtotal_cents,
        fees_cents,
        total_cents,
    )


def test_fixed_fee_is_charged_once_an_order_and_not_once_a_ticket():
    three = price_lines(event=event_with(), lines=[ticket(2, 3000), ticket(1, 3000)])

    assert (three.subtotal_cents, three.fees_cents, three.total_cents) == (9000, 813, 9813)


def test_free_order_carries_no_fee():
    price = price_lines(event=event_with(), lines=[ticket(4, 0)])

    assert (price.fees_cents, price.total_cents) == (0, 0)


def test_donation_carries_no_fee():
    donation = PricedLine(TierKind.DONATION, 1, 2500)

    alone = price_lines(event=event_with(), lines=[donation])
    beside_a_ticket = price_lines(event=event_with(), lines=[donation, ticket(1, 3000)])

    assert (alone.fees_cents, alone.total_cents) == (0, 2500)
    assert (beside_a_ticket.fees_cents, beside_a_ticket.total_cents) == (417, 5917)


def test_price_shown_first_is_the_price_of_one_unit_with_its_fees():
    tier = Tier(kind=TierKind.TICKET, price_cents=3000)

    assert price_of_one(tier=tier, event=event_with()).total_cents == 3417


@given(subtotal=st.integers(min_value=1, max_value=10_000_000))
def test_default_policy_is_the_published_formula(subtotal):
    fees = fees_for(fee_bearing_cents=subtotal, **DEFAULT_POLICY)

    assert fees == (subtotal * 66 + 500) // 1000 + 219


@given(
    subtotal=st.integers(min_value=0, max_value=1_000_000),
    basis_points=st.integers(min_value=0, max_value=5000),
)
def test_share_is_rounded_half_up_to_a_minor_unit(subtotal, basis_points):
    fees = fees_for(fee_bearing_cents=subtotal, basis_points=basis_points, fixed_cents=0)

    assert abs(fees * 10_000 - subtotal * basis_points) <= 5_000


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("currency", ["JPY", "KWD", "usd", "EURO"])
def test_event_cannot_have_a_currency_whose_amounts_are_not_hundredths(currency):
    with pytest.raises(IntegrityError, match="events_currency"):
        make_event(currency=currency)
    db.session.rollback()
