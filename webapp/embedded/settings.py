"""The environment that a running supervisor gave its children, for commands in another shell."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from webapp.embedded.process import ProcessRecord

FILE_NAME = "embedded.json"


def recorded_environment(home: Path) -> dict[str, str]:
    """What the supervisor that runs this home recorded; empty if none does.

    A record whose supervisor is dead counts as none: its servers are gone, too, and "start
    everything first" is a better answer than a refused connection.
    """
    try:
        recorded = json.loads((home / FILE_NAME).read_text())
    except (FileNotFoundError, PermissionError, json.JSONDecodeError):
        return {}
    if not ProcessRecord(**recorded["supervisor"]).is_alive():
        return {}
    return dict(recorded["environment"])


def record_environment(home: Path, environment: dict[str, str]) -> None:
    """Record what this process gives its children, readable by nobody else: it holds keys."""
    recorded = {"supervisor": asdict(ProcessRecord.of(os.getpid())), "environment": environment}
    write_private(home / FILE_NAME, json.dumps(recorded, indent=2, sort_keys=True) + "\n")


def forget_environment(home: Path) -> None:
    """Done at a clean stop; no record is no error."""
    (home / FILE_NAME).unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner can read, all of it or nothing."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
