"""A database with the newest schema is recognised, and every doubt is a no."""

import pytest
from alembic.script import ScriptDirectory

from webapp.database import db
from webapp.paths import MIGRATIONS_DIR
from webapp.supervisor.schema import is_newest, list_newest

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


def test_migrated_database_needs_nothing(app, database_url):
    assert is_newest(database_url, versions=VERSIONS)


@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_older_or_unknown_revision_is_migrated(stamped, database_url, revision):
    stamped(revision)

    assert not is_newest(database_url, versions=VERSIONS)


def test_database_without_tables_is_migrated(app, database_url):
    empty = database_url.replace("/yardpass?", "/postgres?")

    assert not is_newest(empty, versions=VERSIONS)


def test_server_that_is_away_is_left_to_the_migration(tmp_path):
    assert not is_newest(f"postgresql+psycopg://x@/x?host={tmp_path}", versions=VERSIONS)


def test_unknown_migrations_are_a_doubt(app, database_url, tmp_path):
    assert not is_newest(database_url, versions=tmp_path)
