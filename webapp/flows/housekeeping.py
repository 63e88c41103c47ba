"""Once an hour: what nobody needs any more goes, a little at a time. The audit trail stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from webapp.domain import abandoned_checkouts, passes, transfer_claims
from webapp.ports import Ports
from webapp.transaction import transaction

PERIOD = timedelta(hours=1)
BATCH = 500
# What is left over after a crowd waits for the next run: buyers go first.
MOST_BATCHES = 20

Counts = dict[str, int]


class Clearing(Protocol):
    """Clears at most ``limit`` rows of one kind and says how many there were."""

    def __call__(self, *, now: datetime, limit: int) -> int: ...


CLEARINGS: Mapping[str, Clearing] = {
    "persons_forgotten": abandoned_checkouts.forget_persons,
    "claims_deleted": transfer_claims.delete_unfinished,
    "registrations_deleted": passes.delete_old_registrations,
}


def clear_up(*, ports: Ports) -> Counts:
    """Forget who began what came to nothing, and what leads nowhere. Safe to repeat and double."""
    return {name: _clear(clearing, ports=ports) for name, clearing in CLEARINGS.items()}


def _clear(clearing: Clearing, *, ports: Ports) -> int:
    cleared = 0
    for _ in range(MOST_BATCHES):
        with transaction():
            batch = clearing(now=ports.utc_now(), limit=BATCH)
        cleared += batch
        if batch < BATCH:
            break
    return cleared
