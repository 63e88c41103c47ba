"""Work that must happen after a commit: the row is the ledger, the queue a doorbell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    case,
    cast,
    exists,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from webapp import job_queues
from webapp.database import db, table_of
from webapp.models import Outbox, OutboxStatus
from webapp.transaction import ring_after_commit

PROCESS_WEBHOOK_EVENT = "process_webhook_event"
SYNC_PAYMENT = "sync_payment"
ISSUE_TICKETS = "issue_tickets"
RUN_REFUND = "run_refund"
SEND_EMAIL = "send_email"
FIND_ORDERS = "find_orders"
WAKE_PHONES = "wake_phones"
SEND_PUSH = "send_push"

# A flood of one kind must not starve the other.
QUEUES = {
    PROCESS_WEBHOOK_EVENT: job_queues.ORDERS,
    SYNC_PAYMENT: job_queues.ORDERS,
    ISSUE_TICKETS: job_queues.ORDERS,
    RUN_REFUND: job_queues.ORDERS,
    SEND_EMAIL: job_queues.MAIL,
    FIND_ORDERS: job_queues.MAIL,
    WAKE_PHONES: job_queues.MAIL,
    SEND_PUSH: job_queues.MAIL,
}

# Done before what else waits in its queue: a buyer who has paid looks at a page that
# waits for the tickets, and behind a hundred notices of others they came last.
URGENT = {ISSUE_TICKETS}

MAX_ATTEMPTS = 20
FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=10)
# So long after it was asked for, a try that failed because the other side was away is not
# held against the work. It uses up no more of them than the pause takes to grow.
PATIENCE = timedelta(hours=31, minutes=20)
GROWN_ATTEMPTS = 8
# What kills its worker, or holds it for ever, keeps all the rest waiting: it has five tries.
SILENCE_COST = 5
SILENT = "WorkerSilent"
LEASE = timedelta(seconds=60)
# Later than any pause that we or a provider's wish may make, and than any lease: such a
# moment was written by a clock that was put back since.
FURTHEST_DUE = timedelta(minutes=65)
FURTHEST_LEASE = 10 * LEASE
# How long a ring counts as heard; without it a sweep would flood the queue.
RING_LEASE = timedelta(seconds=10)

# On the bare table and built once: these run several times for every order, and building
# them costs more than running them.
_rows = table_of(Outbox)
_new = insert(_rows)
_ADD = _new.on_conflict_do_update(
    index_elements=["kind", "key"],
    set_={
        "status": _new.excluded.status,
        "attempts": _new.excluded.attempts,
        "due_at": _new.excluded.due_at,
        "ring_at": _new.excluded.ring_at,
        "lease_until": None,
        "trace_id": _new.excluded.trace_id,
        "created_at": _new.excluded.created_at,
        "done_at": None,
    },
    where=or_(
        _rows.c.status == OutboxStatus.DONE,
        (_rows.c.status != OutboxStatus.DUE) & bindparam("is_news"),
    ),
).returning(_rows.c.id)
_is_running = _rows.c.status == OutboxStatus.RUNNING
_is_spent = _is_running & (_rows.c.attempts >= MAX_ATTEMPTS)
_IS_READY = or_(
    (_rows.c.status == OutboxStatus.DUE)
    & or_(
        _rows.c.due_at <= bindparam("now"),
        _rows.c.due_at > bindparam("now") + FURTHEST_DUE,
    ),
    _is_running
    & or_(
        _rows.c.lease_until <= bindparam("now"),
        _rows.c.lease_until > bindparam("now") + FURTHEST_LEASE,
    ),
)
_CLAIM = (
    update(_rows)
    .where(_rows.c.id == bindparam("outbox_id"), _IS_READY)
    .values(
        status=case((_is_spent, OutboxStatus.DEAD), else_=OutboxStatus.RUNNING),
        attempts=_rows.c.attempts + case((_is_running, SILENCE_COST), else_=1),
        claim_no=_rows.c.claim_no + 1,
        lease_until=case((_is_spent, null()), else_=bindparam("lease_ends_at")),
        ring_at=bindparam("lease_ends_at"),
        last_error=case((_is_running, SILENT), else_=_rows.c.last_error),
    )
    .returning(
        _rows.c.id,
        _rows.c.claim_no,
        _rows.c.kind,
        _rows.c.subject_id,
        _rows.c.attempts,
        _rows.c.trace_id,
        _rows.c.created_at,
        _rows.c.status == OutboxStatus.DEAD,
    )
)
_FINISH = (
    update(_rows)
    .where(
        _rows.c.id == bindparam("outbox_id"),
        _rows.c.status == OutboxStatus.RUNNING,
        _rows.c.claim_no == bindparam("claimed_no"),
    )
    .values(status=OutboxStatus.DONE, done_at=bindparam("now"), lease_until=None, last_error="")
    .returning(_rows.c.id)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that this worker owns until its lease ends.

    ``claim_no`` fences: it only ever grows, so a worker that was given up on
    cannot finish or postpone the row of the one that took over. Work that
    ``is_given_up`` silenced its workers too often: it is dead now, and not to be done.
    """

    outbox_id: int
    claim_no: int
    kind: str
    subject_id: int
    attempts: int
    trace_id: str
    created_at: datetime
    is_given_up: bool = False


