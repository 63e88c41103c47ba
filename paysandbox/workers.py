"""Threads for what must not wait for a caller, nor a caller for it."""

import queue
import threading
from collections.abc import Callable

COUNT = 8


class Workers:
    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._busy = 0
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True)
            for number in range(COUNT)
        ]
        for thread in self._threads:
            thread.start()

    def run_soon(self, action: Callable[[], None]) -> None:
        with self._changed:
            self._busy += 1
        self._queue.put(action)

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether all that was to be run has been, after at most that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, seconds)

    def close(self) -> None:
        """Stop once everything queued has been run."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (action := self._queue.get()) is not None:
            try:
                action()
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()
