"""A person decides what no rule may: once, on the trail, and no money is lost by it."""

import logging

import pytest

from jobs.runtime import perform
from tests.concurrency.invariants import broken_rules
from tests.factories import make_checkout
from tests.flows.outcomes import (
    decisions,
    late_payment,
    mail_kinds,
    obstacle,
    sync,
    the_order,
)
from tests.purchases import counters, work_of
from webapp.database import db
from webapp.domain import emails, orders, outbox, reviews
from webapp.domain.reviews import Money
from webapp.domain.verdicts import Obstacle
from webapp.domain.verification import verify_order
from webapp.models import (
    CheckoutStatus,
    EventStatus,
    OrderStatus,
    Refund,
    TicketStatus,
)
from webapp.payment_refusals import PaymentPending
from webapp.ports import GatewayUnavailable, GatewayUnknown

pytestmark = pytest.mark.usefixtures("app")
TOTAL = 6615
PAID, CANCELLED, REFUNDED = OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED


def test_order_that_enters_review_is_an_error_in_the_log_with_nothing_but_ids(
    checkout, review, caplog
):
    with caplog.at_level(logging.ERROR):
        review(amount_cents=1)

    (record,) = [r for r in caplog.records if r.message == "order needs review"]
    assert record.order_number == the_order(checkout).number
    assert record.reason == "amount_differs"
    assert "guest@example.com" not in caplog.text


def test_listed_review_names_what_was_expected_and_what_came(checkout, review, gateway, ports):
    payment_id = review(amount_cents=2 * TOTAL)
    gateway.refund_at_gateway(payment_id, 1000)
    gateway.refund_status = "pending"
    gateway.refund_at_gateway(payment_id, 500)
    order = sync(checkout, ports)

    (found,) = reviews.list_reviews()

    assert (found.number, found.reason) == (order.number, "amount_differs")
    assert (found.expected_cents, found.currency) == (TOTAL, "USD")
    assert found.money == {"USD": Money(2 * TOTAL, 1000, 500)}
    assert found.since == order.transitions[-1].at


def test_order_that_stands_gets_tickets_for_what_was_taken(checkout, review, decide, pool):
    review(amount_cents=TOTAL - 1)

    order = decide(PAID)
    perform(work_of(outbox.ISSUE_TICKETS).id)

    assert (order.status, order.checkout.status) == (PAID, CheckoutStatus.CONVERTED)
    assert counters(pool) == (0, 2)
    assert len(orders.list_tickets(order_id=order.id)) == 2
    assert mail_kinds() == [emails.ORDER_CONFIRMATION]
    assert broken_rules() == []
    (point,) = [p for p in verify_order(number=order.number) if p.name == "amounts"]
    assert (point.is_ok, "A person accepted that." in point.finding) == (True, True)


def test_decision_is_on_the_trail_with_who_and_why(checkout, review, decide):
    review(amount_cents=1)

    order = decide(PAID)

    assert decisions() == [
        {
            "verdict": "paid",
            "who": "Robin",
            "why": "Agreed with the buyer.",
            "reason": "amount_differs",
            "expected_cents": TOTAL,
            "currency": "USD",
            "kept_cents": {"USD": 1},
        }
    ]
    assert (order.transitions[-1].actor, order.review_reason) == ("staff", "")


@pytest.mark.parametrize("verdict", [PAID, CANCELLED, REFUNDED])
def test_decision_again_changes_nothing(checkout, review, decide, gateway, ports, pool, verdict):
    review(amount_cents=1)
    decide(verdict)
    before = (counters(pool), len(the_order(checkout).transitions))

    decide(verdict)

    assert (counters(pool), len(the_order(checkout).transitions)) == before
    assert len(decisions()) == 1
    assert len(db.session.scalars(db.select(Refund)).all()) == (verdict is not PAID)


def test_another_decision_afterwards_is_refused(review, decide):
    review(amount_cents=1)
    decide(CANCELLED)

    assert obstacle(decide, PAID) is Obstacle.NOT_IN_REVIEW


