"""The command that ends the links of an order."""

import click
from flask.cli import with_appcontext

from webapp.domain.link_revocations import revoke_order_links
from webapp.errors import NotFound
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


@click.command("revoke-order-links")
@click.argument("number")
@click.option("--without-mail", is_flag=True, help="Mail no new link: the mailbox is not safe.")
@with_appcontext
def revoke_links(number: str, *, without_mail: bool) -> None:
    """End every link of the order NUMBER and replace its codes: somebody else read the mail.

    The buyer gets a new link by mail. Browsers and wallets lose the order until
    they open that one; tickets that a friend accepted stay with the friend.
    """
    try:
        with transaction():
            done = revoke_order_links(
                number=number,
                is_mail_wanted=not without_mail,
                now=ports().utc_now(),
                trace_id=current_trace_id(),
            )
    except NotFound:
        raise click.ClickException(f"There is no order {number}.") from None
    print(f"Links of {number} from before open nothing now.")
    print(f"{done.replaced} ticket(s) have another code.")
    if done.kept:
        print(f"Replaced too often to get another code: {', '.join(done.kept)}.")
    print("A new link is on its way by mail." if done.is_mailed else "No mail was written.")
