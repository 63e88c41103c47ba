"""The sandbox in a process of its own, and its control plane."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.judges import assert_whole_run_is_as_published

ROOT = Path(__file__).resolve().parents[1]
DEADLINE_SECONDS = 10
GOOD_CARD = "4242424242424242"


@contextmanager
def running_sandbox(
    data: Path, *options: str, stop: signal.Signals = signal.SIGTERM, **environment: str
) -> Iterator[str]:
    """The URL of a sandbox that keeps its data in this file; it has to end well when told to."""
    command = [sys.executable, "-m", "paysandbox", "--port", "0", "--data", str(data), *options]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.send_signal(stop)
            status = process.wait(DEADLINE_SECONDS)
        assert status == 0


@contextmanager
def judged_sandbox(folder: Path) -> Iterator[str]:
    """The same for a whole run, with data in this folder; at the end all it was asked is judged."""
    with running_sandbox(folder / "sandbox.db") as url:
        yield url
        assert_whole_run_is_as_published(sandbox_url=url, folder=folder)


@dataclass
class Control:
    """The control plane, and plain HTTP to the pages."""

    url: str
    http: requests.Session

    def raw(self, call: str, body: Any) -> requests.Response:
        """The answer to a call that may be refused."""
        return self.http.post(f"{self.url}/__sandbox/{call}", json=body)

    def post(self, call: str, body: Any = None, **named: Any) -> Any:
        answer = self.raw(call, named if body is None else body)
        answer.raise_for_status()
        return answer.json()

    def get(self, call: str) -> Any:
        return self.http.get(f"{self.url}/__sandbox/{call}").json()

    def pay(self, session_id: str, card: str = GOOD_CARD, **named: Any) -> Any:
        """What the buyer is told, a refusal included."""
        return self.raw(f"pay/{session_id}", {"card": card, **named}).json()

    def fail(self, effect: str, *, path: str, when: str = "before", times: int = 10) -> None:
        """Break the next calls of a path."""
        faults = [
            {"method": "POST", "path": path, "nth": nth, "when": when, "effect": effect}
            for nth in range(1, times + 1)
        ]
        self.post("faults", faults)

    def calls(self, path: str) -> list[dict[str, Any]]:
        """The requests to one path, oldest first."""
        lines = self.http.get(f"{self.url}/__sandbox/traffic").iter_lines()
        traffic = [json.loads(line) for line in lines if line]
        return [line for line in traffic if line["path"].split("?")[0] == path]
