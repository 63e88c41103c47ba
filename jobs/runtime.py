"""Performing one outbox row: claimed, done, finished, or put back with a growing pause."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from jobs import mail, orders, passes, payments, push
from jobs.faults import describe_fault
from webapp.domain import outbox
from webapp.domain.outbox import Claim
from webapp.flows.endings import Finish
from webapp.pass_ports import PassPushUnavailable
from webapp.ports import (
    GatewayKeyRefused,
    GatewayUnavailable,
    GatewayUnknown,
    MailRefused,
    MailUnavailable,
    ports,
)
from webapp.push_ports import PushRefused, PushUnavailable
from webapp.tracing import tracing
from webapp.transaction import transaction

log = logging.getLogger(__name__)

Job = Callable[[int, Finish], None]

# Each finishes its row in the transaction of its last effect, so that a kill
# leaves both or neither. What acts outside commits before it acts and uses a
# stable key.
JOBS: Mapping[str, Job] = {
    outbox.ISSUE_TICKETS: orders.issue_tickets,
    outbox.PROCESS_WEBHOOK_EVENT: payments.process_webhook_event,
    outbox.SYNC_PAYMENT: payments.sync_payment,
    outbox.RUN_REFUND: payments.run_refund,
    outbox.SEND_EMAIL: mail.send_email,
    outbox.FIND_ORDERS: orders.find_orders,
    outbox.WAKE_PHONES: passes.wake_phones,
    outbox.SEND_PUSH: push.send_push,
}

# No fault of the work: the other side is away, or takes no key of ours until somebody
# has put it right.
AWAY = (
    GatewayUnavailable,
    GatewayKeyRefused,
    GatewayUnknown,
    MailUnavailable,
    PushUnavailable,
    PassPushUnavailable,
)

# How long a mail waits for its turn before the worker looks at something else.
LONGEST_WAIT_SECONDS = 5.0
PACE_SECONDS = 0.1
PACED_DELAY = timedelta(seconds=2)


def perform(outbox_id: int, *, wait: Callable[[float], object] = time.sleep) -> bool:
    """Do one row if it is still due; False when there was nothing to do.

    Needs an application context and no open transaction. A job that fails is
    put back and nothing is raised: the row says what happened. Only a database
    that is away raises.
    """
    with transaction():
        claim = outbox.claim_work(outbox_id=outbox_id, now=ports().utc_now())
    if claim is None:
        return False
    with tracing(claim.trace_id):
        if claim.is_given_up:
            _tell_of_dead(claim, error=outbox.SILENT)
        elif claim.kind == outbox.SEND_EMAIL and not _may_mail(wait):
            _postpone(claim, error="Paced", delay=PACED_DELAY, is_counted=False)
        else:
            _run(claim)
    return True


def _run(claim: Claim) -> None:
    try:
        JOBS[claim.kind](claim.subject_id, lambda: outbox.finish_work(claim, now=ports().utc_now()))
    except AWAY as fault:
        # Asked to slow down: that is never counted.
        pause = getattr(fault, "retry_after", None)
        is_counted = pause is None and outbox.counts_outage(claim, now=ports().utc_now())
        _postpone(claim, error=type(fault).__name__, delay=pause, is_counted=is_counted)
    except (MailRefused, PushRefused) as fault:
        # Another try would be refused again: straight to the dead letters.
        _postpone(replace(claim, attempts=outbox.MAX_ATTEMPTS), error=type(fault).__name__)
    except Exception as fault:  # noqa: BLE001 - one bad row must not stop the others
        log.warning(
            "job failed",
            # The text of an error may carry what a person typed: its place says enough.
            extra={
                "kind": claim.kind,
                "outbox_id": claim.outbox_id,
                "error": describe_fault(fault),
            },
        )
        _postpone(claim, error=type(fault).__name__)


def _postpone(
    claim: Claim, *, error: str, delay: timedelta | None = None, is_counted: bool = True
) -> None:
    with transaction():
        is_dead = outbox.postpone_work(
            claim, error=error, now=ports().utc_now(), delay=delay, is_counted=is_counted
        )
    if is_dead:
        _tell_of_dead(claim, error=error)


def _tell_of_dead(claim: Claim, *, error: str) -> None:
    log.error(
        "work was given up on",
        extra={
            "kind": claim.kind,
            "outbox_id": claim.outbox_id,
            "subject_id": claim.subject_id,
            "error": error,
        },
    )


def _may_mail(wait: Callable[[float], object]) -> bool:
    """Wait, in no transaction, for the turn that the provider's rate gives us."""
    waited = 0.0
    while not ports().mail_bucket.take():
        if waited >= LONGEST_WAIT_SECONDS:
            return False
        wait(PACE_SECONDS)
        waited += PACE_SECONDS
    return True
