"""Money for an order that was paid before: it goes back, or somebody hears of it."""

import logging

import pytest

from tests.concurrency.invariants import broken_rules
from tests.flows.outcomes import issue, mail_kinds, run_refunds, sync, the_order
from tests.purchases import counters
from webapp.database import db
from webapp.domain import emails, reviews
from webapp.domain.baskets import BasketLine
from webapp.domain.hold_caps import NO_CAPS
from webapp.flows.checkouts import change_basket
from webapp.models import OrderStatus, Refund

pytestmark = pytest.mark.usefixtures("app")
TOTAL, SMALLER = 6615, 3417


@pytest.fixture
def first(checkout, tier, gateway, buyer, ports) -> str:
    """A withdrawn page of 66.15; the order was paid for a basket of 34.17 since."""
    first = buyer.session_of(checkout)
    lines = [BasketLine(tier_id=tier.id, quantity=1)]
    change_basket(reference=checkout.reference, lines=lines, caps=NO_CAPS, ports=ports)
    gateway.pay(buyer.session_of(checkout))
    issue(sync(checkout, ports))
    assert the_order(checkout).total_cents == SMALLER
    return first


def pay_late(gateway, session_id: str, **seen: object) -> None:
    late = {"status": "complete", "payment_status": "paid", "payment_id": "pi_late"}
    gateway._change(session_id, **late, **seen)


@pytest.mark.parametrize("taken", [TOTAL, TOTAL - 1])
def test_other_money_for_a_paid_order_goes_back_and_the_tickets_stay(
    checkout, gateway, ports, first, pool, taken
):
    pay_late(gateway, first, amount_cents=taken)

    for _ in range(2):
        sync(checkout, ports)
        run_refunds(ports)

    refund = db.session.scalars(db.select(Refund)).one()
    assert (refund.reason, refund.amount_cents) == ("duplicate_payment", taken)
    assert gateway.kept_cents() == SMALLER
    assert the_order(checkout).status is OrderStatus.PAID
    assert counters(pool) == (0, 1)
    assert mail_kinds() == sorted([emails.ORDER_CONFIRMATION, emails.DUPLICATE_PAYMENT_REFUNDED])
    assert reviews.list_reviews() == []
    assert broken_rules() == []


@pytest.mark.parametrize("seen", [{"currency": "EUR"}, {"livemode": True}])
def test_money_that_no_rule_may_give_back_is_an_error_in_the_log_and_listed(
    checkout, gateway, ports, first, caplog, seen
):
    pay_late(gateway, first, **seen)

    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            order = sync(checkout, ports)

    (record,) = [r for r in caplog.records if r.message == "money beside a paid order"]
    assert record.order_number == order.number
    assert (order.status, db.session.query(Refund).count()) == (OrderStatus.PAID, 0)
    (found,) = reviews.list_reviews()
    assert (found.number, found.reason) == (order.number, "beyond_the_price")
    assert (found.expected_cents, found.has_valid_tickets) == (SMALLER, True)


def test_failed_refund_of_a_second_payment_is_listed_until_the_money_has_gone(
    checkout, gateway, ports, first, caplog
):
    pay_late(gateway, first)
    sync(checkout, ports)
    run_refunds(ports)
    gateway.settle_refund("re_1", "failed")

    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            sync(checkout, ports)
    assert [r.message for r in caplog.records] == ["refund failed"]
    assert [found.reason for found in reviews.list_reviews()] == ["beyond_the_price"]
    gateway.refund_at_gateway("pi_late", TOTAL)
    sync(checkout, ports)

    assert reviews.list_reviews() == []
    assert the_order(checkout).status is OrderStatus.PAID
