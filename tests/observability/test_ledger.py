"""Totals of the rows, for Prometheus."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.issued import make_order
from webapp.database import db
from webapp.models import OrderStatus
from webapp.observability.ledger import render_ledger_metrics


def test_tickets_taken_at_a_door_are_an_honest_zero(app, clock):
    lines = render_ledger_metrics(now=clock()).decode().splitlines()

    assert [line for line in lines if line.startswith("ticket_scanned_total")] == [
        'ticket_scanned_total{device="web",flow="guest"} 0.0',
        'ticket_scanned_total{device="mobile",flow="guest"} 0.0',
    ]


def test_time_from_the_hold_to_the_money_is_a_histogram(app, clock):
    for seconds in (45, 100, 7200):
        order = make_order(clock)
        order.paid_at = order.checkout.created_at + timedelta(seconds=seconds)
    make_order(clock, OrderStatus.PENDING)
    db.session.commit()

    lines = render_ledger_metrics(now=clock()).decode().splitlines()

    labels = 'device="web",flow="guest"'
    figures = dict(line.rsplit(" ", 1) for line in lines if line.startswith("checkout_paid_s"))
    assert figures[f'checkout_paid_seconds_bucket{{{labels},le="30.0"}}'] == "0.0"
    assert figures[f'checkout_paid_seconds_bucket{{{labels},le="60.0"}}'] == "1.0"
    assert figures[f'checkout_paid_seconds_bucket{{{labels},le="120.0"}}'] == "2.0"
    assert figures[f'checkout_paid_seconds_bucket{{{labels},le="+Inf"}}'] == "3.0"
    assert figures[f"checkout_paid_seconds_count{{{labels}}}"] == "3.0"
    assert figures[f"checkout_paid_seconds_sum{{{labels}}}"] == "7345.0"


def test_database_that_cannot_tell_is_logged_by_the_class_of_its_error(app, clock, caplog):
    with suppress(DBAPIError):
        db.session.execute(text("SELECT 1 / 0"))  # the transaction answers nothing from here on

    assert render_ledger_metrics(now=clock()) == b""
    (record,) = [r for r in caplog.records if r.message == "ledger metrics unavailable"]
    assert record.error_class == "InternalError"
