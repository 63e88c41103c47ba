"""Waiting for another process: looking again until a deadline, never a fixed pause."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
LOOK_EVERY_SECONDS = 0.02


def wait_until(
    look: Callable[[], Found], *, seconds: float = 60, what: str | Callable[[], str] = ""
) -> Found:
    """Call ``look`` until it answers something true, and return that.

    Fails once ``seconds`` have passed, with ``what`` or with what it tells by
    then: a limit for a broken system, not a time that anything is measured by.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            why = what() if callable(what) else what
            raise AssertionError(f"waited {seconds} s in vain: {why}")
        time.sleep(LOOK_EVERY_SECONDS)
    return found
