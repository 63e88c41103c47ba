"""The sandbox's clock: the real one plus an offset that tests may move on."""

import time


class Clock:
    def __init__(self, offset_s: int = 0) -> None:
        self.offset_s = offset_s

    def now(self) -> int:
        """Seconds since the epoch, as the gateway tells the time."""
        return int(time.time()) + self.offset_s

    def advance(self, seconds: int) -> None:
        self.offset_s += seconds
