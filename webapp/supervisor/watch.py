"""Starting again what died, not faster than it can recover."""

import signal
import time
from typing import Protocol

from webapp.embedded import EmbeddedServerError
from webapp.supervisor.output import Output

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# Who lived this long is healthy: its next death starts with the first delay again.
HEALTHY_SECONDS = 60.0


class Part(Protocol):
    """A child or an embedded server.

    ``start`` raises :class:`EmbeddedServerError`, :class:`OSError` or
    :class:`TimeoutError`; ``poll`` gives the exit status once it has ended.
    """

    @property
    def name(self) -> str: ...
    def start(self) -> object: ...
    def poll(self) -> int | None: ...


class Watch:
    """Looks after one part that was started."""

    def __init__(self, part: Part, output: Output) -> None:
        self.part = part
        self._output = output
        self._started_at = time.monotonic()
        self._deaths = 0
        self._restart_at: float | None = None

    def look(self) -> bool:
        """Start the part again if it is dead and its time has come; True if that happened."""
        now = time.monotonic()
        if self._restart_at is None:
            status = self.part.poll()
            if status is not None:
                self._plan_restart(describe_exit(status), now)
            return False
        if now < self._restart_at:
            return False
        self._restart_at = None
        try:
            self.part.start()
        except (EmbeddedServerError, OSError, TimeoutError) as error:
            self._plan_restart(f"could not start: {error}", now)
            return False
        self._started_at = time.monotonic()
        return True

    def _plan_restart(self, reason: str, now: float) -> None:
        if now - self._started_at > HEALTHY_SECONDS:
            self._deaths = 0
        delay = restart_delay(self._deaths)
        self._deaths += 1
        self._restart_at = now + delay
        self._output.say(f"{self.part.name} {reason}; it starts again in {delay:g} s")


def restart_delay(deaths: int) -> float:
    """Seconds to wait after so many deaths in a row before this one."""
    return min(FIRST_DELAY_SECONDS * 2.0 ** min(deaths, 16), LONGEST_DELAY_SECONDS)


def describe_exit(status: int) -> str:
    """A verb phrase; ``status`` is negative for a signal, as everywhere in Python."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
