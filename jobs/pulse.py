"""The sign of life of a background process, from a thread of its own."""

import logging
import threading
import time

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from webapp.domain import heartbeats
from webapp.ports import ports
from webapp.transaction import transaction

log = logging.getLogger(__name__)

# Longer than any job may take: past it the process lives but does not work.
STUCK_SECONDS = 180.0


class Pulse:
    """Beats while the main thread makes progress; silent once it is stuck.

    A thread, so that a long call to a gateway does not look like death.
    """

    def __init__(self, app: Flask, name: str) -> None:
        self._app = app
        self._name = name
        self._progress_at = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """End within a beat."""
        self._stopped.set()
        self._thread.join(timeout=heartbeats.BEAT_EVERY.total_seconds())

    def note_progress(self) -> None:
        """The main thread has come round once more."""
        self._progress_at = time.monotonic()

    def _beat(self) -> None:
        while not self._stopped.is_set():
            if time.monotonic() - self._progress_at < STUCK_SECONDS:
                self._beat_once()
            self._stopped.wait(heartbeats.BEAT_EVERY.total_seconds())

    def _beat_once(self) -> None:
        try:
            with self._app.app_context(), transaction():
                heartbeats.beat(name=self._name, now=ports().utc_now())
        except SQLAlchemyError as fault:
            log.warning("heartbeat missed", extra={"error_class": type(fault).__name__})
