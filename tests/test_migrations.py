"""Migrations: they build what the models describe, forwards and back, and never import them."""

import os
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, event, inspect, make_url, text

from tests.factories import make_checkout, make_event, make_tier
from tests.issued import make_issued_order
from tests.sources import ROOT, imported_names, python_files
from tests.transfers import Handover
from tests.waiting import wait_until
from webapp.database import Base, db
from webapp.domain.contacts import fold_address
from webapp.models import AddOnCheckout, Order, TierKind, TransferClaim

# The key that migrations/env.py locks with; running that file to import it would migrate.
MIGRATION_LOCK = 7_203_112
ADVISORY_WAITERS = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)

pytestmark = pytest.mark.usefixtures("app")


def test_migrations_build_what_the_models_describe():
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def check_constraints(table: str) -> set[str]:
    return {str(row["name"]) for row in inspect(db.engine).get_check_constraints(table)}


def test_database_has_every_check_that_the_models_name():
    missing = {
        (table.name, str(constraint.name))
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.__visit_name__ == "check_constraint"
        and str(constraint.name) not in check_constraints(table.name)
    }

    assert missing == set()


def test_migrations_can_be_taken_back_and_made_again():
    db.session.remove()

    downgrade(revision="base")
    left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
    upgrade()

    assert left == set()
    assert db.session.scalar(text("SELECT count(*) FROM events")) == 0


def test_addresses_from_before_are_folded_as_new_ones_are(app):
    spelt = ["Ada@Example.com", "v\u0130ctim@example.com", "ΝΙΚΟΣ@example.com", "bo@example.com"]
    tier = make_tier(make_event())
    numbers = [make_issued_order((tier, 1), email=email).number for email in spelt]
    db.session.remove()

    downgrade(revision="0015")
    upgrade()

    kept = {order.number: order.contact_email for order in db.session.query(Order)}
    assert [kept[number] for number in numbers] == [fold_address(email) for email in spelt]


def test_claim_of_an_address_that_is_there_in_one_spelling_already_is_left(app, clock):
    transfer = Handover.begin(clock).offer()
    assert transfer is not None
    for reference, email in (("a", "νικος@example.com"), ("b", "ΝΙΚΟΣ@example.com")):
        values = {"reference": reference, "name": "", "is_invited": False, "locale": "en"}
        db.session.add(
            TransferClaim(transfer_id=transfer.id, email=email, created_at=clock(), **values)
        )
    db.session.commit()
    db.session.remove()

    downgrade(revision="0015")
    upgrade()

    assert sorted(claim.email for claim in db.session.query(TransferClaim)) == [
        "ΝΙΚΟΣ@example.com",
        "νικος@example.com",
    ]


def test_tickets_that_were_bought_with_an_add_on_go_with_no_other_order(app):
    event = make_event()
    ticket, parking = make_tier(event), make_tier(event, kind=TierKind.ADD_ON)
    first = make_issued_order((ticket, 1))
    added, mixed = make_checkout((parking, 1)), make_checkout((parking, 1), (ticket, 1))
    for checkout in (added, mixed):
        db.session.add(AddOnCheckout(checkout_id=checkout.id, order_id=first.id))
    db.session.commit()
    kept = added.id
    db.session.remove()

    downgrade(revision="0015")
    upgrade()

    assert [link.checkout_id for link in db.session.query(AddOnCheckout)] == [kept]


@pytest.fixture
def empty_engine(database_url):
    """Another database of the same server, with nothing in it."""
    name = f"{make_url(database_url).database}_upgrades"
    url = make_url(database_url).set(database=name)
    server = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine = create_engine(url)
    yield engine
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


def test_two_upgrades_at_once_both_end_well(environ, empty_engine):
    url = empty_engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "flask", "--app", "webapp", "upgrade-db"]
    with empty_engine.connect() as connection:
        # Until both of them stand at the lock, neither gets it.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        upgrades = [
            subprocess.Popen(command, cwd=ROOT, env=os.environ | environ | {"DATABASE_URL": url})
            for _ in range(2)
        ]
        wait_until(lambda: connection.scalar(ADVISORY_WAITERS) == 2, what="two upgrades waiting")

    assert [upgrade.wait(60) for upgrade in upgrades] == [0, 0]
    assert "alembic_version" in inspect(empty_engine).get_table_names()


def test_second_upgrade_waits_for_the_first_without_a_limit():
    limits = []

    def note_limits(connection, cursor, statement, *_):
        if "pg_advisory_xact_lock" in statement:
            for name in ("lock_timeout", "statement_timeout"):
                cursor.execute(f"SHOW {name}")
                limits.extend(cursor.fetchone())

    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", note_limits)
    upgrade()
    event.remove(db.engine, "before_cursor_execute", note_limits)

    assert limits == ["0", "0"]


def test_migrations_never_import_the_models():
    offenders = [
        path.name
        for path in python_files("migrations/versions")
        for name in imported_names(path)
        if name.startswith("webapp")
    ]

    assert offenders == []
