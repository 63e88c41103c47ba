"""Lines of many processes on one screen, each with the name of who said it."""

import sys
import threading
from collections.abc import Iterable
from typing import IO

NAME_WIDTH = 11


class Output:
    """Writes whole lines, from any thread."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """A line of the supervisor itself, for the person who started it."""
        self._write(f"{text}\n")

    def relay(self, name: str, lines: Iterable[str]) -> None:
        """Pass on what a child writes, until it closes its end."""
        for line in lines:
            self._write(f"{name:<{NAME_WIDTH}}| {line.rstrip()}\n")

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                # Nobody reads any more; that is no reason to stop selling tickets. A child must
                # still be read from, or it would wait for us for ever.
                return
