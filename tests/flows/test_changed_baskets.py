"""Money for an older basket, and baskets under review: never more tickets than places sold."""

import pytest

from jobs.runtime import perform
from tests.concurrency.invariants import broken_rules
from tests.flows.outcomes import mail_kinds, obstacle, sync, the_order
from tests.purchases import counters, work_of
from webapp.database import db
from webapp.domain import orders, outbox
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import NO_CAPS
from webapp.domain.verdicts import Obstacle
from webapp.flows.checkouts import change_basket, give_back_checkout, renew_checkout
from webapp.models import CheckoutStatus, EventStatus, OrderStatus
from webapp.payment_refusals import PaymentPending

ORIGIN = Origin(client_key="client", trace_id="0" * 32)
pytestmark = pytest.mark.usefixtures("app")
CANCELLED, PAID, REFUNDED = OrderStatus.CANCELLED, OrderStatus.PAID, OrderStatus.REFUNDED


def take_one(checkout, tier, ports) -> None:
    lines = [BasketLine(tier_id=tier.id, quantity=1)]
    change_basket(reference=checkout.reference, lines=lines, caps=NO_CAPS, ports=ports)


def pay_late(gateway, session_id: str) -> None:
    """Money for a page that was reported to be over."""
    late = {"status": "complete", "payment_status": "paid", "payment_id": "pi_late"}
    gateway._change(session_id, **late)


def test_basket_stays_as_it_is_while_a_person_looks_at_its_money(
    checkout, second_page, tier, ports, pool, decide
):
    with pytest.raises(PaymentPending):
        take_one(checkout, tier, ports)
    assert counters(pool) == (2, 0)

    order = decide(PAID)
    perform(work_of(outbox.ISSUE_TICKETS).id)

    assert counters(pool) == (0, 2)
    assert len(orders.list_tickets(order_id=order.id)) == 2
    assert broken_rules() == []


def test_places_are_not_given_back_while_a_person_looks_at_their_money(
    checkout, second_page, ports, pool, decide
):
    with pytest.raises(PaymentPending):
        give_back_checkout(reference=checkout.reference, ports=ports)

    assert the_order(checkout).checkout.status is CheckoutStatus.PENDING
    assert counters(pool) == (2, 0)
    assert decide(PAID).status is PAID
    assert broken_rules() == []


def test_places_are_not_held_anew_while_a_person_looks_at_their_money(
    checkout, second_page, ports, pool, clock
):
    clock.advance(hours=3)

    with pytest.raises(PaymentPending):
        renew_checkout(reference=checkout.reference, origin=ORIGIN, caps=NO_CAPS, ports=ports)

    assert the_order(checkout).checkout.status is CheckoutStatus.PENDING
    assert counters(pool) == (2, 0)


def test_verdict_that_is_refused_leaves_the_places_guarded(checkout, second_page, gateway, decide):
    order = the_order(checkout)
    until = order.checkout.paying_until
    order.event.status = EventStatus.CANCELLED
    db.session.commit()

    assert obstacle(decide, PAID) is Obstacle.EVENT_CALLED_OFF

    assert gateway.sessions[second_page].status == "expired"
    assert until is not None
    assert the_order(checkout).checkout.paying_until == until


def test_late_money_for_a_basket_that_was_changed_makes_no_tickets(
    checkout, tier, gateway, buyer, ports, pool, decide
):
    first = buyer.session_of(checkout)
    take_one(checkout, tier, ports)
    pay_late(gateway, first)

    order = sync(checkout, ports)

    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, "order_changed")
    assert obstacle(decide, PAID) is Obstacle.BASKET_CHANGED
    assert counters(pool) == (1, 0)
    assert decide(CANCELLED).status is CANCELLED
    assert (counters(pool), mail_kinds()) == ((0, 0), [])
    assert broken_rules() == []


def test_late_money_after_the_changed_basket_has_lapsed_makes_no_tickets(
    checkout, tier, gateway, buyer, ports, decide, clock
):
    first = buyer.session_of(checkout)
    take_one(checkout, tier, ports)
    clock.advance(hours=1)
    pay_late(gateway, first)

    assert sync(checkout, ports).review_reason == "order_changed"
    assert obstacle(decide, PAID) is Obstacle.BASKET_CHANGED
    assert decide(REFUNDED).status is REFUNDED
    assert broken_rules() == []
