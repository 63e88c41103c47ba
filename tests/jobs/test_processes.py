"""Worker and scheduler as processes of their own, ended and restarted the hard way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.purchases import work_of
from tests.waiting import wait_until
from webapp.clock import utc_now
from webapp.database import db
from webapp.domain import heartbeats, outbox
from webapp.models import Heartbeat, OutboxStatus, Ticket

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 20


@pytest.fixture
def start(app, environ) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command of ours; what still runs at the end is ended."""
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **changes: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "webapp", *arguments],
            cwd=ROOT,
            env=os.environ | environ | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def is_alive(name: str) -> bool:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Heartbeat, name) is not None


def is_issued() -> bool:
    return work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DONE


@pytest.fixture
def due_order(paid_order, clock):
    """The paid order of 2027 made due today: the processes read the real clock."""
    row = work_of(outbox.ISSUE_TICKETS)
    row = db.session.get_one(type(row), row.id)
    row.due_at = row.ring_at = utc_now()
    db.session.commit()
    return paid_order


def test_a_worker_works_without_redis_and_shows_that_it_lives(start, due_order):
    start("worker", "orders", REDIS_URL="redis://127.0.0.1:9/0")

    wait_until(is_issued)
    wait_until(lambda: is_alive(heartbeats.worker_name("orders")))

    assert db.session.query(Ticket).count() == 2


def test_a_worker_that_is_asked_to_stop_ends_well(start):
    process = start("worker", "mail")
    wait_until(lambda: is_alive(heartbeats.worker_name("mail")))

    process.send_signal(signal.SIGTERM)

    assert process.wait(DEADLINE_SECONDS) == 0


def test_a_killed_workers_row_is_done_by_the_next_one(start, due_order):
    row = work_of(outbox.ISSUE_TICKETS)
    row = db.session.get_one(type(row), row.id)
    # As it stands when a worker was killed in the middle, and its lease is over.
    row.status, row.lease_until = OutboxStatus.RUNNING, utc_now()
    db.session.commit()

    start("worker", "orders")

    wait_until(is_issued)
    assert db.session.query(Ticket).count() == 2


def test_a_scheduler_lives_and_ends_well(start):
    process = start("scheduler")
    wait_until(lambda: is_alive(heartbeats.SCHEDULER))

    process.send_signal(signal.SIGTERM)

    assert process.wait(DEADLINE_SECONDS) == 0


def test_arguments_and_addresses_stay_out_of_the_log(start, due_order):
    process = start("worker", "orders")
    wait_until(is_issued)
    process.send_signal(signal.SIGTERM)

    log, _ = process.communicate(timeout=DEADLINE_SECONDS)

    assert "worker stopped" in log
    assert "guest@example.com" not in log
    assert "Traceback" not in log
