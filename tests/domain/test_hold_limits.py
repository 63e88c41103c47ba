"""How long and how much may be held: extensions, renewals and caps all have an end."""

from datetime import timedelta

import pytest

from tests.factories import make_checkout, make_event, make_pool, make_tier
from tests.purchases import counters
from webapp.domain import checkout_closing, checkouts, holds
from webapp.domain.baskets import BasketLine
from webapp.domain.hold_caps import NETWORK_SHARE, NO_CAPS, HoldCaps
from webapp.errors import (
    HoldExpired,
    HoldLimitReached,
    NetworkHoldsTooMuch,
    TooManyOpenHolds,
)
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


def extend(checkout, clock) -> None:
    with transaction():
        checkouts.extend_hold(reference=checkout.reference, now=clock())


def change(checkout, tier, clock, *, caps: HoldCaps = NO_CAPS) -> None:
    with transaction():
        checkouts.change_items(
            reference=checkout.reference,
            lines=[BasketLine(tier.id, 1)],
            now=clock(),
            caps=caps,
        )


def retry(checkout, clock):
    with transaction():
        return checkout_closing.retry_checkout(
            reference=checkout.reference,
            origin=checkouts.Origin(client_key="client", trace_id="t"),
            caps=NO_CAPS,
            now=clock(),
        )


def test_hold_is_extended_ten_times_by_five_minutes(clock):
    checkout = make_checkout((make_tier(make_event()), 1))
    first_end = checkout.expires_at

    for _ in range(holds.MAX_EXTENSIONS):
        with transaction():
            checkouts.extend_hold(reference=checkout.reference, now=clock())
    with pytest.raises(HoldLimitReached), transaction():
        checkouts.extend_hold(reference=checkout.reference, now=clock())

    extended = checkouts.get_checkout(reference=checkout.reference)
    assert extended.expires_at == first_end + timedelta(minutes=50)


def test_hold_that_ran_out_is_not_extended(clock):
    checkout = make_checkout((make_tier(make_event()), 1))
    clock.advance(minutes=15)

    with pytest.raises(HoldExpired), transaction():
        checkouts.extend_hold(reference=checkout.reference, now=clock())


def test_expired_checkout_is_tried_again_in_one_gesture(clock):
    event = make_event()
    pool = make_pool(event, capacity=2)
    checkout = make_checkout((make_tier(event, pools=[pool]), 2))
    clock.advance(minutes=20)
    with transaction():
        checkout_closing.expire_lapsed(now=clock(), limit=10)

    with transaction():
        again = checkout_closing.retry_checkout(
            reference=checkout.reference,
            origin=checkouts.Origin(client_key="client", trace_id="t"),
            caps=NO_CAPS,
            now=clock(),
        )

    assert again.reference == checkout.reference
    assert again.expires_at == clock() + timedelta(minutes=15)
    assert again.contact_email == "guest@example.com"
    assert counters(pool) == (2, 0)


def test_one_client_cannot_park_a_tier(clock):
    tier = make_tier(make_event())
    for _ in range(2):
        make_checkout((tier, 1), client_key="greedy", caps=HoldCaps(2, 0))

    with pytest.raises(TooManyOpenHolds):
        make_checkout((tier, 1), client_key="greedy", caps=HoldCaps(2, 0))
    make_checkout((tier, 1), client_key="somebody else", caps=HoldCaps(2, 0))
    clock.advance(minutes=15)
    make_checkout((tier, 1), client_key="greedy", caps=HoldCaps(2, 0), now=clock())


def test_changing_the_basket_again_and_again_does_not_keep_it_for_ever(clock):
    tier = make_tier(make_event())
    checkout = make_checkout((tier, 1))
    opened_at = clock()

    for minute in range(1, 200):
        clock.now = opened_at + timedelta(minutes=minute)
        if checkout.is_open(now=clock()):
            with transaction():
                checkout = checkouts.change_items(
                    reference=checkout.reference,
                    lines=[BasketLine(tier.id, 1 + minute % 2)],
                    now=clock(),
                )

    assert checkout.expires_at == opened_at + timedelta(minutes=15 + 50)


def test_extensions_never_reach_past_the_limit_of_the_hold(clock):
    tier = make_tier(make_event())
    checkout = make_checkout((tier, 1))
    clock.advance(minutes=14)
    with transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 2)], now=clock()
        )
    with pytest.raises(HoldLimitReached):
        for _ in range(holds.MAX_EXTENSIONS):
            extend(checkout, clock)

    extended = checkouts.get_checkout(reference=checkout.reference)
    assert extended.expires_at == extended.hold_limit_at


def test_many_browsers_of_one_network_share_a_wider_cap(clock):
    tier = make_tier(make_event())
    for number in range(NETWORK_SHARE):
        make_checkout(
            (tier, 1), client_key=f"browser {number}", network_key="wifi", caps=HoldCaps(1, 0)
        )

    with pytest.raises(NetworkHoldsTooMuch):
        make_checkout((tier, 1), client_key="one more", network_key="wifi", caps=HoldCaps(1, 0))
    make_checkout((tier, 1), client_key="one more", network_key="elsewhere", caps=HoldCaps(1, 0))


def test_hold_that_is_taken_up_again_as_it_lapses_has_an_end(clock):
    tier = make_tier(make_event())
    checkout = make_checkout((tier, 1))
    opened_at = clock()
    reached = []

    for minute in range(16, 300, 16):
        clock.now = opened_at + timedelta(minutes=minute)
        try:
            change(checkout, tier, clock)
        except HoldLimitReached:
            reached.append(minute)

    assert reached[0] == 80
    assert checkouts.get_checkout(reference=checkout.reference).expires_at == (
        opened_at + timedelta(minutes=65)
    )


def test_lapsed_checkouts_count_against_the_cap_when_they_are_held_again(clock):
    tier = make_tier(make_event())
    lapsed = make_checkout((tier, 1), client_key="greedy", caps=HoldCaps(1, 0))
    clock.advance(minutes=16)
    make_checkout((tier, 1), client_key="greedy", caps=HoldCaps(1, 0), now=clock())

    with pytest.raises(TooManyOpenHolds):
        change(lapsed, tier, clock, caps=HoldCaps(1, 0))


def test_trying_again_twice_at_once_holds_once(clock):
    event = make_event()
    pool = make_pool(event, capacity=20)
    checkout = make_checkout((make_tier(event, pools=[pool]), 4))
    with transaction():
        checkout_closing.cancel_checkout(
            reference=checkout.reference, actor="buyer", now=clock(), trace_id="t"
        )

    first, second = retry(checkout, clock), retry(checkout, clock)

    assert first.reference == second.reference != checkout.reference
    assert counters(pool) == (4, 0)
