"""``flask scheduler``: periodic work, one process at a time however many are running."""

import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from jobs.faults import describe_fault
from jobs.pulse import Pulse
from jobs.stopping import StopFlag
from webapp.domain import heartbeats, leases
from webapp.flows import (
    counter_checks,
    housekeeping,
    passes,
    push,
    reconciliation,
    reminders,
)
from webapp.ports import GatewayRefused, GatewayUnavailable, Ports, ports
from webapp.tracing import new_trace_id, tracing
from webapp.transaction import transaction

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
DATABASE_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every ``period`` by whoever asks first."""

    name: str
    period: timedelta
    run: Callable[..., Mapping[str, int]]


CHORES = (
    Chore("ring", timedelta(seconds=2), reconciliation.ring_due_work),
    Chore("close", timedelta(seconds=5), reconciliation.close_lapsed),
    Chore("reconcile", timedelta(seconds=60), reconciliation.reconcile),
    Chore("notices", timedelta(seconds=60), reconciliation.fetch_missed_notices),
    Chore("passes", timedelta(seconds=60), passes.sweep_passes),
    Chore("housekeeping", housekeeping.PERIOD, housekeeping.clear_up),
    Chore("counters", counter_checks.PERIOD, counter_checks.check_counters),
    Chore("certificates", timedelta(days=1), passes.check_certificates),
    Chore("reminders", reminders.PERIOD, reminders.write_reminders),
    Chore("pushes", push.PERIOD, push.write_pushes),
)


class Scheduler:
    """Takes turns at the chores; the turn is a row, so two schedulers never double one."""

    def __init__(self, app: Flask, *, holder: str, stop: StopFlag, pulse: Pulse | None) -> None:
        self._app = app
        self._holder = holder
        self._stop = stop
        self._pulse = pulse

    def run(self) -> None:
        """Go on until asked to stop."""
        while not self._stop.is_set:
            if self._pulse:
                self._pulse.note_progress()
            try:
                self.tick()
            except (OperationalError, ProgrammingError) as fault:
                # Away, or not brought up to date yet.
                log.warning("database is away", extra={"error_class": type(fault).__name__})
                self._stop.wait(DATABASE_PAUSE_SECONDS)
            self._stop.wait(TICK_SECONDS)

    def tick(self) -> list[str]:
        """Do the chores whose turn is ours; answer their names.

        A chore that fails does not keep the others from being done. Only a
        database that is away raises.
        """
        return [chore.name for chore in CHORES if not self._stop.is_set and self._may_do(chore)]

    def _may_do(self, chore: Chore) -> bool:
        if self._pulse:
            self._pulse.note_progress()
        with self._app.app_context():
            if not self._take_turn(chore):
                return False
            try:
                run_chore(chore, ports=ports())
            except OperationalError:
                raise
            except Exception as fault:  # noqa: BLE001 - the other chores must go on
                log.error(  # noqa: TRY400 - a traceback may carry what a person typed
                    "chore failed",
                    extra={"chore": chore.name, "error": describe_fault(fault)},
                )
        return True

    def _take_turn(self, chore: Chore) -> bool:
        with transaction():
            return leases.take_turn(
                name=f"chore:{chore.name}",
                holder=self._holder,
                now=ports().utc_now(),
                period=chore.period,
            )


def run_chore(chore: Chore, *, ports: Ports) -> Mapping[str, int]:
    """Do one chore under a trace id of its own; a gateway that is away costs this turn only."""
    with tracing(new_trace_id()):
        try:
            counts = chore.run(ports=ports)
        except (GatewayUnavailable, GatewayRefused):
            return {}
        found = {name: count for name, count in counts.items() if count}
        if found and chore.name != "ring":
            log.info("chore found work", extra={"chore": chore.name, **found})
        return counts


def run_scheduler(app: Flask) -> None:
    """Run a scheduler in this process until it is asked to stop."""
    stop = StopFlag()
    stop.install()
    pulse = Pulse(app, heartbeats.SCHEDULER)
    pulse.start()
    log.info("scheduler started")
    try:
        holder = f"{socket.gethostname()}:{os.getpid()}"
        Scheduler(app, holder=holder, stop=stop, pulse=pulse).run()
    finally:
        pulse.stop()
    log.info("scheduler stopped")
