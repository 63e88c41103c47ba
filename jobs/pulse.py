"""The sign of life of a background process, from a thread of its own."""

import faulthandler
import logging
import threading
import time

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from webapp.domain import heartbeats
from webapp.ports import ports
from webapp.transaction import transaction

log = logging.getLogger(__name__)

# Longer than any job may take, which are a few calls of ten seconds each: past it the
# process lives but does not work.
STUCK_SECONDS = 180.0
# And past this it ends, so that whoever watches it starts it anew.
END_SECONDS = 300.0


class Pulse:
    """Beats while the main thread makes progress; silent once it is stuck, and then its end.

    A thread, so that a long call to a gateway does not look like death. The end comes
    from the interpreter's own watchdog, which writes where every thread hangs to
    standard error and exits with status 1: it needs neither the database nor the
    interpreter's lock, which may be what the process hangs on.
    """

    def __init__(
        self,
        app: Flask,
        name: str,
        *,
        stuck_seconds: float = STUCK_SECONDS,
        end_seconds: float = END_SECONDS,
    ) -> None:
        self._app = app
        self._name = name
        self._stuck_seconds = stuck_seconds
        self._end_seconds = end_seconds
        self._is_stuck = False
        self._progress_at = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self.note_progress()
        self._thread.start()

    def stop(self) -> None:
        """End within a beat."""
        faulthandler.cancel_dump_traceback_later()
        self._stopped.set()
        self._thread.join(timeout=heartbeats.BEAT_EVERY.total_seconds())

    def note_progress(self) -> None:
        """The main thread has done one more thing."""
        self._progress_at = time.monotonic()
        faulthandler.dump_traceback_later(self._end_seconds, exit=True)

    def _beat(self) -> None:
        while not self._stopped.is_set():
            idle_seconds = time.monotonic() - self._progress_at
            if idle_seconds < self._stuck_seconds:
                self._is_stuck = False
                self._beat_once()
            elif not self._is_stuck:
                self._is_stuck = True
                log.error(
                    "process is stuck",
                    extra={"part": self._name, "idle_seconds": round(idle_seconds)},
                )
            self._stopped.wait(heartbeats.BEAT_EVERY.total_seconds())

    def _beat_once(self) -> None:
        try:
            with self._app.app_context(), transaction():
                heartbeats.beat(name=self._name, now=ports().utc_now())
        except SQLAlchemyError as fault:
            log.warning("heartbeat missed", extra={"error_class": type(fault).__name__})
