"""All background processes as forks of one: each lives, dies and ends like one of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.supervisor.conftest import list_descendants, wait_for_the_end_of
from tests.waiting import wait_until
from webapp.database import db
from webapp.domain import heartbeats
from webapp.models import Heartbeat

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 20
NAMES = {"orders", "mail", "scheduler"}


@pytest.fixture
def crew(app, environ, tmp_path):
    log = tmp_path / "crew.log"
    with (
        log.open("w") as lines,
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "webapp", "crew"],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        process.log = log
        wait_until(lambda: set(members(process)) == NAMES, what=log.read_text)
        yield process
        if process.poll() is None:
            process.terminate()


def members(crew):
    """The processes below it, by name."""
    return {
        Path(f"/proc/{record.pid}/comm").read_text().strip(): record
        for record in list_descendants(crew.pid)
    }


def list_alive():
    db.session.rollback()
    return set(db.session.scalars(db.select(Heartbeat.name)))


def test_every_process_that_readiness_expects_lives(crew):
    wait_until(lambda: list_alive() == set(heartbeats.EXPECTED), what=crew.log.read_text)


def test_member_that_dies_is_started_again_and_the_others_go_on(crew):
    before = members(crew)

    os.kill(before["mail"].pid, signal.SIGKILL)

    wait_until(
        lambda: members(crew).get("mail", before["mail"]) != before["mail"],
        what=crew.log.read_text,
    )
    after = members(crew)
    assert {after[name] for name in NAMES - {"mail"}} == {before[n] for n in NAMES - {"mail"}}
    assert "mail was ended by SIGKILL; it starts again in 0.5 s\n" in crew.log.read_text()


def test_crew_that_is_asked_to_stop_ends_well_with_all_its_members(crew):
    found = members(crew).values()
    wait_until(lambda: list_alive() == set(heartbeats.EXPECTED), what=crew.log.read_text)

    crew.terminate()

    assert crew.wait(DEADLINE_SECONDS) == 0
    assert not any(record.is_alive() for record in found)
    assert crew.log.read_text().count(" stopped") == len(NAMES)


def test_crew_that_is_killed_leaves_nobody_behind(crew):
    found = list(members(crew).values())

    crew.kill()

    wait_for_the_end_of(found)
