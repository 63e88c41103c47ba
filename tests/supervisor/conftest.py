import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.box_office import free_port
from tests.waiting import wait_until
from webapp.embedded import EmbeddedPostgres, EmbeddedRedis
from webapp.embedded.process import ProcessRecord

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0


class SupervisorUnderTest:
    """A supervisor in a process of its own, and what it printed so far."""

    def __init__(self, command, environment):
        self.lines = []
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        with self.process.stdout:
            self.lines.extend(self.process.stdout)

    def wait_for(self, pattern):
        def find():
            return next((line for line in self.lines if re.search(pattern, line)), None)

        wait_until(
            lambda: find() is not None or self.process.poll() is not None,
            seconds=PATIENCE_SECONDS,
            what=lambda: self.output,
        )
        assert find() is not None, self.output
        return find()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        status = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return status

    @property
    def output(self):
        return "".join(self.lines)

    def list_descendants(self):
        return list_descendants(self.process.pid)

    def find_child(self, word):
        """The one descendant, not counting descendants of it, with this word in its command."""
        found = [
            record
            for record in self.list_descendants()
            if word in Path(f"/proc/{record.pid}/cmdline").read_bytes().decode().split("\0")
        ]
        return found[0]


def list_descendants(pid):
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)] = int(fields[1])
    found = []
    for candidate in parents:
        ancestor = candidate
        while ancestor in parents and ancestor != pid:
            ancestor = parents[ancestor]
        if ancestor == pid and candidate != pid:
            with contextlib.suppress(ProcessLookupError):
                found.append(ProcessRecord.of(candidate))
    return found


def wait_for_the_end_of(records):
    wait_until(lambda: not any(record.is_alive() for record in records), seconds=PATIENCE_SECONDS)


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "a home"
    yield folder
    EmbeddedPostgres(folder / "postgres").discard()
    EmbeddedRedis(folder / "redis").discard()


@pytest.fixture
def ports():
    return [str(free_port()) for _ in range(2)]


@pytest.fixture
def environment():
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": str(ROOT)
    }


@pytest.fixture
def supervise(home, ports, environment):
    """Start a supervisor with stand-ins; any number of times, on the same home and ports."""
    started = []

    def start(*roles, **variables):
        script = str(Path(__file__).with_name("run_stand_ins.py"))
        command = [sys.executable, script, str(home), *ports, *roles]
        started.append(SupervisorUnderTest(command, environment | variables))
        return started[-1]

    yield start
    for supervisor in started:
        if supervisor.process.poll() is None:
            supervisor.process.terminate()
        supervisor.wait()
