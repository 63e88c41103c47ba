"""The truth, read straight from the database: tickets, stock, work that is left."""

import time
from types import TracebackType
from typing import Final, Self

import psycopg

# Rows become visible in another order than they were numbered: look back a little.
MARGIN: Final = 64
POLL_SECONDS = 0.1


class Ledger:
    """Looks at an installation's database."""

    def __init__(self, database_url: str) -> None:
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._last_ticket_id = 0
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def new_tickets(self) -> list[str]:
        """References of the checkouts whose tickets exist since the last look."""
        rows = self._connection.execute(
            "SELECT t.id, c.reference FROM tickets t JOIN orders o ON o.id = t.order_id "
            "JOIN checkouts c ON c.id = o.checkout_id WHERE t.id > %s ORDER BY t.id",
            [self._last_ticket_id - MARGIN],
        ).fetchall()
        if rows:
            self._last_ticket_id = rows[-1][0]
        found = [str(reference) for _, reference in rows if reference not in self._seen]
        self._seen.update(found)
        return found

    def places_taken(self, pool_id: int) -> int:
        row = self._connection.execute(
            "SELECT held + sold FROM pools WHERE id = %s", [pool_id]
        ).fetchone()
        return int(row[0]) if row else 0

    def open_work(self) -> int:
        """Jobs that are still to be done, in all queues."""
        row = self._connection.execute(
            "SELECT count(*) FROM outbox WHERE status IN ('due', 'running')"
        ).fetchone()
        return int(row[0]) if row else 0

    def wait_for_quiet(self, *, limit_seconds: float) -> int:
        """The number of jobs still open when there were none, or the time was up."""
        ends_at = time.monotonic() + limit_seconds
        while (left := self.open_work()) and time.monotonic() < ends_at:
            time.sleep(POLL_SECONDS)
        return left
