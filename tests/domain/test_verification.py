"""Ten points of a whole purchase, and each of them can be found wrong."""

import pytest

from jobs.runtime import perform
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.domain.verification import verify_order
from webapp.errors import NotFound
from webapp.models import (
    CheckoutStatus,
    Delivery,
    EmailMessage,
    EmailStatus,
    Order,
    Payment,
    Pool,
    Ticket,
)


@pytest.fixture
def order(paid_order) -> Order:
    perform(work_of(outbox.ISSUE_TICKETS).id)
    perform(work_of(outbox.SEND_EMAIL).id)
    db.session.expire_all()
    return paid_order


def wrong_points(order: Order) -> list[str]:
    db.session.commit()
    db.session.expire_all()
    return [point.name for point in verify_order(number=order.number) if not point.is_ok]


def test_a_whole_purchase_has_ten_good_points(order):
    assert len(verify_order(number=order.number)) == 10
    assert wrong_points(order) == []


def test_a_missing_ticket_is_found(order):
    db.session.delete(db.session.query(Ticket).first())

    assert wrong_points(order) == ["quantity"]


def test_a_short_code_is_found(order):
    db.session.query(Ticket).first().code = "SHORT"

    assert wrong_points(order) == ["codes"]


def test_a_counter_that_drifted_is_found(order):
    db.session.query(Pool).one().sold += 1

    assert wrong_points(order) == ["counters"]


def test_a_mail_that_was_not_sent_is_found(order):
    db.session.query(EmailMessage).one().status = EmailStatus.SENDING

    assert wrong_points(order) == ["mail"]


@pytest.mark.parametrize("delivery", [Delivery.BOUNCED, Delivery.SUPPRESSED, Delivery.FAILED])
def test_a_mail_that_did_not_arrive_is_found(order, delivery):
    db.session.query(EmailMessage).one().delivery = delivery

    (point,) = [point for point in verify_order(number=order.number) if point.name == "mail"]

    assert not point.is_ok
    assert point.finding == f"The confirmation mail is sent and {delivery.value}."


@pytest.mark.parametrize("delivery", [Delivery.DELIVERED, Delivery.COMPLAINED])
def test_a_mail_that_arrived_is_fine(order, delivery):
    db.session.query(EmailMessage).one().delivery = delivery

    assert wrong_points(order) == []


@pytest.mark.parametrize(
    "seen", [{"amount_cents": 1}, {"captured_cents": 1}, {"captured_currency": "EUR"}]
)
def test_another_amount_is_found(order, seen):
    db.session.execute(db.update(Payment).values(**seen))

    assert wrong_points(order) == ["amounts"]


def test_a_payment_without_a_session_is_found(order):
    db.session.query(Payment).one().session_id = None

    assert wrong_points(order) == ["session"]


def test_a_checkout_that_was_not_converted_is_found(order):
    db.session.get_one(Order, order.id).checkout.status = CheckoutStatus.EXPIRED

    assert wrong_points(order) == ["checkout"]


def test_an_unknown_order_is_not_found(app):
    with pytest.raises(NotFound):
        verify_order(number="EVE-20270301-9999")
