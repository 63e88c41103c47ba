"""Many callers at the same moment: an application without a web, and threads behind one barrier."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flask import Flask
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DBAPIError

from webapp.database import db
from webapp.ports import Ports

Outcome = TypeVar("Outcome")
BARRIER_SECONDS = 60


def build_crowd(
    database_url: str, ports: Ports, *, connections: int, search_path: str = "public"
) -> Flask:
    """The domain on its own, with a connection for every caller.

    The product's pool would make most callers wait in line before the
    database: here they meet in it.
    """
    app = Flask("crowd")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": BARRIER_SECONDS,
        "connect_args": {
            "options": f"-c timezone=UTC -c lock_timeout=20000 -c search_path={search_path}"
        },
    }
    app.extensions["ports"] = ports
    db.init_app(app)
    return app


@dataclass
class Outcomes(Generic[Outcome]):
    """What the callers were given, in no order."""

    answers: list[Outcome] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)

    @property
    def deadlocks(self) -> int:
        """How many callers the database ended because of a circle of waits."""
        return sum(is_deadlock(refusal) for refusal in self.refusals)

    def refusal_kinds(self) -> set[str]:
        return {type(refusal).__name__ for refusal in self.refusals}


def is_deadlock(fault: BaseException) -> bool:
    return isinstance(fault, DBAPIError) and isinstance(fault.orig, DeadlockDetected)


def call_at_once(
    app: Flask, calls: Sequence[Callable[[], Outcome]], *, threads: int | None = None
) -> Outcomes[Outcome]:
    """Make the calls from that many threads, which all begin together."""
    threads = threads or len(calls)
    start = threading.Barrier(threads, timeout=BARRIER_SECONDS)
    outcomes: Outcomes[Outcome] = Outcomes()

    def work(share: Sequence[Callable[[], Outcome]]) -> None:
        start.wait()
        for call in share:
            with app.app_context():
                try:
                    outcomes.answers.append(call())
                except Exception as refusal:  # noqa: BLE001 - a test looks at every one of them
                    outcomes.refusals.append(refusal)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, calls[number::threads]) for number in range(threads)]:
            done.result()
    return outcomes
