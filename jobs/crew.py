"""``flask crew``: all workers and the scheduler, forked from one process that loaded all once.

Each is a process of its own, as if it had been started by its own command: it
is started again when it dies, and none of them waits for another. Loading the
application takes a second of a core, and a fork of it next to nothing.
"""

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from flask import Flask

from jobs.scheduler import run_scheduler
from jobs.stopping import StopFlag
from jobs.worker import run_worker
from webapp.job_queues import QUEUES
from webapp.supervisor.output import Output
from webapp.supervisor.watch import Watch

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.2
PR_SET_PDEATHSIG = 1


class Member:
    """A fork of this process that does one thing: a part for :class:`Watch`.

    It gets SIGTERM when this process dies. Fork it from the main thread, while
    there is no other one and no connection is open.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self._work = work
        self._pid: int | None = None
        self._status: int | None = None

    def start(self) -> None:
        """Fork it, again if it ran before."""
        crew = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal that came now would only set the flag of the process that is copied.
        signal.pthread_sigmask(signal.SIG_BLOCK, StopFlag.SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._be_forked(crew)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, StopFlag.SIGNALS)
        self._pid, self._status = pid, None

    def poll(self) -> int | None:
        """The exit status once it has ended: negative for a signal."""
        if self._status is None and self._pid is not None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def begin_stop(self) -> None:
        """Ask it to end, without waiting."""
        if self._pid is not None and self.poll() is None:
            os.kill(self._pid, signal.SIGTERM)

    def _be_forked(self, crew: int) -> None:
        """Do the work and end; whatever happens, nothing of the copied process goes on."""
        status = 1
        try:
            for number in StopFlag.SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, StopFlag.SIGNALS)
            _die_with(crew)
            _show_as(self.name)
            self._work()
            status = 0
        except BaseException as error:  # noqa: BLE001 - must not run on as a second crew
            log.error("process failed", extra={"part": self.name, "error": type(error).__name__})  # noqa: TRY400 - a traceback may carry what a person typed
        finally:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)


def run_crew(members: Sequence[Member], *, stop: StopFlag, output: Output) -> None:
    """Keep the members alive until asked to stop, and return when all have ended."""
    watches = []
    for member in members:
        member.start()
        watches.append(Watch(member, output))
    while not stop.wait(LOOK_EVERY_SECONDS):
        for watch in watches:
            watch.look()
    for member in members:
        member.begin_stop()
    # Work in hand is finished first; whoever started us knows how long that may take.
    while any(member.poll() is None for member in members):
        time.sleep(LOOK_EVERY_SECONDS)


def make_crew(app: Flask, *, redis_url: str) -> list[Member]:
    """A worker for each queue, and a scheduler."""

    def work_on(queue: str) -> Callable[[], None]:
        return lambda: run_worker(app, queue=queue, redis_url=redis_url)

    workers = [Member(queue, work_on(queue)) for queue in QUEUES]
    return [*workers, Member("scheduler", lambda: run_scheduler(app))]


def _die_with(crew: int) -> None:
    """Elsewhere than on Linux only the whole process group can be ended at once."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != crew:
        os._exit(1)


def _show_as(name: str) -> None:
    """The name in ``top``: the command line is that of the crew for all of them."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name)
