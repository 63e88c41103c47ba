"""What it looks like when the database is away: a 503, and another try soon."""

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Gone, restarting, out of space, or without a connection to spare.
OUTAGES = (OperationalError, InterfaceError, PoolTimeout)
RETRY_AFTER_SECONDS = 5


def name_of(error: Exception) -> str:
    """The database's own word for what happened, such as ``DeadlockDetected``; never its text."""
    return type(getattr(error, "orig", None) or error).__name__
