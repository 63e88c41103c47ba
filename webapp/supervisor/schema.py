"""Whether the database is prepared, asked without loading the application."""

import hashlib
import re
from pathlib import Path

import psycopg

CONNECT_SECONDS = 5
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)

# The table's own number changes when it is made anew, as by whoever restores a copy.
_WHERE_IT_STANDS = "SELECT version_num, 'alembic_version'::regclass::oid FROM alembic_version"


def list_newest(versions: Path) -> frozenset[str]:
    """The revisions that no other one builds upon: one, unless two branches were not joined."""
    texts = [path.read_text() for path in versions.glob("*.py")]
    revisions = {found for text in texts for found in _REVISION.findall(text)}
    return frozenset(revisions - {found for text in texts for found in _BEFORE.findall(text)})


def mark_database(database_url: str, *, versions: Path, secret: str) -> str | None:
    """What names a database with the newest schema, and the secret that it is used with.

    The preparation need not run again while this is what it was after the last
    time: it also makes sure that ``secret`` opens the keys in the database. A
    database that was restored from a copy is another one.

    None when there is something to migrate, and for every doubt: the
    preparation then tells what is wrong. ``database_url`` is SQLAlchemy's. A
    revision that is not among ``versions`` is a doubt, too.
    """
    newest = list_newest(versions)
    url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            rows = connection.execute(_WHERE_IT_STANDS).fetchall()
    except psycopg.Error:
        return None
    if not newest or {row[0] for row in rows} != newest:
        return None
    return hashlib.sha256(repr((sorted(rows), secret)).encode()).hexdigest()
