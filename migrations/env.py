"""Alembic's entry: migrate the application's own database, one process at a time."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import text

from webapp.database import Base, db
from webapp.extensions import settings

# Any constant will do as long as nobody else uses it for anything.
MIGRATION_LOCK = 7_203_112


def refuse_downgrade() -> None:
    """Let nobody throw rows away who has not said that they may go.

    Raises :class:`CommandError`, before anything is locked. Printing the statements
    (``--sql``) is nobody's loss.
    """
    if context.get_context().opts["fn"].__name__ != "downgrade" or context.is_offline_mode():
        return
    if settings().is_production:
        raise CommandError(
            "A downgrade throws tables and rows away, and APP_ENV is production. Go forwards with"
            " `flask upgrade-db`, or restore a backup."
        )
    if not settings().allow_db_reset:
        raise CommandError(
            "A downgrade throws tables and rows away. Set ALLOW_DB_RESET=1 if the rows of this"
            " database may go; `flask db downgrade FROM:TO --sql` only prints what would be done."
        )


def run_migrations() -> None:
    """Run what is missing in one transaction, under a lock that only one process gets.

    The lock is a transaction's: nothing has to unlock it, and a connection
    pooler in transaction mode cannot leave it behind.
    """
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=False,
            transactional_ddl=True,
        )
        refuse_downgrade()
        with context.begin_transaction():
            # Whoever comes second waits as long as the first one takes, and finds nothing to do.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            # A migration that cannot get its table lock fails fast instead of
            # queueing every buyer behind it.
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("SET LOCAL statement_timeout = '10min'"))
            context.run_migrations()


run_migrations()
