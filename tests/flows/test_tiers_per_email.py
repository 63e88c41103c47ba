"""How many of a tier one address may have: what it bought, and what it may still pay for."""

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.purchases import LINKS, find_order
from tests.transfers import Handover
from webapp.database import db
from webapp.domain import orders
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import Checkout, Order, OrderStatus, Tier
from webapp.payment_refusals import PersonLimitInUse, PersonLimitReached
from webapp.transaction import transaction

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def event(app):
    return make_event()


@pytest.fixture
def free(event):
    return make_tier(event, price_cents=0, max_per_order=2, max_per_email=3)


@pytest.fixture
def dear(event):
    return make_tier(event, max_per_order=2, max_per_email=3)


def go_to_pay(checkout, ports, **own):
    return start_payment(reference=checkout.reference, links=LINKS, ports=ports, **own)


def order(tier, quantity, ports, *, email=ADA, now=NOW):
    return go_to_pay(make_checkout((tier, quantity), email=email, now=now), ports)


def refused(checkout, ports, **own) -> PersonLimitReached:
    """Refused to the browser that bought everything else, unless told otherwise."""
    own.setdefault("own_references", [each.reference for each in db.session.query(Checkout)])
    with pytest.raises(PersonLimitReached) as refusal:
        go_to_pay(checkout, ports, **own)
    return refusal.value


def move(start, status: OrderStatus) -> None:
    with transaction():
        found = find_order(start.order_number)
        orders.move_order(found, status, actor="staff", now=NOW, trace_id="t")


def open_pages(gateway) -> list[str]:
    return [name for name, session in gateway.sessions.items() if session.status == "open"]


def test_free_orders_of_one_address_end_at_the_limit_and_say_how_many_are_left(free, ports):
    order(free, 2, ports)

    refusal = refused(make_checkout((free, 2), email=ADA), ports)

    assert (refusal.code, refusal.http_status) == ("person_limit_reached", 422)
    assert refusal.details() == {"limited": [{"tier_id": free.id, "requested": 2, "available": 1}]}
    (fault,) = refusal.faults
    assert (fault.field, fault.params) == ("items.0", {"most": 3, "left": 1})
    assert db.session.query(Order).count() == 1
    order(free, 1, ports)
    assert (
        "none are left for you"
        in refused(make_checkout((free, 1), email=ADA), ports).faults[0].message
    )
    order(free, 2, ports, email=BOB)


@pytest.mark.parametrize("wanted", [1, 2])
def test_whoever_types_the_address_of_another_learns_no_number(event, free, ports, wanted):
    two = make_tier(event, price_cents=0, max_per_order=2, max_per_email=2)
    mine = make_checkout((two, wanted), (free, 2), email=ADA)
    order(free, 2, ports)
    order(two, 2, ports)

    refusal = refused(mine, ports, own_references=[mine.reference])

    assert [each["available"] for each in refusal.details()["limited"]] == [None, None]
    assert sorted(fault.params["most"] for fault in refusal.faults) == [2, 3]
    assert all(fault.params.keys() == {"most"} for fault in refusal.faults)
    assert len({fault.message for fault in refusal.faults}) == 1
    assert refusal.tells_of_others


def test_page_that_is_open_elsewhere_is_told_as_tickets_are(dear, free, ports):
    order(dear, 2, ports)
    order(free, 2, ports)

    while_open = refused(make_checkout((dear, 2), email=ADA), ports, own_references=[])
    bought = refused(make_checkout((free, 2), email=ADA), ports, own_references=[])

    assert while_open.faults[0].message == bought.faults[0].message
    assert while_open.faults[0].params == bought.faults[0].params


def test_refused_basket_is_still_held_and_another_number_goes_through(free, ports):
    order(free, 2, ports)
    checkout = make_checkout((free, 2), email=ADA)
    refused(checkout, ports)

    db.session.refresh(checkout)

    assert checkout.is_open(now=NOW)


