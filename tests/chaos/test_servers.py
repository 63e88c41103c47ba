"""Servers that die, hang or come back empty: slower for a while, and nothing lost."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from jobs.bell import Bell
from jobs.stopping import StopFlag
from jobs.worker import Worker
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.purchases import LINKS
from tests.waiting import wait_until
from webapp import create_app
from webapp.database import db
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.embedded.postgres import EmbeddedPostgres
from webapp.embedded.process import list_processes_in
from webapp.embedded.redis import EmbeddedRedis
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.gateways.rq_doorbell import RqDoorbell
from webapp.models import Checkout, Order, Ticket
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


@dataclass
class Ledger:
    """What the buyers were told, and so must be true for ever."""

    references: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)


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
    """Hold and go to pay; each answer is noted once it was given."""
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
            wait_until(lambda: len(told.numbers) >= ENOUGH, seconds=60)
            for process in list_processes_in(own_postgres.cluster):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            wait_until(lambda: not own_postgres.is_running())
            before = len(told.numbers)
            own_postgres.start()
            # The same application goes on by itself.
            wait_until(lambda: len(told.numbers) >= before + ENOUGH, seconds=60)
        finally:
            over.set()
        faults = sum(buyer.result() for buyer in buyers)

    assert faults > 0
    assert set(told.references) <= set(db.session.scalars(db.select(Checkout.reference)))
    assert set(told.numbers) <= set(db.session.scalars(db.select(Order.number)))
    assert broken_rules() == []
