"""A process that does one step of a purchase in a child, and may be told where to die.

Started once: it loads the application, then forks for every line that it reads,
so that a process killed by SIGKILL costs milliseconds. Each line is one JSON
object ``{"step", "failpoint", "later_s", ...}``; each answer is
``{"status", "answer"}``, with a negative status for a signal.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import configure_mappers

from jobs.runtime import perform
from tests.purchases import LINKS
from webapp import create_app
from webapp.clock import utc_now
from webapp.domain import outbox
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.flows import reconciliation
from webapp.flows.payment_start import start_payment
from webapp.ports import ports
from webapp.transaction import transaction


def hold(order: dict[str, Any]) -> str:
    """Open a checkout; its reference."""
    with transaction():
        return open_checkout(
            event_slug=order["slug"],
            lines=[BasketLine(order["tier_id"], 2)],
            contact=Contact(email="guest@example.com", name="Ada Example"),
            origin=Origin(client_key="mortal", trace_id="0" * 32),
            caps=NO_CAPS,
            now=ports().utc_now(),
        ).reference


def pay(order: dict[str, Any]) -> str:
    """Go to the gateway with a checkout; the session's id."""
    url = start_payment(reference=order["reference"], links=LINKS, ports=ports()).url
    return str(url).rsplit("/", 1)[1]


def work(_order: dict[str, Any]) -> int:
    """Everything that scheduler and workers do until nothing is left; how many rows were done."""
    reconciliation.fetch_missed_notices(ports=ports())
    reconciliation.close_lapsed(ports=ports())
    reconciliation.reconcile(ports=ports())
    done = 0
    while ready := list_ready():
        done += sum(perform(outbox_id) for outbox_id in ready)
    return done


def list_ready() -> list[int]:
    with transaction():
        return [
            outbox_id
            for queue in ("orders", "mail")
            for outbox_id in outbox.list_ready_work(queue=queue, now=ports().utc_now(), limit=50)
        ]


STEPS: dict[str, Callable[[dict[str, Any]], object]] = {"hold": hold, "pay": pay, "work": work}


def do_in_child(app: Flask, order: dict[str, Any]) -> dict[str, Any]:
    """Do one step in a child; how it ended and what it answered."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os._exit(do(app, order, writing))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    _, waited = os.waitpid(child, 0)
    return {
        "status": os.waitstatus_to_exitcode(waited),
        "answer": json.loads(answer) if answer else None,
    }


def do(app: Flask, order: dict[str, Any], writing: int) -> int:
    try:
        os.environ["FAILPOINT"] = order.get("failpoint") or ""
        later = timedelta(seconds=order.get("later_s", 0))
        own = app.extensions["ports"]
        app.extensions["ports"] = replace(own, utc_now=lambda: utc_now() + later)
        with app.app_context():
            answer = STEPS[order["step"]](order)
        os.write(writing, json.dumps(answer).encode())
    except BaseException:  # noqa: BLE001 - a child must not go on as its parent
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Answer line by line until there are no more."""
    # The log goes where errors go: what is left is for answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    app = create_app(json.loads(sys.argv[1]))
    configure_mappers()
    for line in sys.stdin:
        answers.write(json.dumps(do_in_child(app, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
