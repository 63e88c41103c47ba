"""Several people decide one order at the same moment: one of them does, and the others hear so."""

from functools import partial

import pytest

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.purchases import LINKS, find_order
from webapp.database import db
from webapp.domain.verdicts import CannotDecide
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.flows.refunds import run_refund
from webapp.flows.reviews import decide_review
from webapp.models import AuditEntry, OrderStatus, Refund

AT_ONCE = 4
PAID, CANCELLED = OrderStatus.PAID, OrderStatus.CANCELLED


@pytest.fixture
def gateway(clock):
    return OneAtATimeGateway(clock)


@pytest.fixture
def number(app, gateway, ports) -> str:
    """An order of two places for which the gateway took a cent."""
    checkout = make_checkout((make_tier(make_event(), capacity=20), 2))
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1", amount_cents=1)
    sync_order_payment(order_id=find_order(start.order_number).id, ports=ports)
    db.session.rollback()
    return start.order_number


def decision(number: str, verdict: OrderStatus, ports):
    about = {"who": "Robin", "why": "Agreed.", "ports": ports}
    return partial(decide_review, number=number, verdict=verdict, **about)


def decided() -> int:
    return db.session.query(AuditEntry).filter_by(action="review_decided").count()


def test_same_decision_at_the_same_moment_is_made_once(crowd, number, gateway, ports):
    outcomes = call_at_once(crowd, [decision(number, CANCELLED, ports)] * AT_ONCE)
    (refund,) = db.session.query(Refund).all()
    run_refund(refund_id=refund.id, ports=ports)

    assert outcomes.refusals == []
    assert sum(answer is not None for answer in outcomes.answers) == 1
    assert (decided(), gateway.kept_cents(), list(gateway.refunds)) == (1, 0, ["re_1"])
    assert find_order(number).status is OrderStatus.REFUNDED
    assert broken_rules() == []


def test_other_decisions_at_the_same_moment_are_refused_by_the_first(crowd, number, ports):
    calls = [decision(number, verdict, ports) for verdict in (PAID, CANCELLED) * 2]

    outcomes = call_at_once(crowd, calls)

    assert (decided(), len(outcomes.refusals)) == (1, 2)
    assert {type(refusal) for refusal in outcomes.refusals} == {CannotDecide}
    assert find_order(number).status in {PAID, CANCELLED}
    assert broken_rules() == []
