"""What the supervisor runs, as data: tests hand it other commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run, with the address that answers 200 once it is ready."""

    name: str
    arguments: tuple[str, ...]
    ready_url: str | None = None
    # The application takes requests for its own host only, whatever address they arrive at.
    ready_host: str | None = None
    grace_seconds: float = 15.0
    # For a preparation that is wanted only once: a file that says that it was done.
    done_path: Path | None = None
    # For one that prepares the database: the folder of the migrations. It is wanted again when
    # one is left, and for another database or key than those that ``done_path`` tells of.
    versions: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that one start runs, in order."""

    home: Path
    # Where commands run; the application's code is found there.
    checkout: Path
    # The variables that the operator set. They are never overridden.
    environment: Mapping[str, str]
    # The port of each variable that needs one, checked before anything starts.
    ports: Mapping[str, int]
    site_url: str
    sandbox_url: str
    runs_postgres: bool
    runs_redis: bool
    # Production brings everything itself: no setting is made up or recorded.
    is_production: bool = False
    # Stands in for the gateway, the mail provider or both.
    sandbox: Command | None = None
    # Where the sandbox sends the gateway's notices; None if it does not stand in for that.
    webhook_url: str | None = None
    # Run once each, to the end, before the services start.
    preparations: tuple[Command, ...] = ()
    services: tuple[Command, ...] = ()
    # Said once everything answers.
    announcements: tuple[str, ...] = ()
