"""Leave a server alone for a while that does not answer."""

import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 1.0


class Breaker:
    """Lets nobody near a server for a moment after ``limit`` failures in a row.

    A server that hangs would otherwise cost every request its timeout. After
    the pause one caller a pause is let through, until one of them succeeds.
    """

    def __init__(
        self,
        *,
        limit: int = 1,
        pause_seconds: float = PAUSE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._pause_seconds = pause_seconds
        self._monotonic = monotonic
        self._in_a_row = 0
        self._closed_until = 0.0
        self._lock = threading.Lock()
        # Over the life of the process, for the metrics.
        self.failures = 0

    def lets_through(self) -> bool:
        """Whether the caller may ask; it then has to say what came of it."""
        with self._lock:
            if self._in_a_row < self._limit:
                return True
            now = self._monotonic()
            if now < self._closed_until:
                return False
            self._closed_until = now + self._pause_seconds
            return True

    def note_failure(self) -> None:
        """The server did not answer."""
        with self._lock:
            self.failures += 1
            self._in_a_row += 1
            if self._in_a_row >= self._limit:
                self._closed_until = self._monotonic() + self._pause_seconds

    def note_success(self) -> None:
        """The server answered, whatever it said."""
        with self._lock:
            self._in_a_row = 0
