"""Named points where a test may kill this process, to prove that dying there loses nothing.

``FAILPOINT=transaction.after_commit:3`` kills it the third time it comes by.
"""

import os
import signal
from collections import Counter

# Around every commit, and right after every answer that we would not hear twice.
NAMES = frozenset(
    {
        "transaction.before_commit",
        "transaction.after_commit",
        "session.after_create",
        "refund.after_call",
        "mail.after_send",
    }
)
ARMED_BY = "FAILPOINT"

_passed: Counter[str] = Counter()


def reach(name: str) -> None:
    """Die here as by the power switch, if the environment says so; never in production.

    Raises ``KeyError`` for a name that is not known: a test could not arm it.
    """
    if name not in NAMES:
        raise KeyError(name)
    armed = os.environ.get(ARMED_BY)
    if not armed or os.environ.get("APP_ENV") == "production":
        return
    armed_name, _, turn = armed.partition(":")
    if armed_name == name:
        _passed[name] += 1
        if _passed[name] == int(turn or 1):
            os.kill(os.getpid(), signal.SIGKILL)