def add_work(
    *,
    kind: str,
    subject_id: int,
    key: str,
    now: datetime,
    trace_id: str,
    delay: timedelta = timedelta(0),
    is_news: bool = True,
) -> None:
    """Make one piece of work due with the surrounding transaction, once per (kind, key).

    Work that was done before under the same key becomes due again: adding it
    says that there is something new to look at. Work that is due or running
    stays as it is but runs once more if it is running now. Without ``is_news``, from
    a sweep that saw only what it saw before, work that runs or is dead stays so.
    """
    due_at = now + delay
    work = {
        "kind": kind,
        "key": key,
        "queue": QUEUES[kind],
        "subject_id": subject_id,
        "status": OutboxStatus.DUE,
        "attempts": 0,
        "due_at": due_at,
        "ring_at": due_at + RING_LEASE,
        "last_error": "",
        "trace_id": trace_id,
        "created_at": now,
    }
    outbox_id = db.session.scalar(_ADD, work | {"is_news": is_news})
    if outbox_id is not None and not delay:
        ring_after_commit(queue=QUEUES[kind], outbox_id=outbox_id, is_urgent=kind in URGENT)


def claim_work(*, outbox_id: int, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take a row that is due, or whose worker fell silent; None when there is nothing to do.

    The caller commits before it acts, so that a second worker sees the lease.
    """
    row = db.session.execute(
        _CLAIM, {"outbox_id": outbox_id, "now": now, "lease_ends_at": now + lease}
    ).one_or_none()
    return Claim(*row) if row else None


def finish_work(claim: Claim, *, now: datetime) -> bool:
    """Mark a claimed row done; False when it was taken over or made due again meanwhile."""
    claimed = {"outbox_id": claim.outbox_id, "claimed_no": claim.claim_no}
    return db.session.scalar(_FINISH, claimed | {"now": now}) is not None


def postpone_work(
    claim: Claim,
    *,
    error: str,
    now: datetime,
    delay: timedelta | None = None,
    is_counted: bool = True,
) -> bool:
    """Put a claimed row back with a growing pause, or among the dead after too many tries.

    ``error`` is a class name, never a text that may carry personal data. A try
    that failed for no fault of the work (a rate limit, :func:`counts_outage`) is
    not counted. True when the row is dead now.
    """
    is_dead = is_counted and claim.attempts >= MAX_ATTEMPTS
    due_at = now + (back_off(claim.attempts) if delay is None else delay)
    postponed = (
        update(Outbox)
        .where(
            Outbox.id == claim.outbox_id,
            Outbox.status == OutboxStatus.RUNNING,
            Outbox.claim_no == claim.claim_no,
        )
        .values(
            status=OutboxStatus.DEAD if is_dead else OutboxStatus.DUE,
            attempts=claim.attempts if is_counted else claim.attempts - 1,
            due_at=due_at,
            ring_at=due_at,
            lease_until=None,
            last_error=error,
        )
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(postponed) is not None and is_dead


def counts_outage(claim: Claim, *, now: datetime) -> bool:
    """Whether a try is counted that failed because the other side of the work was away."""
    return claim.attempts <= GROWN_ATTEMPTS or now - claim.created_at >= PATIENCE


def back_off(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s ... at most 10 minutes."""
    doublings = max(0, min(attempts - 1, 10))
    return min(LONGEST_BACK_OFF, FIRST_BACK_OFF * (1 << doublings))


def list_due_work(*, now: datetime, limit: int) -> list[tuple[str, int]]:
    """(queue, outbox id) of rows whose ring is due; each is then quiet for a while."""
    due = (
        select(Outbox.id)
        .where(
            Outbox.status.in_([OutboxStatus.DUE, OutboxStatus.RUNNING]),
            Outbox.ring_at <= now,
        )
        .order_by(Outbox.ring_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rung = (
        update(Outbox)
        .where(Outbox.id.in_(due))
        .values(ring_at=now + RING_LEASE)
        .returning(Outbox.queue, Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return [(queue, outbox_id) for queue, outbox_id in db.session.execute(rung)]


def list_ready_work(*, queue: str, now: datetime, limit: int) -> list[int]:
    """Ids of rows of one queue that a worker may take now: what it polls without Redis."""
    query = (
        select(_rows.c.id)
        .where(_rows.c.queue == queue, _IS_READY)
        # Behind the rest what silenced a worker: it may do so again.
        .order_by(_is_running, _rows.c.due_at)
        .limit(limit)
    )
    return list(db.session.scalars(query, {"now": now}))


def has_open_work(kind: str, key: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that work of ``kind`` under the key waits, runs or is dead."""
    return exists().where(
        Outbox.kind == kind,
        Outbox.key == cast(key, String),
        Outbox.status != OutboxStatus.DONE,
    )
