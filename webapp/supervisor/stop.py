"""The wish to stop, from a terminal, a service manager or a closed window."""

import signal
import time
from collections.abc import Callable
from types import FrameType

from webapp.embedded.process import wait_until

POLL_SECONDS = 0.05


class StopRequested(Exception):
    """Raised out of a wait once somebody asked us to stop."""


class StopSignal:
    """Set by SIGINT, SIGTERM and SIGHUP from the moment it is installed.

    A flag that is polled, not an exception out of the handler: that could strike between the
    start of a child and the line that remembers it.
    """

    def __init__(self) -> None:
        self.is_set = False

    def install(self) -> None:
        """Take the signals over; only the main thread may."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.is_set = True

    def pause(self) -> None:
        """Wait for one beat. Raises :class:`StopRequested`."""
        if self.is_set:
            raise StopRequested
        time.sleep(POLL_SECONDS)

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Poll until the condition holds; False when the seconds are over first.

        Raises :class:`StopRequested`.
        """
        return wait_until(condition, seconds=seconds, pause=self.pause)
