"""``python -m paysandbox --port 5001 --data instance/sandbox.db``."""

import argparse
import ipaddress
import os
import sys
from collections.abc import Sequence

from paysandbox.mail_notices import MailWebhook
from paysandbox.server import SandboxServer


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="paysandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=5001, help="0 takes any free port")
    parser.add_argument("--data", required=True, help="path of the sandbox's own SQLite file")
    parser.add_argument("--bind", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--site-url", help="the shop's address, for links back to it")
    parser.add_argument(
        "--mail-webhook",
        help="the shop's address for notices about mails that do not arrive well;"
        " RESEND_WEBHOOK_SECRET signs them",
    )
    options = parser.parse_args(arguments)
    secret = os.environ.get("RESEND_WEBHOOK_SECRET", "")
    if options.mail_webhook and not secret:
        parser.error(
            "--mail-webhook: set RESEND_WEBHOOK_SECRET to what the notices are signed with"
        )
    if not _is_loopback(options.bind):
        parser.error(f"--bind {options.bind}: the sandbox serves loopback addresses only")
    mail_webhook = MailWebhook(options.mail_webhook, secret, wants_delivered=False)
    SandboxServer(
        bind=options.bind,
        port=options.port,
        data_path=options.data,
        site_url=options.site_url,
        mail_webhook=mail_webhook if options.mail_webhook else None,
    ).run()


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
