"""A warm stop: the signal sets a flag, and the work in hand is finished first."""

import os
import select
import signal
from types import FrameType
from typing import ClassVar


class StopFlag:
    """Set by SIGTERM, SIGINT and SIGHUP once installed.

    A plain flag and a pipe, no lock: the handler runs in the middle of
    whatever the main thread does, waiting for this very flag included, and
    a lock that the thread already holds would never be given to it.
    """

    SIGNALS: ClassVar = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def __init__(self) -> None:
        self.is_set = False
        self._reader, self._writer = os.pipe()

    def install(self) -> None:
        """Take the signals over; only the main thread may."""
        for number in self.SIGNALS:
            signal.signal(number, self._handle)

    def set(self) -> None:
        """Ask for the stop. Repeating it changes nothing."""
        if not self.is_set:
            self.is_set = True
            os.write(self._writer, b".")

    def wait(self, seconds: float) -> bool:
        """Sleep, but not through a request to stop; whether there was one."""
        select.select([self._reader], [], [], seconds)
        return self.is_set

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.set()
