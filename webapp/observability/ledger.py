"""Business totals, read from the rows when Prometheus asks.

The rows are the ledger: totals read from them survive restarts, need no
counting in workers, and cannot disagree with what was sold.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import db
from webapp.domain import counter_checks
from webapp.models import (
    Checkout,
    Event,
    Order,
    OrderStatus,
    Outbox,
    OutboxStatus,
    Pool,
    Ticket,
)
from webapp.observability import checkout_totals
from webapp.observability.checkout_totals import DEVICES, FLOW, flow_counter

log = logging.getLogger(__name__)

# Asking must never slow the selling down.
STATEMENT_TIMEOUT_MS = 2000


def render_ledger_metrics(*, now: datetime) -> bytes:
    """Totals and levels in Prometheus' text format; empty when the database cannot tell."""
    registry = CollectorRegistry(auto_describe=False)
    try:
        db.session.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"))
        registry.register(_Rows(list(_collect(now))))
        return generate_latest(registry)
    except SQLAlchemyError as error:
        log.warning("ledger metrics unavailable", extra={"error_class": type(error).__name__})
        return b""
    finally:
        db.session.rollback()


class _Rows(Collector):
    """Metrics that were read already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        """The metrics as they were read."""
        return self._families


def _collect(now: datetime) -> Iterator[Metric]:
    yield from checkout_totals.collect(now=now)
    yield _tickets()
    yield _scans()
    yield from _outbox(now)
    yield _orders_in_review()
    yield from _pools(now)
    yield from _counter_checks()


def _tickets() -> Metric:
    query = (
        select(Checkout.device, func.count(Ticket.id))
        .join(Order, Order.id == Ticket.order_id)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .group_by(Checkout.device)
    )
    issued = flow_counter("ticket_issued", "Tickets that were issued.")
    for device, count in db.session.execute(query):
        issued.add_metric([FLOW, device], count)
    return issued


def _scans() -> Metric:
    """A zero that dashboards can be built on: nobody takes tickets at a door yet."""
    scanned = flow_counter(
        "ticket_scanned", "Tickets taken at a door; always zero while there is no door check."
    )
    for device in DEVICES:
        scanned.add_metric([FLOW, device], 0)
    return scanned


def _outbox(now: datetime) -> Iterator[Metric]:
    """Work that waits, how long the oldest has waited, and what was given up on."""
    depth = GaugeMetricFamily("outbox_depth", "Work that is due or running.", labels=["queue"])
    age = GaugeMetricFamily(
        "outbox_oldest_age_seconds", "Age of the oldest work that is due.", labels=["queue"]
    )
    dead = GaugeMetricFamily("outbox_dead", "Work that waits for a person.", labels=["queue"])
    is_open = Outbox.status.in_([OutboxStatus.DUE, OutboxStatus.RUNNING])
    for queue, count, oldest in db.session.execute(_by_queue(is_open, func.min(Outbox.due_at))):
        depth.add_metric([queue], count)
        age.add_metric([queue], max(0.0, (now - oldest).total_seconds()))
    for queue, count, _ in db.session.execute(
        _by_queue(Outbox.status == OutboxStatus.DEAD, func.min(Outbox.due_at))
    ):
        dead.add_metric([queue], count)
    yield from (depth, age, dead)


def _by_queue(
    condition: ColumnElement[bool], oldest: ColumnElement[datetime]
) -> Select[str, int, datetime]:
    return select(Outbox.queue, func.count(), oldest).where(condition).group_by(Outbox.queue)


def _orders_in_review() -> Metric:
    query = select(func.count()).where(Order.status == OrderStatus.NEEDS_REVIEW)
    return GaugeMetricFamily(
        "orders_needing_review",
        "Orders that no rule may decide.",
        value=db.session.scalar(query) or 0,
    )


def _pools(now: datetime) -> Iterator[Metric]:
    """Places of events that are not over."""
    query = (
        select(Event.slug, Pool.name, Pool.capacity, Pool.held, Pool.sold)
        .join(Event, Event.id == Pool.event_id)
        .where(Event.ends_at > now)
        .order_by(Pool.id)
    )
    labels = ["event", "pool"]
    capacity = GaugeMetricFamily("pool_capacity", "Places of a pool.", labels=labels)
    held = GaugeMetricFamily("pool_held", "Places in open checkouts.", labels=labels)
    sold = GaugeMetricFamily("pool_sold", "Places that were paid for.", labels=labels)
    for slug, name, *figures in db.session.execute(query):
        for family, figure in zip((capacity, held, sold), figures, strict=True):
            family.add_metric([slug, name], figure)
    yield from (capacity, held, sold)


def _counter_checks() -> Iterator[Metric]:
    """What the last look at the counters found; a look that is long ago is a finding, too."""
    wrong = GaugeMetricFamily(
        "counters_miscounted", "Counters that differ from their rows.", labels=["counters"]
    )
    looked = GaugeMetricFamily(
        "counters_checked_timestamp_seconds", "When they were compared.", labels=["counters"]
    )
    for check in counter_checks.list_checks():
        wrong.add_metric([check.name], check.miscounted)
        looked.add_metric([check.name], check.checked_at.timestamp())
    yield from (wrong, looked)
