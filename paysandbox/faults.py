"""Broken calls, on order: which call breaks, when, and how.

``before`` means the call never reached the gateway; ``after`` means that it
happened and only the answer was lost.
"""

import socket
import struct
import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from paysandbox.errors import invalid_parameter

STATUS_EFFECTS = {"401": 401, "403": 403, "409": 409, "429": 429, "500": 500, "503": 503}
EFFECTS = (*STATUS_EFFECTS, "timeout", "reset", "drop", "slow")
DEFAULT_HOLD_SECONDS = 30.0


@dataclass
class Fault:
    """Breaks the ``nth`` matching call (1 is the next) and ``times - 1`` after it.

    ``nth`` may be "every". ``path`` may hold ``*``. ``slow`` answers correctly
    after ``seconds``, with the idempotency key in use meanwhile; ``timeout`` holds
    the connection for ``seconds`` and closes it without an answer.
    """

    path: str
    effect: str
    method: str = "*"
    nth: int | str = 1
    times: int = 1
    when: str = "before"
    seconds: float = DEFAULT_HOLD_SECONDS
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        self.effect = str(self.effect)
        if self.effect not in EFFECTS:
            raise invalid_parameter("effect", f"effect must be one of {', '.join(EFFECTS)}")
        if self.when not in ("before", "after"):
            raise invalid_parameter("when", "when must be before or after")
        if self.nth != "every" and not isinstance(self.nth, int):
            raise invalid_parameter("nth", 'nth must be a number from 1, or "every"')

    @property
    def status(self) -> int | None:
        return STATUS_EFFECTS.get(self.effect)

    def matches(self, method: str, path: str) -> bool:
        return self.method.upper() in ("*", method) and fnmatchcase(path, self.path)

    def is_due(self) -> bool:
        if not isinstance(self.nth, int):
            return True
        return self.nth <= self.seen < self.nth + self.times


class FaultPlan:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()

    def replace(self, wanted: list[dict[str, Any]]) -> None:
        """A whole new plan; connections held by the old one are let go."""
        try:
            faults = [Fault(**fault) for fault in wanted]
        except TypeError as error:
            raise invalid_parameter("faults", str(error)) from error
        with self._lock:
            self._faults = faults
            self._released.set()
            self._released = threading.Event()

    def draw(self, method: str, path: str) -> Fault | None:
        """Count this call; the fault that breaks it, if any."""
        with self._lock:
            due = None
            for fault in self._faults:
                if fault.matches(method, path):
                    fault.seen += 1
                    if due is None and fault.is_due():
                        fault.hits += 1
                        due = fault
            return due

    def describe(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def hold(self, seconds: float) -> None:
        """Keep this thread waiting, until the plan is replaced at the latest."""
        self._released.wait(seconds)


def hang_up(environ: dict[str, Any], *, is_reset: bool) -> None:
    """Close the caller's connection without an answer, then raise out of the server.

    The server hands its socket to the application under its own name.
    """
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        if is_reset:
            # Lingering for zero seconds makes the close an RST instead of a FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        else:
            connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError(104, "the sandbox hung up on purpose")
