"""Once an hour: whether pools and codes count what their rows say. Nothing is put right here."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from webapp.domain import counter_checks
from webapp.ports import Ports
from webapp.transaction import transaction

log = logging.getLogger(__name__)

PERIOD = timedelta(hours=1)
# Enough to know where to look.
MOST_IDS = 50


def check_counters(*, ports: Ports) -> Mapping[str, int]:
    """Compare counters with rows, and say in the log which differ. Reads only, without locks.

    One statement each, so that it sees a counter and its rows as of one moment,
    whatever is being sold.
    """
    counts = {}
    for name, find_miscounted in counter_checks.CHECKS.items():
        with transaction():
            wrong = find_miscounted()
            counter_checks.note_check(name=name, miscounted=len(wrong), now=ports.utc_now())
        if wrong:
            log.error(
                "counters differ from their rows",
                extra={"counters": name, "miscounted": len(wrong), "ids": wrong[:MOST_IDS]},
            )
        counts[f"{name}_miscounted"] = len(wrong)
    return counts