def test_more_than_the_price_is_not_kept_by_letting_the_order_stand(
    checkout, review, decide, gateway
):
    payment_id = review(amount_cents=2 * TOTAL)
    assert obstacle(decide, PAID) is Obstacle.TOO_MUCH_KEPT

    gateway.refund_at_gateway(payment_id, TOTAL)

    assert decide(PAID).status is PAID


def test_late_order_stands_only_while_there_are_places(
    checkout, gateway, buyer, clock, ports, tier, pool, decide
):
    late_payment(checkout, gateway, buyer, clock, ports)
    gateway._change("cs_test_1", amount_cents=1)
    assert sync(checkout, ports).status is OrderStatus.NEEDS_REVIEW
    rival = make_checkout((tier, 3), now=clock())
    assert obstacle(decide, PAID) is Obstacle.NO_PLACES
    assert counters(pool) == (3, 0)

    with_room = db.update(type(pool)).values(capacity=5)
    db.session.execute(with_room)
    db.session.commit()

    assert decide(PAID).status is PAID
    assert counters(pool) == (3, 2)
    assert rival.status is CheckoutStatus.PENDING


def test_order_for_an_event_that_was_called_off_does_not_stand(checkout, review, decide):
    review(amount_cents=1)
    the_order(checkout).event.status = EventStatus.CANCELLED
    db.session.commit()

    assert obstacle(decide, PAID) is Obstacle.EVENT_CALLED_OFF


def test_order_whose_part_did_not_go_back_stands_as_it_was(
    checkout, gateway, payment_id, decide, ports, pool, clock
):
    paid_at = the_order(checkout).paid_at
    gateway.refund_at_gateway(payment_id, 1000)
    sync(checkout, ports)
    gateway.settle_refund("re_1", "failed")
    sync(checkout, ports)
    clock.advance(days=1)

    order = decide(PAID)

    assert (order.status, order.paid_at) == (PAID, paid_at)
    assert {t.status for t in orders.list_tickets(order_id=order.id)} == {TicketStatus.VALID}
    assert sync(checkout, ports).status is PAID
    assert counters(pool) == (0, 2)


def test_nothing_is_decided_while_the_gateway_cannot_be_asked(checkout, review, decide, gateway):
    review(amount_cents=1)
    gateway.is_down = True

    with pytest.raises(GatewayUnavailable):
        decide(CANCELLED)

    assert the_order(checkout).status is OrderStatus.NEEDS_REVIEW


def test_page_that_is_still_open_is_closed_before_the_decision(
    checkout, second_page, decide, gateway, pool
):
    assert decide(PAID).status is PAID

    assert gateway.sessions[second_page].status == "expired"
    assert counters(pool) == (0, 2)


def test_buyer_who_pays_faster_than_the_decision_is_looked_at_again(
    checkout, second_page, decide, gateway, ports
):
    gateway.after_expire = None
    looks = gateway.look_up_session

    def pay_after_the_look(session_id):
        sighting = looks(session_id)
        if session_id == second_page and sighting.status == "open":
            gateway.pay(session_id)
        return sighting

    gateway.look_up_session = pay_after_the_look
    with pytest.raises(PaymentPending):
        decide(PAID)

    assert the_order(checkout).status is OrderStatus.NEEDS_REVIEW
    assert obstacle(decide, PAID) is Obstacle.TOO_MUCH_KEPT


def test_bank_that_has_not_answered_yet_is_waited_for(checkout, second_page, decide, gateway):
    gateway.start_delayed(second_page)

    assert obstacle(decide, CANCELLED) is Obstacle.PAYMENT_UNDER_WAY


def test_money_is_not_noted_as_sent_while_an_unknown_page_may_take_more(
    checkout, second_page, decide, gateway
):
    del gateway.sessions[second_page]

    with pytest.raises(GatewayUnknown):
        decide(REFUNDED)

    assert the_order(checkout).status is OrderStatus.NEEDS_REVIEW
