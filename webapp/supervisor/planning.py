"""From the operator's variables to the plan of one start."""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from webapp.config import SettingsError, read_app_env, read_settings, yardpass_home
from webapp.paths import MIGRATIONS_DIR
from webapp.supervisor.command import Command, Plan
from webapp.supervisor.environment import wants_mail_sandbox, wants_payment_sandbox
from webapp.supervisor.errors import CannotStart
from webapp.supervisor.ports import read_port

CHECKOUT = Path(__file__).resolve().parents[2]


def make_plan(environment: Mapping[str, str]) -> Plan:
    """Decide what to run. Raises :class:`CannotStart` for variables that make no sense.

    Production brings its own servers and its own gateway, so none of ours is planned there.
    """
    try:
        is_production = read_app_env(environment) == "production"
        if is_production:
            read_settings(environment)
    except SettingsError as error:
        raise CannotStart(str(error)) from error

    port = read_port(environment, "PORT", default=8000)
    sandbox_port = read_port(environment, "SANDBOX_PORT", default=8001)
    home = yardpass_home(environment)
    site_url = environment.get("SITE_URL") or f"http://localhost:{port}"
    for_payments = not is_production and wants_payment_sandbox(environment)
    for_mail = not is_production and wants_mail_sandbox(environment)
    sandbox = (
        sandbox_command(
            sandbox_port,
            home=home,
            site_url=site_url,
            mail_webhook_url=f"http://127.0.0.1:{port}/webhooks/resend" if for_mail else None,
        )
        if for_payments or for_mail
        else None
    )
    demo = (demo_command(environment, home),) if for_payments else ()
    return Plan(
        home=home,
        checkout=CHECKOUT,
        environment={**environment, "PORT": str(port)},
        ports={"PORT": port} | ({"SANDBOX_PORT": sandbox_port} if sandbox else {}),
        site_url=site_url,
        sandbox_url=f"http://127.0.0.1:{sandbox_port}",
        runs_postgres=not is_production and not environment.get("DATABASE_URL"),
        runs_redis=not is_production and not environment.get("REDIS_URL"),
        is_production=is_production,
        sandbox=sandbox,
        webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe" if for_payments else None,
        preparations=(migrations_command(environment, home), *demo),
        # The workers and the scheduler are one crew: loading the application for each of them
        # would take the machine for seconds, at a start and while tickets are sold.
        services=(web_command(port, site_url=site_url), flask_command("jobs", "crew")),
        announcements=announcements(port, sandbox_port if sandbox else None),
    )


def flask_command(
    name: str, *arguments: str, done_path: Path | None = None, versions: Path | None = None
) -> Command:
    """One of :mod:`webapp.cli`, with the interpreter that runs us."""
    return Command(
        name=name,
        arguments=(sys.executable, "-m", "flask", "--app", "webapp", *arguments),
        done_path=done_path,
        versions=versions,
    )


def migrations_command(environment: Mapping[str, str], home: Path) -> Command:
    """Schema and keys; not again while the database and the key are those of the last time."""
    return flask_command(
        "migrations",
        "upgrade-db",
        done_path=note_about_database(environment, home, "prepared"),
        versions=MIGRATIONS_DIR / "versions",
    )


def demo_command(environment: Mapping[str, str], home: Path) -> Command:
    """Events to look at, once for each database: who deletes them does not want them back."""
    done_path = note_about_database(environment, home, "demo-data")
    return flask_command("demo data", "seed-demo", done_path=done_path)


def note_about_database(environment: Mapping[str, str], home: Path, name: str) -> Path:
    """A file that is there for one database only; ours lies with the data and goes with it."""
    if database_url := environment.get("DATABASE_URL"):
        digest = hashlib.sha256(database_url.encode()).hexdigest()[:16]
        return home / f"{name}-{digest}"
    return home / "postgres" / name


def web_command(port: int, *, site_url: str) -> Command:
    """Ready once database, Redis and workers are, not when it merely listens."""
    return Command(
        name="web",
        arguments=(
            *(sys.executable, "-m", "gunicorn"),
            *("-c", str(CHECKOUT / "deploy" / "gunicorn.py")),
            "webapp:create_app()",
        ),
        ready_url=f"http://127.0.0.1:{port}/readyz",
        ready_host=urlsplit(site_url).netloc,
    )


def sandbox_command(
    port: int, *, home: Path, site_url: str, mail_webhook_url: str | None
) -> Command:
    """Its data is in ``home``; ``site_url`` is where its mails and pages lead back to.

    ``mail_webhook_url`` is told what became of mails; None if it does not stand in for those.
    """
    return Command(
        name="sandbox",
        arguments=(
            *(sys.executable, "-m", "paysandbox"),
            *("--port", str(port)),
            *("--data", str(home / "sandbox.db")),
            *("--site-url", site_url),
            *(("--mail-webhook", mail_webhook_url) if mail_webhook_url else ()),
        ),
        ready_url=f"http://127.0.0.1:{port}/healthz",
        grace_seconds=5.0,
    )


def announcements(port: int, sandbox_port: int | None) -> tuple[str, ...]:
    """What to open in a browser; the word ``ready`` begins the first line, for scripts."""
    lines = [f"ready http://localhost:{port}"]
    if sandbox_port is not None:
        lines += [
            f"  mail inbox       http://localhost:{sandbox_port}/mail",
            f"  payment sandbox  http://localhost:{sandbox_port}",
        ]
    return tuple(lines)
