"""The commands about passes."""

import click
from flask.cli import with_appcontext

from webapp.ports import ports


@click.command("check-certificates")
@with_appcontext
def check_certificates() -> None:
    """Show how long the certificates of passes still work; fails when one needs attention."""
    now = ports().utc_now()
    certificates = ports().passes.certificates()
    if not certificates:
        print("No passes for Apple Wallet are set up: there is no certificate to check.")
    for each in certificates:
        word = "ok" if not each.needs_attention(now=now) else "SOON"
        word = word if each.is_valid(now=now) else "ENDED"
        print(f"{word:<6} {each.name:<19} {each.ends_at:%Y-%m-%d}  {each.days_left(now=now)} days")
    if any(each.needs_attention(now=now) for each in certificates):
        raise SystemExit(1)
