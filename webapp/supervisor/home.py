"""The folder of all data: one supervisor at a time, and nothing left of the one before."""

import fcntl
import json
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from webapp.embedded.process import ProcessRecord
from webapp.supervisor.errors import CannotStart

CHILDREN_FILE = "children.json"
LEFTOVER_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))


@contextmanager
def own_home(home: Path) -> Iterator[None]:
    """Keep the home to ourselves. Raises :class:`CannotStart` if another supervisor has it."""
    # Others may pass through, for the account of the database, but not look around.
    home.mkdir(parents=True, exist_ok=True, mode=0o711)
    with (home / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"Yardpass already runs with its data in {home}; stop it first, or set "
                "YARDPASS_HOME to another folder (and PORT and SANDBOX_PORT to other ports)."
            ) from None
        yield


def record_children(home: Path, records: Iterable[ProcessRecord]) -> None:
    """Replace the list that :func:`end_leftover_children` reads after a crash."""
    (home / CHILDREN_FILE).write_text(json.dumps([asdict(record) for record in records]))


def end_leftover_children(home: Path) -> None:
    """End the children of a supervisor that was killed, should any have survived it."""
    try:
        records = json.loads((home / CHILDREN_FILE).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return
    for record in records:
        ProcessRecord(**record).end(LEFTOVER_STEPS, group=True)
    (home / CHILDREN_FILE).unlink()
