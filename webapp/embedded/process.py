"""Processes that another process may have started: found again by id *and* start time.

An id alone is not enough: after a restart of the machine or of a container it may belong to
anybody, and we would end a stranger.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TETHER = Path(__file__).with_name("tether.py")
POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What is written down about a process, so that a later one can recognise it."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """The record of a live process. Raises :class:`ProcessLookupError` for a dead one."""
        started = find_start_time(pid)
        if started is None:
            raise ProcessLookupError(pid)
        return cls(pid=pid, started=started)

    def is_alive(self) -> bool:
        """False also for a zombie, and for a stranger who got the number meanwhile."""
        return find_start_time(self.pid) == self.started

    def end(self, steps: tuple[tuple[signal.Signals, float], ...], *, group: bool = False) -> None:
        """Send each signal in turn, waiting its seconds for the process to end.

        `group` signals the whole process group that it leads. Raises :class:`TimeoutError` if it
        survives the last step.
        """
        for number, seconds in steps:
            if not self.is_alive():
                return
            try:
                if group and os.getpgid(self.pid) == self.pid:
                    os.killpg(self.pid, number)
                else:
                    os.kill(self.pid, number)
            except ProcessLookupError:
                return
            if wait_until(lambda: not self.is_alive(), seconds=seconds):
                return
        raise TimeoutError(f"process {self.pid} does not end")


def find_start_time(pid: int) -> str | None:
    """When the process started, in a form only good for comparing; None for a dead process."""
    if sys.platform != "linux":
        return _start_time_from_ps(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may itself hold spaces and brackets.
    state, *fields = text.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]


def _start_time_from_ps(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603 - a fixed program and a number
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None


def list_processes_in(folder: Path) -> list[ProcessRecord]:
    """Live processes whose working folder this is; empty where the system cannot tell."""
    return list(_processes_in(folder.resolve()))


def _processes_in(folder: Path) -> Iterator[ProcessRecord]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                yield ProcessRecord.of(int(entry.name))
        except OSError:  # ended meanwhile, or not ours to look at
            continue


def tethered_command(
    command: list[str], *, death_signal: signal.Signals, account: str
) -> list[str]:
    """The command line of a program that gets a signal when this process dies.

    The system ties it to the *thread* that starts it: start it from one that stays. `account` is
    `UID:GID`, or `-` to stay who we are.
    """
    prefix = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(int(death_signal))]
    return [*prefix, account, *command]


def pause_briefly() -> None:
    """One beat of :func:`wait_until`."""
    time.sleep(POLL_SECONDS)


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    pause: Callable[[], None] = pause_briefly,
) -> bool:
    """Poll until the condition holds; False when the seconds are over first.

    ``pause`` passes the time between two looks; what it raises ends the wait.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause()
    return True
