"""A process that makes no progress any more ends by itself, so that it is started again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.pulse import Pulse
from jobs.scheduler import CHORES, Scheduler
from jobs.stopping import StopFlag
from jobs.worker import Worker
from webapp.database import db
from webapp.domain import outbox
from webapp.transaction import transaction

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 30
# A limit of a fraction of a second, and what the main thread does with it.
PROCESS = """
import re, sys, time
from jobs.pulse import Pulse
from webapp import create_app

def be_stuck():
    {deed}

pulse = Pulse(create_app(), "worker:orders", stuck_seconds=0.2, end_seconds={limit})
pulse.start()
be_stuck()
pulse.stop()
print("came to its end")
"""
FOR_EVER = "time.sleep(600)"
# Never lets another thread of Python run.
IN_C = "re.match('(a+)+$', 'a' * 64 + 'b')"
WORKING = "[(pulse.note_progress(), time.sleep(0.05)) for _ in range(60)]"
STOPPED = "pulse.stop(); time.sleep(3)"


class CountingPulse(Pulse):
    """Counts the signs of progress."""

    def __init__(self) -> None:
        self.count = 0

    def note_progress(self) -> None:
        self.count += 1


def run(environ, deed: str, *, limit: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROCESS.format(deed=deed, limit=limit)],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("deed", [FOR_EVER, IN_C])
def test_it_ends_wherever_it_hangs_and_says_where(deed, app, environ):
    ended = run(environ, deed, limit=1)

    assert ended.returncode == 1
    assert "be_stuck" in ended.stderr
    assert "came to its end" not in ended.stdout


def test_before_it_ends_it_says_so_in_the_log(app, environ):
    ended = run(environ, FOR_EVER, limit=5)

    lines = [line for line in ended.stdout.splitlines() if "process is stuck" in line]
    assert len(lines) == 1
    assert "worker:orders" in lines[0]


@pytest.mark.parametrize("deed", [WORKING, STOPPED])
def test_who_works_on_or_was_asked_to_stop_is_left_alone(deed, app, environ):
    ended = run(environ, deed, limit=1)

    assert (ended.returncode, ended.stdout) == (0, "came to its end\n")


def test_every_row_of_a_turn_is_progress(app, paid_order, clock):
    with transaction():
        for key in range(6):
            outbox.add_work(
                kind=outbox.SYNC_PAYMENT,
                subject_id=paid_order.id,
                key=str(key),
                now=clock(),
                trace_id="t",
            )
    db.session.remove()

    class NoBell:
        is_away = False

        def wait(self) -> None: ...

    pulse = CountingPulse()
    Worker(app, queue="orders", bell=NoBell(), stop=StopFlag(), pulse=pulse).turn()

    assert pulse.count == 7


def test_every_chore_of_a_round_is_progress(app):
    pulse = CountingPulse()

    Scheduler(app, holder="one", stop=StopFlag(), pulse=pulse).tick()

    assert pulse.count == len(CHORES)
