"""What was lost is found under its own trace; what is kept is kept as long as was promised."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from webapp.database import db
from webapp.domain import emails, idempotency, reconciliation, refunds, tickets
from webapp.models import (
    EmailMessage,
    IdempotencyKey,
    Order,
    Outbox,
    Payment,
    PaymentStatus,
    RefundStatus,
)
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("age", "is_kept"), [(timedelta(hours=24), True), (timedelta(hours=25), False)]
)
def test_answer_is_kept_for_as_long_as_the_api_promises(clock, age, is_kept):
    with transaction():
        idempotency.save_answer(
            scope="s", key="k", request_hash="h", status_code=201, answer={}, now=clock() - age
        )

    with transaction():
        reconciliation.delete_old_rows(now=clock())

    assert (db.session.query(IdempotencyKey).count() == 1) is is_kept


PURCHASE = "0af7651916cd43dd8448eb211c80319c"


def forget_work(order: Order) -> None:
    """As if every ring and row were lost, and the buyer's click had left its trace."""
    db.session.query(Outbox).delete()
    db.session.query(Order).filter_by(id=order.id).update({"trace_id": PURCHASE})
    db.session.commit()


def work_found(add: Callable[..., int], now: datetime) -> list[tuple[str, str]]:
    with transaction():
        add(now=now, limit=10)
    return [(work.kind, work.trace_id) for work in db.session.query(Outbox)]


def test_tickets_that_were_forgotten_are_made_under_the_trace_of_the_purchase(paid_order, clock):
    forget_work(paid_order)
    clock.advance(minutes=1)

    found = work_found(reconciliation.add_unissued_orders, clock())

    assert found == [("issue_tickets", PURCHASE)]


def test_mail_that_was_never_written_is_written_under_the_trace_of_the_purchase(paid_order, clock):
    with transaction():
        tickets.issue_tickets(order_id=paid_order.id, now=clock(), trace_id="t")
    forget_work(paid_order)
    db.session.query(EmailMessage).delete()
    db.session.commit()
    clock.advance(minutes=1)

    found = work_found(reconciliation.add_unmailed_orders, clock())

    assert found == [("send_email", PURCHASE)]


def test_mail_that_was_forgotten_goes_out_under_the_trace_of_the_purchase(paid_order, clock):
    with transaction():
        tickets.issue_tickets(order_id=paid_order.id, now=clock(), trace_id="t")
    forget_work(paid_order)
    clock.advance(minutes=3)

    found = work_found(partial(emails.make_forgotten_emails_due, trace_id="chore"), clock())

    assert found == [("send_email", PURCHASE)]


@pytest.mark.parametrize(
    ("status", "age", "add", "kind"),
    [
        ("requested", timedelta(minutes=1), reconciliation.add_unsettled_refunds, "run_refund"),
        ("succeeded", timedelta(hours=1), reconciliation.add_settled_refunds, "sync_payment"),
    ],
)
def test_refund_is_looked_after_under_the_trace_of_the_purchase(
    paid_order, clock, status, age, add, kind
):
    with transaction():
        payment = db.session.query(Payment).one()
        refund = refunds.request_refund(payment=payment, reason="x", now=clock(), trace_id="t")
        refund.status, refund.settled_at = RefundStatus(status), clock()
    forget_work(paid_order)
    clock.advance(seconds=age.total_seconds())

    assert work_found(add, clock()) == [(kind, PURCHASE)]


def test_payment_that_nobody_looked_at_is_looked_at_under_the_trace_of_the_purchase(
    paid_order, clock
):
    db.session.query(Payment).update({"status": PaymentStatus.OPEN})
    forget_work(paid_order)
    clock.advance(hours=1)

    found = work_found(reconciliation.add_overdue_payments, clock())

    assert found == [("sync_payment", PURCHASE)]
