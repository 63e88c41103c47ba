"""Totals of the rows, for Prometheus."""

from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from webapp.database import db
from webapp.observability.ledger import render_ledger_metrics


def test_tickets_taken_at_a_door_are_an_honest_zero(app, clock):
    lines = render_ledger_metrics(now=clock()).decode().splitlines()

    assert [line for line in lines if line.startswith("ticket_scanned_total")] == [
        'ticket_scanned_total{device="web",flow="guest"} 0.0',
        'ticket_scanned_total{device="mobile",flow="guest"} 0.0',
    ]


def test_database_that_cannot_tell_is_logged_by_the_class_of_its_error(app, clock, caplog):
    with suppress(DBAPIError):
        db.session.execute(text("SELECT 1 / 0"))  # the transaction answers nothing from here on

    assert render_ledger_metrics(now=clock()) == b""
    (record,) = [r for r in caplog.records if r.message == "ledger metrics unavailable"]
    assert record.error_class == "InternalError"
