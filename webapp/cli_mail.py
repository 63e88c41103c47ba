"""The commands about mail."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from webapp.domain import deliveries
from webapp.ports import ports


@click.command("list-undelivered-mail")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
@with_appcontext
def list_undelivered_mail(days: int) -> None:
    """Show which mails of the last DAYS did not arrive, and why. No addresses."""
    lost = deliveries.list_undelivered(since=ports().utc_now() - timedelta(days=days))
    for email, order_number in lost:
        subject = order_number or "no order"
        print(
            f"{email.created_at:%Y-%m-%d}  {email.delivery.value:<10}  {email.kind:<24}  {subject}"
        )
    print(f"{len(lost)} mail(s) did not arrive.")
