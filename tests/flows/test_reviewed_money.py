"""Another amount than was asked for: what was taken is what has to go back, to the cent."""

import pytest

from tests.flows.outcomes import mail_kinds, sync
from tests.purchases import counters
from webapp.database import db
from webapp.documents.order_mail import compose_mail
from webapp.domain import emails, money_back
from webapp.models import EmailMessage, OrderStatus, Payment

pytestmark = pytest.mark.usefixtures("app")
TOTAL = 6615


def pay(checkout, gateway, buyer, ports, **seen) -> str:
    """The gateway says that it took something else; the payment's id there."""
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id, **seen)
    assert sync(checkout, ports).status is OrderStatus.NEEDS_REVIEW
    return session_id.replace("cs_", "pi_")


def test_what_was_taken_is_kept_beside_what_was_asked_for(checkout, gateway, buyer, ports):
    pay(checkout, gateway, buyer, ports, amount_cents=2 * TOTAL, currency="EUR")

    payment = db.session.scalars(db.select(Payment)).one()

    assert (payment.amount_cents, payment.currency) == (TOTAL, "USD")
    assert (payment.captured_cents, payment.captured_currency) == (2 * TOTAL, "EUR")


def test_money_taken_twice_over_is_not_refunded_while_half_of_it_is_kept(
    checkout, gateway, buyer, ports, pool
):
    payment_id = pay(checkout, gateway, buyer, ports, amount_cents=2 * TOTAL)

    gateway.refund_at_gateway(payment_id, TOTAL)
    order = sync(checkout, ports)

    assert (order.status, gateway.kept_cents()) == (OrderStatus.NEEDS_REVIEW, TOTAL)
    assert counters(pool) == (2, 0)


@pytest.mark.parametrize("taken", [1, TOTAL - 1, 2 * TOTAL])
def test_review_ends_when_all_that_was_taken_has_gone_back_and_the_buyer_hears_of_it(
    checkout, gateway, buyer, ports, pool, taken
):
    payment_id = pay(checkout, gateway, buyer, ports, amount_cents=taken)

    gateway.refund_at_gateway(payment_id, taken)
    for _ in range(2):
        order = sync(checkout, ports)

    assert (order.status, gateway.kept_cents()) == (OrderStatus.REFUNDED, 0)
    assert counters(pool) == (0, 0)
    assert mail_kinds() == [emails.ORDER_REFUNDED]
    assert money_back.order_refunded_cents(order=order) == min(taken, TOTAL)
    mail = db.session.scalars(db.select(EmailMessage)).one()
    assert f"{taken / 100:.2f}" in compose_mail(mail).text


def test_mail_names_what_went_back_in_the_currency_that_was_taken(checkout, gateway, buyer, ports):
    payment_id = pay(checkout, gateway, buyer, ports, currency="EUR")

    gateway.refund_at_gateway(payment_id, TOTAL)
    sync(checkout, ports)

    text = compose_mail(db.session.scalars(db.select(EmailMessage)).one()).text
    assert "€66.15" in text
    assert "$" not in text


def test_attempt_from_before_amounts_were_kept_counts_as_it_was_asked_for(
    checkout, gateway, ports, payment_id
):
    db.session.execute(db.update(Payment).values(captured_cents=None, captured_currency=None))
    db.session.commit()

    gateway.refund_at_gateway(payment_id, TOTAL)

    assert sync(checkout, ports).status is OrderStatus.REFUNDED
