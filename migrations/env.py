"""Alembic's entry: migrate the application's own database, one process at a time."""

from alembic import context
from sqlalchemy import text

from webapp.database import Base, db

# Any constant will do as long as nobody else uses it for anything.
MIGRATION_LOCK = 7_203_112


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
