"""What is advertised can be bought."""

from datetime import timedelta

import pytest

from tests.factories import make_checkout, make_donation, make_event, make_tier
from webapp.domain import events
from webapp.domain.offers import find_price_spans
from webapp.models import TierKind, TierStatus

pytestmark = pytest.mark.usefixtures("app")


def lowest_price(event, clock) -> int | None:
    upcoming = events.list_upcoming_events(now=clock())
    span = find_price_spans(events=upcoming, now=clock())[event.id]
    return span.lowest_cents if span else None


def test_lowest_price_is_that_of_the_cheapest_ticket_with_its_fees(clock):
    event = make_event()
    make_tier(event, price_cents=9000)
    make_tier(event, price_cents=3000)

    assert lowest_price(event, clock) == 3417


@pytest.mark.parametrize(
    "fields",
    [
        {"capacity": 0},
        {"status": TierStatus.INACTIVE},
        {"kind": TierKind.ADD_ON},
        {"sale_ends_at": -timedelta(hours=1)},
        {"sale_starts_at": timedelta(hours=1)},
    ],
    ids=["sold out", "withdrawn", "no ticket", "sale over", "not yet on sale"],
)
def test_price_that_nobody_can_pay_is_not_advertised(fields, clock):
    event = make_event()
    moments = {
        name: clock() + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    make_tier(event, price_cents=1000, **moments)
    make_tier(event, price_cents=3000)

    assert lowest_price(event, clock) == 3417


def test_event_without_a_ticket_to_buy_has_no_price(clock):
    event = make_event()
    make_donation(event)
    make_checkout((make_tier(event, capacity=1), 1))

    assert lowest_price(event, clock) is None


def test_lapsed_hold_is_a_ticket_that_can_be_bought(clock):
    event = make_event()
    make_checkout((make_tier(event, capacity=1), 1))
    clock.advance(minutes=16)

    assert lowest_price(event, clock) == 3417
