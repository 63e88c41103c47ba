"""What goes with an order: offered once, bought as everything else, linked to it."""

from datetime import timedelta

import pytest

from jobs.runtime import perform
from tests.factories import make_checkout, make_tier
from tests.issued import WAYS, make_order, refund
from tests.purchases import LINKS, find_order, work_of
from webapp.database import db
from webapp.domain import add_ons, outbox
from webapp.domain.baskets import BasketLine
from webapp.domain.checkout_closing import retry_checkout
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import NO_CAPS
from webapp.domain.verification import verify_order
from webapp.errors import InvalidRequest
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import (
    AddOnCheckout,
    EmailMessage,
    EventStatus,
    Order,
    OrderStatus,
    Ticket,
    Tier,
    TierKind,
)
from webapp.order_refusals import NothingToAdd
from webapp.payment_refusals import FirstOrderOver
from webapp.transaction import transaction


def parking_for(order: Order, **fields: object) -> Tier:
    return make_tier(order.event, **({"name": "Parking", "kind": TierKind.ADD_ON} | fields))


def offered(order: Order, now) -> list[str]:
    db.session.expire_all()
    return [offer.tier.name for offer in add_ons.list_add_ons(order=order, now=now)]


def add(order: Order, tier: Tier, quantity: int = 1):
    checkout = make_checkout((tier, quantity))
    with transaction():
        add_ons.link_checkout(checkout_id=checkout.id, order_id=order.id)
    return checkout


def buy(checkout, *, ports, gateway) -> Order:
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay(start.url.rsplit("/", 1)[1])
    order = find_order(start.order_number)
    for _ in range(2):
        sync_order_payment(order_id=order.id, ports=ports)
    for kind in (outbox.ISSUE_TICKETS, outbox.SEND_EMAIL):
        perform(work_of(kind).id)
    return find_order(start.order_number)


def test_paid_order_is_offered_what_is_on_sale(app, clock):
    order = make_order(clock)
    parking_for(order)
    make_tier(order.event, name="Balcony")

    assert offered(order, clock()) == ["Parking"]


@pytest.mark.parametrize("status", [status for status in WAYS if status is not OrderStatus.PAID])
def test_order_in_any_other_state_is_offered_nothing(app, clock, status):
    order = make_order(clock, status)
    parking_for(order)

    assert offered(order, clock()) == []


def test_what_is_sold_out_or_not_on_sale_is_not_offered(app, clock):
    order = make_order(clock)
    parking_for(order, capacity=0)
    parking_for(order, name="Shirt", sale_starts_at=clock() + timedelta(days=1))

    assert offered(order, clock()) == []


def test_nothing_is_offered_once_the_event_is_over_or_called_off(app, clock):
    order = make_order(clock)
    parking_for(order)

    assert offered(order, order.event.ends_at) == []
    order.event.status = EventStatus.CANCELLED
    db.session.commit()
    assert offered(order, clock()) == []


def test_offer_that_was_declined_stays_away(app, clock):
    order = make_order(clock)
    parking_for(order)
    for _ in range(2):
        with transaction():
            add_ons.dismiss_add_ons(order_id=order.id, now=clock())

    assert offered(order, clock()) == []


def test_only_add_ons_can_be_added(app, clock):
    order = make_order(clock)
    parking_for(order)
    balcony = make_tier(order.event, name="Balcony")

    with pytest.raises(InvalidRequest):
        add_ons.check_add_ons(order=order, lines=[BasketLine(balcony.id, 1)], now=clock())
    with pytest.raises(InvalidRequest):
        add_ons.check_add_ons(order=order, lines=[], now=clock())


def test_nothing_can_be_added_where_nothing_is_offered(app, clock):
    order = make_order(clock, OrderStatus.REFUNDED)
    parking = parking_for(order)

    with pytest.raises(NothingToAdd):
        add_ons.check_add_ons(order=order, lines=[BasketLine(parking.id, 1)], now=clock())


def test_add_on_is_fulfilled_without_a_ticket_and_the_purchase_is_whole(
    app, clock, ports, gateway, mailer
):
    first = make_order(clock)
    before = db.session.query(Ticket).count()
    db.session.query(EmailMessage).delete()
    db.session.execute(db.text("TRUNCATE outbox"))
    db.session.commit()

    added = buy(add(first, parking_for(first), 2), ports=ports, gateway=gateway)

    assert added.status is OrderStatus.PAID
    assert added.fulfilled_at is not None
    assert db.session.query(Ticket).count() == before
    assert [point.name for point in verify_order(number=added.number) if not point.is_ok] == []
    (mail,) = mailer.sent.values()
    assert "2 × Parking" in mail.text  # noqa: RUF001
    assert first.number in mail.text
    assert "ticket" not in mail.subject.lower()
    assert mail.attachments == []


def test_paid_add_on_and_its_order_know_each_other(app, clock, ports, gateway):
    first = make_order(clock)
    parking = parking_for(first)
    db.session.execute(db.text("TRUNCATE outbox"))
    db.session.query(EmailMessage).delete()
    db.session.commit()

    added = buy(add(first, parking), ports=ports, gateway=gateway)

    assert [order.id for order in add_ons.list_linked_orders(order_id=first.id)] == [added.id]
    found = add_ons.find_first_order(order=added)
    assert found is not None
    assert found.id == first.id
    # One offer: neither the order that took it nor the add-on is asked again.
    assert offered(find_order(first.number), clock()) == []
    assert offered(added, clock()) == []


def test_unpaid_add_on_is_not_told_of(app, clock, ports):
    first = make_order(clock)
    checkout = add(first, parking_for(first))
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)

    assert add_ons.list_linked_orders(order_id=first.id) == []
    assert offered(first, clock()) == ["Parking"]


def test_checkout_that_follows_a_lapsed_one_belongs_to_the_same_order(app, clock):
    first = make_order(clock)
    lapsed = add(first, parking_for(first))
    clock.advance(days=1)
    with transaction():
        successor = retry_checkout(
            reference=lapsed.reference,
            origin=Origin(client_key="client", trace_id="0" * 32),
            caps=NO_CAPS,
            now=clock(),
        )

    assert successor.id != lapsed.id
    assert db.session.get_one(AddOnCheckout, successor.id).order_id == first.id


@pytest.mark.parametrize("is_page_open", [False, True])
def test_nobody_pays_for_what_goes_with_an_order_that_was_refunded(
    app, clock, ports, gateway, is_page_open
):
    order = make_order(clock)
    checkout = add(order, parking_for(order))
    if is_page_open:
        start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    refund(order, now=clock())

    with pytest.raises(FirstOrderOver):
        start_payment(reference=checkout.reference, links=LINKS, ports=ports)

    assert [session.status for session in gateway.sessions.values()] == ["expired"] * is_page_open


def test_part_of_the_money_back_leaves_what_goes_with_the_order(app, clock, ports):
    order = make_order(clock, OrderStatus.PARTIALLY_REFUNDED)
    checkout = add(order, parking_for(order))

    assert start_payment(reference=checkout.reference, links=LINKS, ports=ports).url is not None
