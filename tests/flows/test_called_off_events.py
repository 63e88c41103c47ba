"""An event that was called off takes no money; what comes nevertheless goes back."""

import pytest

from jobs.mail import compose
from tests.flows.outcomes import (
    assert_all_went_back,
    late_payment,
    run_refunds,
    sync,
    the_order,
)
from tests.purchases import LINKS, counters
from webapp.database import db
from webapp.domain.contacts import Contact
from webapp.domain.details import CheckedDetails
from webapp.errors import SalesClosed
from webapp.flows.payment_start import start_payment
from webapp.models import EmailMessage, Event, EventStatus, OrderStatus
from webapp.payment_refusals import PaymentPending

pytestmark = pytest.mark.usefixtures("app")


def call_off(checkout):
    db.session.get_one(Event, checkout.event_id).status = EventStatus.CANCELLED
    db.session.commit()


def assert_went_back(checkout, gateway, pool):
    assert_all_went_back(the_order(checkout), gateway)
    mail = compose(db.session.scalars(db.select(EmailMessage)).one())
    assert "was cancelled, so there are no tickets for you" in mail.text
    assert "the event is cancelled" in mail.subject
    assert "sold" not in mail.text
    assert counters(pool) == (0, 0)


def test_nobody_is_sent_to_a_page_that_was_open_before(checkout, gateway, buyer):
    session_id = buyer.session_of(checkout)
    call_off(checkout)

    for _ in range(2):
        with pytest.raises(SalesClosed):
            buyer.start(checkout)

    assert gateway.sessions[session_id].status == "expired"
    assert the_order(checkout).status is OrderStatus.PENDING


def test_page_that_another_tab_opened_again_each_time_is_closed_with_the_sales(
    checkout, gateway, buyer, ports
):
    buyer.start(checkout)
    after_openings = [lambda: None, lambda: call_off(checkout)]

    def open_again():
        if after_openings:
            sync(checkout, ports)
            buyer.start(checkout)
            after_openings.pop(0)()

    gateway.after_expire = open_again

    with pytest.raises(SalesClosed):
        start_payment(
            reference=checkout.reference,
            links=LINKS,
            ports=ports,
            checked=CheckedDetails(Contact("bob@example.com", "Bob")),
        )

    assert [session.status for session in gateway.sessions.values()] == ["expired"] * 3


def test_money_on_the_open_page_goes_back_once_with_one_apology(
    checkout, gateway, buyer, ports, pool
):
    session_id = buyer.session_of(checkout)
    call_off(checkout)
    gateway.pay(session_id)

    for _ in range(3):
        sync(checkout, ports)
        run_refunds(ports)

    assert_went_back(checkout, gateway, pool)


def test_money_that_was_faster_than_the_closing_goes_back(checkout, gateway, buyer, ports, pool):
    session_id = buyer.session_of(checkout)
    call_off(checkout)
    gateway.pay(session_id)

    with pytest.raises(PaymentPending):
        buyer.start(checkout)
    run_refunds(ports)

    assert_went_back(checkout, gateway, pool)


def test_money_that_a_bank_confirms_later_goes_back(checkout, gateway, buyer, ports, pool):
    session_id = buyer.session_of(checkout)
    gateway.start_delayed(session_id)
    assert sync(checkout, ports).status is OrderStatus.PROCESSING
    call_off(checkout)

    gateway.settle_delayed(session_id, succeeds=True)
    sync(checkout, ports)
    run_refunds(ports)

    assert_went_back(checkout, gateway, pool)


def test_late_money_goes_back_though_seats_are_left(checkout, gateway, buyer, clock, ports, pool):
    late_payment(checkout, gateway, buyer, clock, ports)
    call_off(checkout)

    sync(checkout, ports)
    run_refunds(ports)

    assert_went_back(checkout, gateway, pool)
