"""Paying and refunding at the same moment: one page, one refund; without the guards, two."""

from functools import partial
from threading import Barrier

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import text

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.concurrency.unlocked import without_row_locks
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import refunds
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment, withdraw_payment
from webapp.flows.refunds import run_refund
from webapp.models import Checkout, Order, Payment, Refund
from webapp.transaction import transaction

AT_ONCE = 8
# An order, and what hangs on its row.
ORDERS = ("orders", "order_items", "order_transitions", "payments")
# Without its locks a repeated order has its lines written anew by both; that is not the point.
twice_removed = pytest.mark.filterwarnings("ignore:DELETE statement on table 'order_items'")


@pytest.fixture
def gateway(clock):
    return OneAtATimeGateway(clock)


@pytest.fixture
def checkout(app) -> Checkout:
    return make_checkout((make_tier(make_event(), capacity=20), 2))


@pytest.fixture
def click(checkout, ports):
    return partial(start_payment, reference=checkout.reference, links=LINKS, ports=ports)


def count(model) -> int:
    db.session.rollback()
    return db.session.query(model).count()


def faults_of(outcomes) -> list[tuple[type, str | None]]:
    return [(type(each.orig), each.orig.diag.constraint_name) for each in outcomes.refusals]


def test_two_clicks_on_pay_at_the_same_moment_open_one_session(crowd, click, gateway):
    outcomes = call_at_once(crowd, [click] * AT_ONCE)

    assert outcomes.refusals == []
    assert {start.url for start in outcomes.answers} == {"https://gateway.test/cs_test_1"}
    assert (len(gateway.sessions), count(Order), count(Payment)) == (1, 1, 1)


def test_control_without_the_checkouts_lock_the_unique_checkout_stops_the_second_order(
    crowd, click, gateway
):
    with without_row_locks(crowd, Barrier(2, timeout=30).wait):
        outcomes = call_at_once(crowd, [click] * 2)

    assert faults_of(outcomes) == [(UniqueViolation, "orders_checkout_id_key")]
    assert (len(gateway.sessions), count(Payment)) == (1, 1)


def test_control_without_lock_and_unique_keys_two_clicks_open_two_sessions(
    click, gateway, unguarded
):
    crowd = unguarded(*ORDERS)

    with without_row_locks(crowd, Barrier(2, timeout=30).wait):
        outcomes = call_at_once(crowd, [click] * 2)

    assert outcomes.refusals == []
    assert len({start.url for start in outcomes.answers}) == 2
    assert len(gateway.sessions) == 2


@pytest.fixture
def withdrawn(checkout, click, ports) -> Checkout:
    """Somebody went to pay before: there is an order, and no payment that can be made."""
    click()
    withdraw_payment(reference=checkout.reference, ports=ports)
    return checkout


def test_clicks_on_pay_after_an_earlier_try_open_one_more_session(crowd, withdrawn, click, gateway):
    outcomes = call_at_once(crowd, [click] * AT_ONCE)

    assert {start.url for start in outcomes.answers} == {"https://gateway.test/cs_test_2"}
    assert (len(gateway.sessions), count(Order), count(Payment)) == (2, 1, 2)


@twice_removed
def test_control_without_the_locks_the_one_live_payment_of_an_order_stops_the_second(
    withdrawn, click, unguarded, gateway
):
    crowd = unguarded("payments")
    # Nothing but the index under test: the number of the attempt would refuse as well.
    db.session.execute(
        text(
            "CREATE UNIQUE INDEX payments_order_id_live_key ON unguarded.payments (order_id)"
            " WHERE status IN ('created', 'open', 'processing')"
        )
    )
    db.session.commit()

    with without_row_locks(crowd, Barrier(2, timeout=30).wait):
        outcomes = call_at_once(crowd, [click] * 2)

    assert faults_of(outcomes) == [(UniqueViolation, "payments_order_id_live_key")]


@twice_removed
def test_control_without_that_index_an_order_has_two_live_payments(withdrawn, click, unguarded):
    crowd = unguarded("payments")

    with without_row_locks(crowd, Barrier(2, timeout=30).wait):
        call_at_once(crowd, [click] * 2)

    live = text("SELECT count(*) FROM unguarded.payments WHERE status IN ('created', 'open')")
    assert db.session.scalar(live) == 2


@pytest.fixture
def refund(click, gateway, ports) -> Refund:
    """Asked for and not made yet, of an order that was paid."""
    click()
    gateway.pay("cs_test_1")
    sync_order_payment(order_id=db.session.query(Order.id).scalar(), ports=ports)
    with transaction():
        return refunds.request_refund(
            payment=db.session.query(Payment).one(),
            reason="duplicate_payment",
            now=NOW,
            trace_id="t",
        )


def meet_at_the_gateway(gateway: OneAtATimeGateway, *, forgets_keys: bool) -> None:
    """The next two calls for a refund are both on their way before either is answered."""
    everybody, ask = Barrier(2, timeout=30), gateway.refund_payment

    def refund_payment(*, idempotency_key: str, **facts: object):
        number = everybody.wait()
        key = f"{idempotency_key}-{number}" if forgets_keys else idempotency_key
        return ask(idempotency_key=key, **facts)

    gateway.refund_payment = refund_payment


def test_refunding_at_the_same_moment_gives_the_money_back_once(crowd, refund, gateway, ports):
    call_at_once(crowd, [partial(run_refund, refund_id=refund.id, ports=ports)] * AT_ONCE)
    run_refund(refund_id=refund.id, ports=ports)

    assert (list(gateway.refunds), gateway.kept_cents(), count(Refund)) == (["re_1"], 0, 1)
    assert broken_rules() == []


def test_refunds_that_meet_at_the_gateway_have_one_key(crowd, refund, gateway, ports):
    meet_at_the_gateway(gateway, forgets_keys=False)

    outcomes = call_at_once(crowd, [partial(run_refund, refund_id=refund.id, ports=ports)] * 2)

    assert outcomes.refusals == []
    assert (list(gateway.refunds), gateway.kept_cents(), count(Refund)) == (["re_1"], 0, 1)
    assert broken_rules() == []


def test_control_without_the_refunds_key_the_money_goes_back_twice(crowd, refund, gateway, ports):
    meet_at_the_gateway(gateway, forgets_keys=True)

    call_at_once(crowd, [partial(run_refund, refund_id=refund.id, ports=ports)] * 2)

    assert (list(gateway.refunds), gateway.kept_cents()) == (["re_1", "re_2"], -refund.amount_cents)
