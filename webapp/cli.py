"""The commands: ``flask --app webapp COMMAND``."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from jobs.crew import make_crew, run_crew
from jobs.scheduler import CHORES, run_chore, run_scheduler
from jobs.stopping import StopFlag
from jobs.worker import run_worker
from webapp.cli_keys import keys, prepare_keys
from webapp.cli_links import revoke_links
from webapp.cli_mail import list_undelivered_mail
from webapp.cli_passes import check_certificates
from webapp.cli_reviews import decide_order, list_reviews
from webapp.domain import dead_work
from webapp.domain.outbox import QUEUES as KINDS
from webapp.domain.verification import verify_order
from webapp.errors import NotFound
from webapp.extensions import settings
from webapp.job_queues import QUEUES
from webapp.ports import ports
from webapp.supervisor.output import Output
from webapp.transaction import transaction


def register_commands(app: Flask) -> None:
    """Make every command known to ``flask``."""
    commands = (
        upgrade_db,
        seed_demo,
        worker,
        scheduler,
        crew,
        reconcile,
        check_order,
        list_reviews,
        decide_order,
        list_dead_work,
        replay_work,
        revoke_links,
        list_undelivered_mail,
        check_certificates,
        keys,
    )
    for command in commands:
        app.cli.add_command(command)


@click.command("upgrade-db")
@with_appcontext
def upgrade_db() -> None:
    """Bring the database to the newest schema. Safe to repeat, and at several places at once.

    Afterwards there is a key that signs tickets, and it opens with TICKET_SIGNING_KEY.
    """
    upgrade()
    prepare_keys()
    print("The database is up to date.")


@click.command("seed-demo")
@with_appcontext
def seed_demo() -> None:
    """Put example events into the database, once."""
    # Only this command needs the example texts.
    from webapp.demo import load_demo  # noqa: PLC0415

    with transaction():
        load_demo(now=ports().utc_now())
    print("The example events are there.")


@click.command("worker")
@click.argument("queue", type=click.Choice(QUEUES))
@with_appcontext
def worker(queue: str) -> None:
    """Do the background work of one QUEUE until asked to stop."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    run_worker(app, queue=queue, redis_url=settings().redis_url)


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Do the periodic work until asked to stop. Several may run; they take turns."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    run_scheduler(app)


@click.command("crew")
@with_appcontext
def crew() -> None:
    """Run a worker of each queue and a scheduler until asked to stop, each started again."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    stop = StopFlag()
    stop.install()
    run_crew(make_crew(app, redis_url=settings().redis_url), stop=stop, output=Output())


@click.command("reconcile")
@with_appcontext
def reconcile() -> None:
    """Look once for everything that was lost on the way, here and at the gateway."""
    for chore in CHORES:
        counts = run_chore(chore, ports=ports())
        if not counts:
            print(f"{chore.name}: the gateway does not answer")
        for name, count in counts.items():
            print(f"{name}: {count}")


@click.command("verify-order")
@click.argument("number")
@with_appcontext
def check_order(number: str) -> None:
    """Check whether the purchase with this order NUMBER is whole."""
    try:
        points = verify_order(number=number)
    except NotFound:
        raise click.ClickException(f"There is no order {number}.") from None
    for point in points:
        print(f"{'ok   ' if point.is_ok else 'WRONG'}  {point.name:<9} {point.finding}")
    if not all(point.is_ok for point in points):
        raise SystemExit(1)


@click.command("list-dead-work")
@with_appcontext
def list_dead_work() -> None:
    """Show the work that was given up on, with the id to replay it by."""
    dead = dead_work.list_dead_work()
    for row in dead:
        print(f"{row.id}  {row.kind}  subject {row.subject_id}  {row.last_error}")
    print(f"{len(dead)} piece(s) of work were given up on.")


@click.command("replay-work")
@click.argument("outbox_id", type=int, required=False)
@click.option("--all", "is_all", is_flag=True, help="All dead work instead of one piece.")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="With --all: of this kind only.")
@with_appcontext
def replay_work(outbox_id: int | None, is_all: bool, kind: str | None) -> None:
    """Make the dead work with this OUTBOX_ID due again, or all of it. Safe to repeat."""
    if (outbox_id is None) is not is_all or (kind and not is_all):
        raise click.UsageError("Give the id of one piece of work, or --all, maybe with --kind.")
    now = ports().utc_now()
    if outbox_id is None:
        with transaction():
            count = dead_work.replay_all_work(kind=kind, now=now)
        print(f"{count} piece(s) of work are due again.")
        return
    with transaction():
        is_replayed = dead_work.replay_work(outbox_id=outbox_id, now=now)
    if not is_replayed:
        raise click.ClickException(f"No dead work has the id {outbox_id}.")
    print(f"Work {outbox_id} is due again.")