def test_tier_without_a_limit_is_sold_to_one_address_again_and_again(event, ports):
    tier = make_tier(event, price_cents=0)

    for _ in range(3):
        order(tier, 10, ports)

    assert db.session.query(Order).count() == 3


def test_open_payment_page_counts_until_nobody_can_pay_there(dear, gateway, ports, clock):
    order(dear, 2, ports)
    again = make_checkout((dear, 2), email=ADA)

    assert isinstance(refused(again, ports, own_references=[]), PersonLimitInUse)

    clock.advance(minutes=31)
    go_to_pay(make_checkout((dear, 2), email=ADA, now=clock()), ports)
    assert open_pages(gateway) == ["cs_test_2"]


def test_own_payment_page_that_was_left_makes_room_for_the_next_try(dear, gateway, ports):
    left = make_checkout((dear, 2), email=ADA)
    go_to_pay(left, ports)
    again = make_checkout((dear, 2), email=ADA)

    go_to_pay(again, ports, own_references=[left.reference, again.reference])

    assert open_pages(gateway) == ["cs_test_2"]


def test_no_page_is_closed_where_that_would_not_be_enough(dear, gateway, ports):
    order(dear, 2, ports)
    gateway.pay("cs_test_1")
    sync_order_payment(order_id=db.session.query(Order.id).scalar(), ports=ports)
    left = make_checkout((dear, 1), email=ADA)
    go_to_pay(left, ports)
    again = make_checkout((dear, 2), email=ADA)

    refusal = refused(again, ports, own_references=[left.reference, again.reference])

    assert type(refusal) is PersonLimitReached
    assert open_pages(gateway) == ["cs_test_2"]


def test_repeating_the_same_order_is_not_counted_twice(dear, free, gateway, ports):
    for tier in (dear, free):
        checkout = make_checkout((tier, 2), email=ADA)
        first = go_to_pay(checkout, ports)

        assert go_to_pay(checkout, ports).order_number == first.order_number


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ([OrderStatus.PARTIALLY_REFUNDED], True),
        ([OrderStatus.REFUNDED], False),
        ([OrderStatus.REFUNDED, OrderStatus.NEEDS_REVIEW], True),
    ],
)
def test_what_is_owed_counts_and_what_went_back_does_not(free, ports, path, counts):
    start = order(free, 2, ports)
    for status in path:
        move(start, status)
    again = make_checkout((free, 2), email=ADA)

    if counts:
        refused(again, ports)
    else:
        assert go_to_pay(again, ports).is_converted


def test_each_tier_and_each_event_is_counted_by_itself(free, event, ports):
    other = make_tier(event, price_cents=0, max_per_order=2, max_per_email=2)
    order(free, 2, ports)
    order(other, 2, ports)

    refusal = refused(make_checkout((other, 1), (free, 2), email=ADA), ports)

    assert [(fault.field, fault.params["left"]) for fault in refusal.faults] == [
        ("items.0", 1),
        ("items.1", 0),
    ]


def test_tickets_that_were_given_away_count_for_their_buyer_only(app, clock, ports):
    gift = Handover.begin(clock)
    gift.give_to(BOB)
    tier = gift.order.items[0].tier_id
    with transaction():
        limited = db.session.get_one(Tier, tier)
        limited.price_cents, limited.max_per_order, limited.max_per_email = 0, 2, 2

    refused(make_checkout((limited, 1), email=gift.order.contact_email), ports)
    assert order(limited, 2, ports, email=BOB).is_converted


def test_limit_below_what_one_order_may_have_is_refused_by_the_database(event):
    with pytest.raises(IntegrityError, match="max_per_email_sane"):
        make_tier(event, max_per_order=2, max_per_email=1)
    db.session.rollback()


def test_limit_that_was_lowered_afterwards_counts_for_the_next_order(free, ports):
    order(free, 2, ports)
    with transaction():
        db.session.get_one(Tier, free.id).max_per_email = 2

    assert refused(make_checkout((free, 1), email=ADA), ports).faults[0].params["left"] == 0
