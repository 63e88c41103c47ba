"""One network asks for everything at once: it holds its share, and no more."""

from functools import partial
from threading import Barrier

import pytest

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_event, make_tier
from tests.purchases import counters
from webapp.domain import hold_caps
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS, HoldCaps
from webapp.errors import NetworkHoldsTooManyPlaces
from webapp.models import Checkout
from webapp.transaction import transaction

CALLS = 10
CAPS = HoldCaps(checkouts=8, pool_percent=10)
PROGRAM = Origin(client_key="", network_key="server", trace_id="0" * 32)


@pytest.fixture
def vip(app):
    return make_tier(make_event(), capacity=40, max_per_order=4)


def hold(slug: str, tier_id: int, caps: HoldCaps) -> None:
    open_checkout(
        event_slug=slug,
        lines=[BasketLine(tier_id, 4)],
        contact=Contact(),
        origin=PROGRAM,
        caps=caps,
        now=NOW,
    )


def hold_with_caps(slug: str, tier_id: int) -> None:
    with transaction():
        hold(slug, tier_id, CAPS)


def test_ten_calls_at_once_hold_the_share_of_one_network_and_no_more(crowd, vip):
    outcomes = call_at_once(crowd, [partial(hold_with_caps, vip.event.slug, vip.id)] * CALLS)

    assert outcomes.refusal_kinds() == {NetworkHoldsTooManyPlaces.__name__}
    assert len(outcomes.answers) == 3
    assert counters(vip.pools[0]) == (12, 0)
    assert broken_rules() == []


def hold_after_a_look(slug: str, tier_id: int, pool_id: int, everybody: Barrier) -> None:
    """The negative control: the places are counted without the lock on the network's name."""
    holder = hold_caps._Holder(
        Checkout.network_key, "server", 5, 3, NetworkHoldsTooManyPlaces, NetworkHoldsTooManyPlaces
    )
    with transaction():
        held = hold_caps._count_places(holder, [pool_id], own=None, now=NOW)
        everybody.wait()
        if held.get(pool_id, 0) + 4 > 12:
            raise NetworkHoldsTooManyPlaces
        hold(slug, tier_id, NO_CAPS)


def test_control_without_the_lock_of_the_network_it_holds_every_place(crowd, vip):
    everybody = Barrier(CALLS, timeout=30)
    call = partial(hold_after_a_look, vip.event.slug, vip.id, vip.pools[0].id, everybody)

    outcomes = call_at_once(crowd, [call] * CALLS)

    assert outcomes.refusals == []
    assert counters(vip.pools[0]) == (40, 0)
