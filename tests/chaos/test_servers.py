"""Servers that die, hang or come back empty: slower for a while, and nothing lost."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import cast

import pytest
from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from jobs.bell import Bell
from jobs.runtime import perform
from jobs.stopping import StopFlag
from jobs.worker import Worker
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.purchases import LINKS
from tests.waiting import wait_until
from webapp import create_app
from webapp.database import db
from webapp.domain import outbox
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.embedded.postgres import EmbeddedPostgres
from webapp.embedded.process import list_processes_in
from webapp.embedded.redis import EmbeddedRedis
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.flows.reconciliation import ring_due_work
from webapp.gateways.rq_doorbell import RqDoorbell
from webapp.models import Checkout, Order, Ticket, WebhookEvent
from webapp.ports import Ports
from webapp.transaction import transaction

BUYERS = 6
ENOUGH = 40


@pytest.fixture
def own_redis(tmp_path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    yield server
    if server.pid:
        os.kill(server.pid, signal.SIGCONT)
    server.discard()


def kill(server: EmbeddedRedis) -> None:
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.is_running())


def hang(server: EmbeddedRedis) -> None:
    os.kill(server.pid, signal.SIGSTOP)


def empty(server: EmbeddedRedis) -> None:
    """Die with everything that was rung for, and come back knowing nothing."""
    kill(server)
    for path in server.data_dir.rglob("*.aof"):
        path.unlink()
    server.start()


@pytest.mark.parametrize("harm", [kill, hang, empty])
@pytest.mark.parametrize("is_rung", [True, False])
def test_tickets_are_issued_whatever_becomes_of_redis(
    app, ports, gateway, own_redis, harm, is_rung
):
    app.extensions["ports"] = ports = replace(ports, doorbell=RqDoorbell(own_redis.url))
    checkout = make_checkout((make_tier(make_event()), 2))
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1")
    order_id = db.session.query(Order.id).scalar()
    if not is_rung:
        harm(own_redis)
    sync_order_payment(order_id=order_id, ports=ports)
    if is_rung:
        harm(own_redis)
    stop = StopFlag()

    bell = Bell(own_redis.url, "orders", sleep=stop.wait)
    Worker(app, queue="orders", bell=bell, stop=stop).turn()

    assert db.session.query(Ticket).count() == 2
    assert broken_rules() == []


@contextmanager
def away(server: EmbeddedRedis) -> Iterator[None]:
    """Every ring inside is lost; afterwards the server is there again."""
    kill(server)
    yield
    server.start()


@contextmanager
def emptied_afterwards(server: EmbeddedRedis) -> Iterator[None]:
    """Every ring inside is taken, and forgotten before anybody hears it."""
    yield
    empty(server)


@pytest.mark.parametrize("loses_rings", [away, emptied_afterwards])
def test_a_lost_ring_is_rung_again_by_the_sweep_for_a_worker_that_does_not_poll(
    app, ports, gateway, clock, own_redis, loses_rings
):
    app.extensions["ports"] = ports = replace(ports, doorbell=RqDoorbell(own_redis.url))
    checkout = make_checkout((make_tier(make_event()), 2))
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1")
    stop = StopFlag()
    bell = Bell(own_redis.url, "orders", sleep=stop.wait)
    # Its clock stands still: after the first poll, which finds nothing, none is due again.
    worker = Worker(app, queue="orders", bell=bell, stop=stop, monotonic=lambda: 0.0)
    worker.turn()
    with loses_rings(own_redis):
        sync_order_payment(order_id=db.session.query(Order.id).scalar(), ports=ports)
    for _ in range(3):
        worker.turn()
    assert db.session.query(Ticket).count() == 0

    clock.advance(seconds=outbox.RING_LEASE.total_seconds())
    # The scheduler is another process, which has not seen Redis fail.
    sweeper = replace(ports, doorbell=RqDoorbell(own_redis.url))
    assert ring_due_work(ports=sweeper)["rung"] > 0
    wait_until(lambda: worker.turn() or db.session.query(Ticket).count() == 2, seconds=30)

    assert broken_rules() == []


@dataclass
class Ledger:
    """What the buyers and the gateway were told, and so must be true for ever."""

    references: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


@pytest.fixture
def own_postgres(tmp_path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    yield server
    server.discard()


@pytest.fixture
def own_app(own_postgres, environ, ports) -> Iterator[Flask]:
    """The product's own application, pool and all, on a server that will be killed."""
    app = create_app(environ | {"DATABASE_URL": own_postgres.url})
    app.extensions["ports"] = ports
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def gateway(clock):
    return OneAtATimeGateway(clock)


