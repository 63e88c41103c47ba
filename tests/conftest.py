"""One real PostgreSQL, one real Redis, fakes for the gateways, a clock that stands still."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fake_pushers import FakePassPusher, FakePusher
from tests.fakes import (
    FakeBucket,
    FakeGateway,
    FakeMailer,
    FrozenClock,
    RecordingDoorbell,
)
from tests.pass_certificates import apple_keys, google_keys
from tests.purchases import LINKS, find_order
from tests.transfers import Handover
from webapp import create_app
from webapp.database import Base, db
from webapp.embedded.postgres import EmbeddedPostgres
from webapp.embedded.redis import EmbeddedRedis
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import Order
from webapp.pass_ports import PassPorts
from webapp.ports import Ports

TEST_SECRET = "an-example-secret-for-tests-0123456789"
# Nothing in this server has to survive the run, so nothing waits for the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
RESTART_COUNTERS = text(
    "SELECT setval(oid::regclass, 1, false) FROM pg_class"
    " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
)
TEST_SIGNING_SECRET = "a-signing-key-for-tests-9876543210-zyxw"


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server that the operator names, or the embedded one with its own data."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        with database_of_this_process(named) as url:
            yield url
        return
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data", settings=HASTY)
    yield server.start()
    server.discard()


@contextmanager
def database_of_this_process(named: str) -> Iterator[str]:
    """The named database; beside it one for each process, where several share the tests."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        yield named
        return
    own = f"{make_url(named).database}_{worker}"
    server = create_engine(named, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{own}"'))
        yield make_url(named).set(database=own).render_as_string(hide_password=False)
        connection.execute(text(f'DROP DATABASE "{own}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="session")
def redis_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis") / "data")
    yield server.start()
    server.discard()


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A Redis without the rings that tests before this one left in it."""
    with Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url


@pytest.fixture(scope="session")
def environ(
    database_url: str, redis_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The settings of a development installation whose gateways answer nobody."""
    home: Path = tmp_path_factory.mktemp("home")
    return {
        "APP_ENV": "development",
        "YARDPASS_HOME": str(home),
        "SITE_URL": "http://localhost:8000",
        "SECRET_KEY": TEST_SECRET,
        "TICKET_SIGNING_KEY": TEST_SIGNING_SECRET,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_server_url,
        "STRIPE_SECRET_KEY": "sk_test_sandbox_tests",
        "STRIPE_WEBHOOK_SECRET": "whsec_tests_one,whsec_tests_two",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "RESEND_API_KEY": "re_sandbox_tests",
        "RESEND_API_URL": "http://127.0.0.1:9",
        "MAIL_FROM": "Box office <tickets@example.com>",
        "ORGANISATION_NAME": "Harbour Nights",
        "OPEN_CHECKOUTS_PER_CLIENT": "0",
        "RATELIMIT_ENABLED": "0",
        "ALLOW_DB_RESET": "1",
    }


@pytest.fixture(scope="session")
def migrated_app(environ: dict[str, str]) -> Iterator[Flask]:
    """The application as the factory builds it, on a database made by the migrations."""
    app = create_app(environ)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def gateway(clock: FrozenClock) -> FakeGateway:
    return FakeGateway(clock)


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


@pytest.fixture
def pusher() -> FakePusher:
    return FakePusher()


@pytest.fixture
def doorbell() -> RecordingDoorbell:
    return RecordingDoorbell()


@pytest.fixture
def bucket() -> FakeBucket:
    return FakeBucket()


@pytest.fixture
def ports(
    clock: FrozenClock,
    gateway: FakeGateway,
    mailer: FakeMailer,
    doorbell: RecordingDoorbell,
    bucket: FakeBucket,
    pusher: FakePusher,
) -> Ports:
    return Ports(
        utc_now=clock,
        payments=gateway,
        mailer=mailer,
        doorbell=doorbell,
        session_bucket=bucket,
        ping_redis=lambda: True,
        pusher=pusher,
    )


@pytest.fixture
def app(migrated_app: Flask, ports: Ports) -> Iterator[Flask]:
    """The application with every port in memory and an empty database after each test."""
    own_ports = migrated_app.extensions["ports"]
    migrated_app.extensions["ports"] = ports
    with migrated_app.app_context():
        yield migrated_app
        db.session.rollback()
        empty_database()
    migrated_app.extensions["ports"] = own_ports


def empty_database() -> None:
    """Forget every row and count from one again, as after TRUNCATE but in a tenth of its time.

    As a replica the session fires no triggers: append-only tables allow it, and rows may go
    before those that they belong to. Only a superuser may be one.
    """
    deletions = "; ".join(str(table.delete()) for table in Base.metadata.sorted_tables)
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    # Many statements in one go, which is the cheapest way there is.
    db.session.connection().connection.driver_connection.execute(deletions)
    db.session.execute(RESTART_COUNTERS)
    db.session.commit()
    db.session.remove()


@pytest.fixture
def pass_pusher() -> FakePassPusher:
    return FakePassPusher()


@pytest.fixture
def with_passes(app: Flask, ports: Ports, pass_pusher: FakePassPusher) -> Ports:
    """The same ports with keys for both wallets, in the application too."""
    own = PassPorts(apple=apple_keys(), google=google_keys(), pusher=pass_pusher)
    app.extensions["ports"] = replace(ports, passes=own)
    return app.extensions["ports"]


@pytest.fixture
def paid_order(app, ports, gateway) -> Order:
    """Two tickets at 30.00, paid for; nothing has been issued or mailed."""
    checkout = make_checkout((make_tier(make_event(venue_note="Ring twice")), 2))
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    assert start.url is not None
    gateway.pay(start.url.rsplit("/", 1)[1])
    order = find_order(start.order_number)
    sync_order_payment(order_id=order.id, ports=ports)
    return find_order(start.order_number)


@pytest.fixture
def handover(app: Flask, clock: FrozenClock) -> Handover:
    """A paid order whose first ticket may change hands."""
    return Handover.begin(clock)
