"""Checks that answer in time, also when what they look at hangs."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

HUNG = "no answer in time"


@dataclass(slots=True)
class TimedCheck:
    """Runs one check beside the request and gives up waiting after a moment.

    ``look`` returns what is wrong, empty when nothing is. A check that still
    hangs from an earlier request is not started a second time, so a dead
    server never collects threads.
    """

    look: Callable[[], str]
    _is_running: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Verdict":
        """Begin; the answer is in the verdict."""
        verdict = Verdict()
        if self._is_running.is_set():
            verdict.why = HUNG
            verdict.is_known.set()
            return verdict
        self._is_running.set()
        threading.Thread(target=self._run, args=(verdict,), daemon=True).start()
        return verdict

    def _run(self, verdict: "Verdict") -> None:
        try:
            verdict.why = self.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            verdict.why = type(error).__name__
        finally:
            self._is_running.clear()
            verdict.is_known.set()


@dataclass(slots=True)
class Verdict:
    """What a check found; :data:`HUNG` until it has found something."""

    why: str = HUNG
    is_known: threading.Event = field(default_factory=threading.Event)


def run_checks(checks: Mapping[str, TimedCheck], *, seconds: float) -> dict[str, str]:
    """What is wrong, by name of check; all of them run at once, for ``seconds`` at most each."""
    verdicts = {name: check.start() for name, check in checks.items()}
    found = {}
    for name, verdict in verdicts.items():
        verdict.is_known.wait(seconds)
        found[name] = verdict.why
    return found
