"""Once an hour: what nobody needs any more is forgotten."""

from datetime import timedelta

from webapp.domain import abandoned_checkouts
from webapp.ports import Ports
from webapp.transaction import transaction

PERIOD = timedelta(hours=1)
BATCH = 500
# What is left over after a crowd waits for the next run: buyers go first.
MOST_BATCHES = 20

Counts = dict[str, int]


def forget_persons(*, ports: Ports) -> Counts:
    """Forget who began checkouts that came to nothing long ago. Safe to repeat and to double."""
    forgotten = 0
    for _ in range(MOST_BATCHES):
        with transaction():
            batch = abandoned_checkouts.forget_persons(now=ports.utc_now(), limit=BATCH)
        forgotten += batch
        if batch < BATCH:
            break
    return {"persons_forgotten": forgotten}
