"""``flask worker QUEUE``: one process, one queue, the application loaded once."""

import gc
import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from jobs.bell import Bell, OwnDoorbell
from jobs.pulse import Pulse
from jobs.runtime import perform
from jobs.stopping import StopFlag
from webapp import job_queues
from webapp.domain import heartbeats, outbox
from webapp.ports import ports
from webapp.transaction import transaction

log = logging.getLogger(__name__)

# A fresh process now and then, in case something leaks. Loading the application takes
# seconds of a core: at a hundred rows a second a thousand were used up in ten.
MAX_JOBS = 50_000
MAIL_NICENESS = 15
# Between polls while Redis rings, and while it does not.
POLL_SECONDS = 5.0
POLL_SECONDS_ALONE = 1.0
DATABASE_PAUSE_SECONDS = 1.0
BATCH = 20


class Worker:
    """Performs the rows of one queue, rung for or found by polling.

    Redis gone makes it slower, never wrong: due rows are in the database.
    """

    def __init__(
        self,
        app: Flask,
        *,
        queue: str,
        bell: Bell,
        stop: StopFlag,
        pulse: Pulse | None = None,
        max_jobs: int = MAX_JOBS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._queue = queue
        self._bell = bell
        self._stop = stop
        self._pulse = pulse
        self._jobs_left = max_jobs
        self._monotonic = monotonic
        self._polled_at: float | None = None

    def run(self) -> None:
        """Work until asked to stop, or until ``max_jobs`` rows were done."""
        self._bell.forget_rings_in_hand()
        while not self._is_over():
            if self._pulse:
                self._pulse.note_progress()
            try:
                self.turn()
            except SQLAlchemyError as fault:
                log.warning("database is away", extra={"error_class": type(fault).__name__})
                self._stop.wait(DATABASE_PAUSE_SECONDS)

    def turn(self) -> None:
        """One round: what was rung for, and what polling finds when its time has come."""
        if self._is_poll_due():
            self._polled_at = self._monotonic()
            for outbox_id in self._list_ready():
                if self._is_over():
                    return
                self._perform(outbox_id)
        rung_for = self._bell.wait()
        if rung_for is not None:
            self._perform(rung_for)

    def _perform(self, outbox_id: int) -> None:
        if self._pulse:
            self._pulse.note_progress()
        with self._app.app_context():
            if perform(outbox_id, wait=self._stop.wait):
                self._jobs_left -= 1

    def _list_ready(self) -> list[int]:
        with self._app.app_context(), transaction():
            return outbox.list_ready_work(queue=self._queue, now=ports().utc_now(), limit=BATCH)

    def _is_poll_due(self) -> bool:
        if self._polled_at is None:
            return True
        pause = POLL_SECONDS_ALONE if self._bell.is_away else POLL_SECONDS
        return self._monotonic() - self._polled_at >= pause

    def _is_over(self) -> bool:
        return self._stop.is_set or self._jobs_left <= 0


def run_worker(app: Flask, *, queue: str, redis_url: str) -> None:
    """Run a worker in this process until it is asked to stop or has done its share."""
    stop = StopFlag()
    stop.install()
    if queue == job_queues.MAIL:
        # On a full machine tickets go first: a mail may come a moment later.
        os.nice(MAIL_NICENESS)
    # The application stays as long as the process: no collection need look at it again.
    gc.collect()
    gc.freeze()
    pulse = Pulse(app, heartbeats.worker_name(queue))
    pulse.start()
    outside = app.extensions["ports"]
    own_doorbell = OwnDoorbell(queue, outside.doorbell)
    app.extensions["ports"] = replace(outside, doorbell=own_doorbell)
    log.info("worker started", extra={"queue": queue})
    try:
        bell = Bell(redis_url, queue, own_doorbell=own_doorbell, sleep=stop.wait)
        Worker(app, queue=queue, bell=bell, stop=stop, pulse=pulse).run()
    finally:
        own_doorbell.pass_on()
        pulse.stop()
    log.info("worker stopped", extra={"queue": queue})
