"""A database that is prepared is recognised, and every doubt means to prepare it."""

import pytest
from alembic.script import ScriptDirectory

from webapp.database import db
from webapp.paths import MIGRATIONS_DIR
from webapp.supervisor.schema import list_newest, mark_database

VERSIONS = MIGRATIONS_DIR / "versions"


@pytest.fixture
def stamped(app):
    """A database that says it has another revision, for a while."""
    before = db.session.scalar(db.text("SELECT version_num FROM alembic_version"))

    def stamp(revision):
        db.session.execute(
            db.text("UPDATE alembic_version SET version_num = :it"), {"it": revision}
        )
        db.session.commit()

    yield stamp
    stamp(before)


def test_newest_revision_is_the_one_that_the_migrations_end_in():
    assert list_newest(VERSIONS) == set(ScriptDirectory(str(MIGRATIONS_DIR)).get_heads())


def mark(database_url, *, versions=VERSIONS, key="the key"):
    return mark_database(database_url, versions=versions, secret=key)


def test_database_and_key_have_one_mark_as_long_as_they_stay(app, database_url):
    assert mark(database_url) == mark(database_url)
    assert "the key" not in mark(database_url)


def test_another_key_is_another_mark(app, database_url):
    assert mark(database_url) != mark(database_url, key="another key")


def test_restored_database_has_another_mark(stamped, database_url):
    before = mark(database_url)
    for statement in (
        "CREATE TABLE restored AS TABLE alembic_version",
        "DROP TABLE alembic_version",
        "ALTER TABLE restored RENAME TO alembic_version",
        "ALTER TABLE alembic_version ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)",
    ):
        db.session.execute(db.text(statement))
    db.session.commit()

    assert mark(database_url) not in {before, None}


@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_older_or_unknown_revision_has_no_mark(stamped, database_url, revision):
    stamped(revision)

    assert mark(database_url) is None


def test_database_without_tables_has_no_mark(app, database_url):
    assert mark(database_url.replace("/yardpass?", "/postgres?")) is None


def test_server_that_is_away_is_left_to_the_preparation(tmp_path):
    assert mark(f"postgresql+psycopg://x@/x?host={tmp_path}") is None


def test_unknown_migrations_are_a_doubt(app, database_url, tmp_path):
    assert mark(database_url, versions=tmp_path) is None
