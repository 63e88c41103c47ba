"""Whether the database has the newest schema, asked without loading the application."""

import re
from pathlib import Path

import psycopg

CONNECT_SECONDS = 5
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


def list_newest(versions: Path) -> frozenset[str]:
    """The revisions that no other one builds upon: one, unless two branches were not joined."""
    texts = [path.read_text() for path in versions.glob("*.py")]
    revisions = {found for text in texts for found in _REVISION.findall(text)}
    return frozenset(revisions - {found for text in texts for found in _BEFORE.findall(text)})


def is_newest(database_url: str, *, versions: Path) -> bool:
    """Whether nothing is left to migrate. Never raises: a doubt is a no, and the migration tells.

    ``database_url`` is SQLAlchemy's. A revision that we do not know, from a
    version of ours that is newer, is a no, too.
    """
    newest = list_newest(versions)
    url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except psycopg.Error:
        return False
    return bool(newest) and {row[0] for row in rows} == newest
