"""An order that a person does not let stand: its places are free, all its money goes back."""

import pytest

from tests.concurrency.invariants import broken_rules
from tests.flows.outcomes import (
    decisions,
    mail_kinds,
    obstacle,
    run_refunds,
    sync,
    the_order,
)
from tests.purchases import counters
from webapp.database import db
from webapp.documents.order_mail import compose_mail
from webapp.domain import emails, orders, ticket_access
from webapp.domain.money_back import MoneyBack, tell_money_back
from webapp.domain.ticket_access import SeenStatus
from webapp.domain.verdicts import Obstacle
from webapp.flows.payments import withdraw_payment
from webapp.models import (
    CheckoutStatus,
    EmailMessage,
    OrderStatus,
    Refund,
    RefundStatus,
    TicketStatus,
)

pytestmark = pytest.mark.usefixtures("app")
TOTAL = 6615
PAID, CANCELLED, REFUNDED = OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED


def test_cancelled_order_gives_seats_back_at_once_and_all_that_was_taken(
    checkout, review, decide, gateway, ports, pool
):
    review(amount_cents=2 * TOTAL)

    order = decide(CANCELLED)
    assert (order.status, order.checkout.status) == (CANCELLED, CheckoutStatus.CANCELLED)
    assert counters(pool) == (0, 0)
    assert tell_money_back(order=order) is MoneyBack.CANCELLED
    for _ in range(2):
        run_refunds(ports)

    order = the_order(checkout)
    assert (order.status, gateway.kept_cents()) == (REFUNDED, 0)
    assert list(gateway.refunds) == ["re_1"]
    assert mail_kinds() == [emails.ORDER_REFUNDED]
    assert broken_rules() == []


def test_cancelled_order_gives_back_what_staff_have_left_of_it(
    checkout, review, decide, gateway, ports
):
    payment_id = review(amount_cents=2 * TOTAL)
    gateway.refund_at_gateway(payment_id, TOTAL)

    decide(CANCELLED)
    run_refunds(ports)

    assert [refund.amount_cents for refund in gateway.refunds.values()] == [TOTAL, TOTAL]
    assert (the_order(checkout).status, gateway.kept_cents()) == (REFUNDED, 0)


def test_refund_of_a_cancelled_order_that_fails_comes_back_and_may_be_tried_again(
    checkout, review, decide, gateway, ports
):
    review(amount_cents=1)
    decide(CANCELLED)
    run_refunds(ports)
    gateway.settle_refund("re_1", "failed")

    order = sync(checkout, ports)
    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, "refund_failed")
    assert tell_money_back(order=order) is MoneyBack.STUCK
    decide(CANCELLED)
    run_refunds(ports)

    assert (the_order(checkout).status, gateway.kept_cents()) == (REFUNDED, 0)
    assert len(decisions()) == 2


def test_money_sent_another_way_is_counted_and_never_asked_of_the_gateway(
    checkout, gateway, payment_id, decide, ports, pool, clock
):
    gateway.refund_at_gateway(payment_id, TOTAL)
    sync(checkout, ports)
    gateway.settle_refund("re_1", "failed")
    sync(checkout, ports)
    mails = mail_kinds()

    assert decide(REFUNDED).status is REFUNDED

    run_refunds(ports)
    assert sync(checkout, ports).status is REFUNDED
    assert list(gateway.refunds) == ["re_1"]
    assert mail_kinds() == mails
    assert counters(pool) == (0, 0)


def test_payment_beside_one_in_another_currency_is_not_kept_as_well(
    checkout, gateway, buyer, decide, ports
):
    first = buyer.session_of(checkout)
    withdraw_payment(reference=checkout.reference, ports=ports)
    gateway.pay(buyer.session_of(checkout), currency="EUR")
    sync(checkout, ports)
    gateway._change(first, status="complete", payment_status="paid", payment_id="pi_first")

    assert obstacle(decide, PAID) is Obstacle.TOO_MUCH_KEPT
    decide(CANCELLED)
    run_refunds(ports)

    assert (the_order(checkout).status, gateway.kept_cents()) == (REFUNDED, 0)


@pytest.mark.parametrize("verdict", [PAID, REFUNDED])
def test_order_without_money_neither_stands_nor_was_refunded(review, decide, verdict):
    review(amount_cents=0)

    assert obstacle(decide, verdict) is Obstacle.NOTHING_KEPT
    assert decide(CANCELLED).status is CANCELLED
    assert db.session.scalars(db.select(Refund)).all() == []


def test_tickets_that_ended_do_not_become_valid_again(checkout, gateway, payment_id, decide, ports):
    gateway.refund_at_gateway(payment_id, TOTAL)
    sync(checkout, ports)
    gateway.settle_refund("re_1", "failed")
    sync(checkout, ports)

    assert obstacle(decide, PAID) is Obstacle.TICKETS_ENDED
    decide(CANCELLED)
    run_refunds(ports)

    assert (the_order(checkout).status, gateway.kept_cents()) == (REFUNDED, 0)


def test_tickets_of_an_order_that_is_cancelled_end_with_it(
    checkout, gateway, payment_id, decide, ports, pool
):
    gateway.refund_at_gateway(payment_id, 1000)
    sync(checkout, ports)
    gateway.settle_refund("re_1", "failed")
    sync(checkout, ports)

    order = decide(CANCELLED)

    assert {t.status for t in orders.list_tickets(order_id=order.id)} == {TicketStatus.VOID}
    shown = ticket_access.list_order_tickets(order_id=order.id)
    assert [seen.status for seen in shown] == [SeenStatus.VOID] * 2
    mail = db.session.scalars(db.select(EmailMessage).order_by(EmailMessage.id)).first()
    assert (mail.kind, compose_mail(mail)) == (emails.ORDER_CONFIRMATION, None)
    assert (counters(pool), broken_rules()) == ((0, 0), [])


def test_refund_that_staff_saw_through_themselves_ends_the_review_without_a_verdict(
    checkout, review, decide, gateway
):
    payment_id = review(amount_cents=1)
    gateway.refund_at_gateway(payment_id, 1)

    assert obstacle(decide, PAID) is Obstacle.NOT_IN_REVIEW
    assert the_order(checkout).status is REFUNDED
    assert db.session.scalars(db.select(Refund.status)).all() == [RefundStatus.SUCCEEDED]
