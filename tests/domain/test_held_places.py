"""How many places of a pool one client and one network may hold at once."""

import pytest

from tests.factories import NOW, make_checkout, make_event, make_pool, make_tier
from tests.purchases import LINKS, counters
from webapp.domain import checkout_closing, checkouts
from webapp.domain.baskets import BasketLine
from webapp.domain.hold_caps import NO_CAPS, HoldCaps, pool_cap
from webapp.errors import (
    NetworkHoldsTooManyPlaces,
    NetworkHoldsTooMuch,
    TooManyOpenHolds,
    TooManyPlacesHeld,
)
from webapp.flows.payment_start import start_payment
from webapp.transaction import transaction

CAPS = HoldCaps(checkouts=8, pool_percent=10)
BROWSER = {"client_key": "browser", "network_key": "wifi", "caps": CAPS}
PROGRAM = {"client_key": "", "network_key": "server", "caps": CAPS}

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def event(app):
    return make_event()


@pytest.fixture
def vip(event):
    """Forty places, four an order, as a VIP tier has."""
    return make_tier(event, capacity=40, max_per_order=4)


def change(checkout, *lines, caps=CAPS, now=NOW):
    with transaction():
        return checkouts.change_items(
            reference=checkout.reference,
            lines=[BasketLine(tier.id, quantity) for tier, quantity in lines],
            now=now,
            caps=caps,
        )


def take_all(tier, quantity, **holder) -> int:
    """Open checkouts until one is refused; how many places they hold then."""
    with pytest.raises(TooManyOpenHolds):
        for _ in range(100):
            make_checkout((tier, quantity), **holder)
    return counters(tier.pools[0])[0]


def test_program_without_a_client_cannot_hold_every_place_of_a_tier(vip):
    assert take_all(vip, 4, **PROGRAM) == 12


def test_many_small_checkouts_hold_no_more_than_few_large_ones(vip):
    assert take_all(vip, 1, **PROGRAM) == 12


def test_family_may_order_twice_as_much_as_one_order_has(vip):
    for _ in range(2):
        make_checkout((vip, 4), **BROWSER)

    with pytest.raises(TooManyPlacesHeld) as refusal:
        make_checkout((vip, 1), **BROWSER)

    assert (refusal.value.code, refusal.value.http_status) == ("too_many_open_holds", 429)


def test_network_is_told_so_and_others_are_not_affected(vip):
    for number in range(3):
        make_checkout((vip, 4), **BROWSER | {"client_key": f"browser {number}"})

    with pytest.raises(NetworkHoldsTooManyPlaces) as refusal:
        make_checkout((vip, 1), **BROWSER | {"client_key": "one more"})
    assert isinstance(refusal.value, NetworkHoldsTooMuch)
    make_checkout((vip, 4), **BROWSER | {"client_key": "one more", "network_key": "elsewhere"})


@pytest.mark.parametrize("capacity", [1, 2, 3, 4, 7, 12])
def test_one_whole_order_is_always_possible(event, capacity):
    tier = make_tier(event, capacity=capacity, max_per_order=min(4, capacity))

    checkout = make_checkout((tier, tier.max_per_order), **BROWSER)

    assert counters(tier.pools[0])[0] == checkout.items[0].quantity == tier.max_per_order


def test_basket_of_every_kind_of_a_small_pool_is_possible(event):
    pool = make_pool(event, capacity=12)
    day, long_day = (make_tier(event, pools=[pool], max_per_order=4) for _ in range(2))

    make_checkout((day, 4), (long_day, 4), **BROWSER)

    assert counters(pool) == (8, 0)


@pytest.mark.parametrize(
    ("capacity", "max_per_order", "percent", "places"),
    [
        (600, 10, 10, 60),
        (180, 10, 10, 20),
        (40, 4, 10, 8),
        (40, 4, 30, 12),
        (24, 4, 30, 8),
        (12, 4, 10, 6),
        (4, 4, 10, 4),
        (3, 2, 10, 2),
        (0, 2, 10, 2),
    ],
)
def test_cap_is_a_share_and_never_less_than_an_order(capacity, max_per_order, percent, places):
    cap = pool_cap(capacity=capacity, max_per_order=max_per_order, percent=percent)

    assert cap == places


def test_changed_basket_does_not_get_around_the_cap_and_may_always_shrink(vip):
    small = [make_checkout((vip, 2), **PROGRAM) for _ in range(6)]

    with pytest.raises(NetworkHoldsTooManyPlaces):
        change(small[0], (vip, 3))
    change(small[0], (vip, 1))
    change(small[1], (vip, 3))

    assert counters(vip.pools[0])[0] == 12


def test_basket_that_moves_to_another_pool_is_asked_for_what_it_takes_there(event, vip):
    other = make_tier(event)
    for _ in range(3):
        make_checkout((vip, 4), **PROGRAM)
    checkout = make_checkout((other, 4), **PROGRAM)

    with pytest.raises(NetworkHoldsTooManyPlaces):
        change(checkout, (vip, 1))
    change(checkout, (other, 5))


def test_each_pool_of_a_tier_is_counted(event, vip):
    wide = make_pool(event, capacity=600)
    both = make_tier(event, pools=[wide, vip.pools[0]], max_per_order=4)
    for _ in range(3):
        make_checkout((vip, 4), **PROGRAM)

    with pytest.raises(NetworkHoldsTooManyPlaces):
        make_checkout((both, 1), **PROGRAM)


def test_lapsed_and_cancelled_holds_do_not_count(vip, clock):
    for _ in range(2):
        make_checkout((vip, 4), **BROWSER)
    clock.advance(minutes=15)
    again = [make_checkout((vip, 4), **BROWSER, now=clock()) for _ in range(2)]
    with transaction():
        checkout_closing.cancel_checkout(
            reference=again[0].reference, actor="buyer", now=clock(), trace_id="t"
        )

    make_checkout((vip, 4), **BROWSER, now=clock())


def test_lapsed_checkout_counts_anew_when_it_is_held_again(vip, clock):
    lapsed = make_checkout((vip, 4), **BROWSER)
    clock.advance(minutes=15)
    for _ in range(2):
        make_checkout((vip, 4), **BROWSER, now=clock())

    with pytest.raises(TooManyPlacesHeld):
        change(lapsed, (vip, 4), now=clock())


def test_places_on_a_payment_page_count_and_bought_ones_do_not(vip, gateway, ports, clock):
    free = make_tier(vip.event, pools=vip.pools, price_cents=0, max_per_order=4)
    bought = make_checkout((free, 4), **BROWSER)
    start_payment(reference=bought.reference, links=LINKS, ports=ports)
    paying = make_checkout((vip, 4), **BROWSER)
    start_payment(reference=paying.reference, links=LINKS, ports=ports)
    clock.advance(minutes=20)
    make_checkout((vip, 4), **BROWSER, now=clock())

    with pytest.raises(TooManyPlacesHeld):
        make_checkout((vip, 1), **BROWSER, now=clock())


@pytest.mark.parametrize("caps", [NO_CAPS, HoldCaps(0, 10), HoldCaps(1000, 0)])
def test_no_cap_on_checkouts_or_no_share_means_no_cap_on_places(vip, caps):
    for _ in range(10):
        make_checkout((vip, 4), **PROGRAM | {"caps": caps})

    assert counters(vip.pools[0]) == (40, 0)
