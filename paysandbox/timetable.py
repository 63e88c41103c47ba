"""Calls due later, run by one thread: retries, delays and the tick of the clock."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Timetable:
    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="timetable", daemon=True)
        self._thread.start()

    def call_in(self, seconds: float, action: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), action))
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (action := self._wait_for_next()) is not None:
            action()

    def _wait_for_next(self) -> Callable[[], None] | None:
        with self._changed:
            while self._is_open:
                if not self._due:
                    self._changed.wait()
                elif (remaining := self._due[0][0] - time.monotonic()) > 0:
                    self._changed.wait(remaining)
                else:
                    return heapq.heappop(self._due)[2]
        return None
