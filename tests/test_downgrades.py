"""What would throw rows away is refused, unless somebody has said that they may go."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from tests.sources import ROOT

PRODUCTION = {
    "APP_ENV": "production",
    "SITE_URL": "https://tickets.example.org",
    "STRIPE_API_BASE": "",
    "RESEND_API_URL": "",
}


@pytest.fixture(scope="module")
def own_database(database_url):
    """Another database of the same server, brought up to date by the real command."""
    url = make_url(database_url)
    name = f"{url.database}_downgrades"
    server = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="module")
def run(environ, own_database):
    """Run one command as an operator does, with what is set beside the usual settings."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in environ.items() if name != "ALLOW_DB_RESET"}
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "webapp", *arguments],
            cwd=ROOT,
            env=os.environ | own | {"DATABASE_URL": own_database} | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    assert run("upgrade-db").returncode == 0
    return run


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


@pytest.mark.parametrize("revision", ["base", "-1"])
def test_downgrade_is_refused_with_what_to_set(run, own_database, revision):
    before = tables(own_database)

    answer = run("db", "downgrade", "--", revision)

    assert answer.returncode == 1
    assert "Set ALLOW_DB_RESET=1 if the rows" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    assert tables(own_database) == before


@pytest.mark.parametrize("allowed", ["", "1"])
def test_production_refuses_a_downgrade_whatever_is_set(run, own_database, allowed):
    before = tables(own_database)

    answer = run("db", "downgrade", "base", **PRODUCTION, ALLOW_DB_RESET=allowed)

    assert answer.returncode == 1
    assert "APP_ENV is production" in answer.stdout + answer.stderr
    assert tables(own_database) == before


def test_downgrade_that_was_allowed_is_made_and_the_schema_comes_back(run, own_database):
    before = tables(own_database)

    down = run("db", "downgrade", "base", ALLOW_DB_RESET="1")
    left = tables(own_database)
    up = run("upgrade-db")

    assert (down.returncode, left) == (0, {"alembic_version"})
    assert (up.returncode, tables(own_database)) == (0, before)


def test_production_may_look_where_it_stands_and_go_forwards(run):
    where = run("db", "current", **PRODUCTION)
    up = run("db", "upgrade", **PRODUCTION)

    assert (where.returncode, up.returncode) == (0, 0)
    assert "(head)" in where.stdout


@pytest.mark.parametrize("arguments", [["upgrade", "0017:head"], ["downgrade", "0018:0017"]])
def test_dry_run_prints_statements_and_changes_nothing(run, own_database, arguments):
    before = tables(own_database)

    answer = run("db", *arguments, "--sql", **PRODUCTION)

    assert answer.returncode == 0, answer.stderr
    assert "captured_cents" in answer.stdout
    assert tables(own_database) == before
