"""Totals of checkouts: how many there were, how far they came, how long they took."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from sqlalchemy import ColumnElement, Select, func, select

from webapp.database import db
from webapp.domain import abandoned_checkouts
from webapp.models import Checkout, CheckoutStatus, CheckoutStep, Order, Presence

FLOW_LABELS = ("flow", "device")
# Seconds from opening a checkout to its money; two minutes is the goal. What a bank
# takes days over counts as well, beyond the last.
PAID_WITHIN = (30, 60, 120, 300, 600, 900, 1800, 3600)
# Seconds from opening a checkout to the last look at it, of those that came to nothing.
GIVEN_UP_WITHIN = (10, 30, 60, 120, 300, 600, 900, 1800, 3600)
# Until people can sign in, every buyer is a guest.
FLOW = "guest"
DEVICES = ("web", "mobile")


def collect(*, now: datetime) -> Iterator[Metric]:
    """Everything that is known of checkouts, read from the rows."""
    yield from _checkouts()
    yield _times_to_pay()
    yield _abandoned(now)
    yield _times_to_give_up(now)


def _checkouts() -> Iterator[Metric]:
    """Every checkout ever opened, and how it ended."""
    query = select(
        Checkout.device,
        func.count(),
        func.count().filter(Checkout.status == CheckoutStatus.CONVERTED),
        func.count().filter(Checkout.status == CheckoutStatus.EXPIRED),
    ).group_by(Checkout.device)
    created = flow_counter("checkout_session_created", "Checkouts that were opened.")
    converted = flow_counter("checkout_session_converted", "Checkouts that were paid for.")
    expired = flow_counter("checkout_session_expired", "Checkouts whose time ran out.")
    for device, opened, paid, lapsed in db.session.execute(query):
        for family, count in ((created, opened), (converted, paid), (expired, lapsed)):
            family.add_metric([FLOW, device], count)
    yield from (created, converted, expired)


def _times_to_pay() -> Metric:
    """How long buyers took from the hold to the money, free orders included."""
    took = func.extract("epoch", Order.paid_at - Checkout.created_at)
    query = (
        _times(took, PAID_WITHIN)
        .join(Order, Order.checkout_id == Checkout.id)
        .where(Order.paid_at.is_not(None))
    )
    return _histogram(
        "checkout_paid_seconds", "Time from opening a checkout to its payment.", query, PAID_WITHIN
    )


def _abandoned(now: datetime) -> Metric:
    """How far those came who gave up."""
    query = (
        select(Checkout.device, Checkout.reached, func.count())
        .where(abandoned_checkouts.is_given_up(now=now))
        .group_by(Checkout.device, Checkout.reached)
    )
    counts = {(device, reached): count for device, reached, count in db.session.execute(query)}
    abandoned = CounterMetricFamily(
        "checkout_session_abandoned",
        "Checkouts that were cancelled, or ran out and cannot be taken up again.",
        labels=(*FLOW_LABELS, "reached"),
    )
    for device in DEVICES:
        for step in CheckoutStep:
            abandoned.add_metric([FLOW, device, step], counts.get((device, step), 0))
    return abandoned


def _times_to_give_up(now: datetime) -> Metric:
    """How long those stayed who gave up, as far as their browsers told."""
    stayed = func.greatest(func.extract("epoch", Presence.seen_at - Checkout.created_at), 0)
    query = (
        _times(stayed, GIVEN_UP_WITHIN)
        .join(Presence, Presence.checkout_id == Checkout.id)
        .where(abandoned_checkouts.is_given_up(now=now))
    )
    return _histogram(
        "checkout_abandoned_seconds",
        "Time from opening a checkout that came to nothing to the last look at it.",
        query,
        GIVEN_UP_WITHIN,
    )


def _times(took: ColumnElement[Any], ends: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """By device: all seconds, how many there are, and how many took no longer than each end."""
    return select(
        Checkout.device,
        func.coalesce(func.sum(took), 0),
        func.count(),
        *(func.count().filter(took <= seconds) for seconds in ends),
    ).group_by(Checkout.device)


def _histogram(
    name: str, documentation: str, query: Select[*tuple[Any, ...]], ends: Sequence[int]
) -> Metric:
    times = HistogramMetricFamily(name, documentation, labels=FLOW_LABELS)
    for device, total, count, *within in db.session.execute(query):
        labels = [str(float(seconds)) for seconds in ends]
        buckets = [*zip(labels, within, strict=True), ("+Inf", count)]
        times.add_metric([FLOW, device], buckets, float(total))
    return times


def flow_counter(name: str, documentation: str) -> CounterMetricFamily:
    """A counter by flow and device."""
    return CounterMetricFamily(name, documentation, labels=FLOW_LABELS)