def buy(slug: str, tier_id: int, ledger: Ledger, ports: Ports) -> None:
    """Hold, go to pay, pay, and deliver the notice; each answer is noted once it was given."""
    with transaction():
        reference = open_checkout(
            event_slug=slug,
            lines=[BasketLine(tier_id, 1)],
            contact=Contact(email="guest@example.com"),
            origin=Origin(client_key="c", trace_id="t"),
            caps=NO_CAPS,
            now=NOW,
        ).reference
    ledger.references.append(reference)
    start = start_payment(reference=reference, links=LINKS, ports=ports)
    ledger.numbers.append(start.order_number)
    assert start.url
    session_id = start.url.rsplit("/", 1)[1]
    cast("OneAtATimeGateway", ports.payments).pay(session_id)
    deliver(f"evt_{session_id}", session_id, ledger)


def deliver(event_id: str, session_id: str, ledger: Ledger) -> None:
    """Once, as it comes: what is answered 204 is never sent again."""
    answer = current_app.test_client().post(
        "/webhooks/stripe",
        data=f"{event_id} checkout.session.completed {session_id}",
        headers={"Stripe-Signature": "signed"},
    )
    assert answer.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.SERVICE_UNAVAILABLE}
    if answer.status_code == HTTPStatus.NO_CONTENT:
        ledger.notices.append(event_id)


def do_all_work(app: Flask) -> None:
    """What workers do with everything that is due, one row after the other."""
    while True:
        with app.app_context(), transaction():
            ready = outbox.list_ready_work(queue="orders", now=NOW, limit=100)
        if not ready:
            return
        for outbox_id in ready:
            with app.app_context():
                perform(outbox_id)


def sell_until(is_over: Callable[[], bool], app: Flask, buy_one: Callable[[], None]) -> int:
    """Buy again and again; how often the database was away."""
    faults = 0
    while not is_over():
        with app.app_context():
            try:
                buy_one()
            except SQLAlchemyError:
                faults += 1
                with suppress(SQLAlchemyError):
                    db.session.rollback()
    return faults


def test_a_killed_database_has_lost_nothing_that_a_buyer_was_told(own_app, own_postgres, ports):
    event = make_event()
    slug, tier_id = event.slug, make_tier(event, capacity=100_000).id
    db.session.remove()
    told, over = Ledger(), threading.Event()

    with ThreadPoolExecutor(BUYERS) as crowd:
        buyers = [
            crowd.submit(sell_until, over.is_set, own_app, lambda: buy(slug, tier_id, told, ports))
            for _ in range(BUYERS)
        ]
        try:
            wait_until(lambda: len(told.notices) >= ENOUGH, seconds=60)
            for process in list_processes_in(own_postgres.cluster):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            wait_until(lambda: not own_postgres.is_running())
            before = len(told.notices)
            own_postgres.start()
            # The same application goes on by itself.
            wait_until(lambda: len(told.notices) >= before + ENOUGH, seconds=60)
        finally:
            over.set()
        faults = sum(buyer.result() for buyer in buyers)

    assert faults > 0
    assert set(told.references) <= set(db.session.scalars(db.select(Checkout.reference)))
    assert set(told.numbers) <= set(db.session.scalars(db.select(Order.number)))
    assert set(told.notices) <= set(db.session.scalars(db.select(WebhookEvent.event_id)))
    assert broken_rules() == []
    do_all_work(own_app)
    db.session.expire_all()
    fulfilled = db.session.query(Order).filter(Order.fulfilled_at.is_not(None)).count()
    assert fulfilled >= len(told.notices)
    assert broken_rules() == []
