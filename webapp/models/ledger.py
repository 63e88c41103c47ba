"""Work that must happen after a commit, notices from outside, and the trail of both."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base, status_column


class OutboxStatus(StrEnum):
    """``due`` waits for its time, ``dead`` waits for a person."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Outbox(Base):
    """One piece of work, written in the transaction that made it necessary.

    ``kind`` names the job, ``subject_id`` the row it works on, and
    (``kind``, ``key``) is unique so that a repeat adds nothing. ``due_at`` is
    when a worker may take it, ``ring_at`` when the sweeper may ring again,
    ``lease_until`` when a silent worker is given up on. ``claim_no`` only grows
    and tells one claim from the next. ``created_at`` moves when finished or dead
    work is asked for again: patience with an outage counts from there.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint("attempts >= 0", name="attempts_positive"),
        Index(
            "outbox_ring_at_open_idx",
            "ring_at",
            postgresql_where=text("status IN ('due', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    queue: Mapped[str]
    subject_id: Mapped[int]
    status: Mapped[OutboxStatus] = mapped_column(
        status_column(OutboxStatus), default=OutboxStatus.DUE
    )
    attempts: Mapped[int] = mapped_column(default=0)
    claim_no: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    ring_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    trace_id: Mapped[str]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class WebhookEvent(Base):
    """One notice from outside. The unique pair makes redelivery harmless.

    What it is about is told as :class:`webapp.ports.Notice` tells it, empty
    where it does not say; ``payload`` keeps ids and states for people who look.
    """

    __tablename__ = "webhook_events"
    __table_args__ = (UniqueConstraint("provider", "event_id"), Index(None, "received_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str]
    event_id: Mapped[str]
    type: Mapped[str]
    object_id: Mapped[str] = mapped_column(default="")
    livemode: Mapped[bool | None]
    concerns_order: Mapped[bool] = mapped_column(default=False)
    says_paid: Mapped[bool] = mapped_column(default=False)
    session_id: Mapped[str] = mapped_column(default="")
    payment_id: Mapped[str] = mapped_column(default="")
    order_number: Mapped[str] = mapped_column(default="")
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class EmailStatus(StrEnum):
    """``sending`` was claimed before the provider was called; ``dropped`` had nothing to say."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


# A worker has it, or will.
UNDER_WAY = (EmailStatus.QUEUED, EmailStatus.SENDING)


class Delivery(StrEnum):
    """The mail service's word on a mail that it took.

    ``suppressed`` was not even tried: the address had refused a mail, or called one spam,
    before. ``complained`` arrived, and somebody called it spam.
    """

    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"
    BOUNCED = "bounced"
    FAILED = "failed"


UNDELIVERED = (Delivery.SUPPRESSED, Delivery.BOUNCED, Delivery.FAILED)


class EmailMessage(Base):
    """One mail to one address: at most one per subject, kind and ``sequence``.

    It is about an order, about a checkout that has not led to one, about a ticket
    that somebody may accept, or has accepted, by a transfer's claim, or about an
    event: then one goes to each mailbox, however its address is spelt.
    """

    __tablename__ = "email_messages"
    __table_args__ = (
        UniqueConstraint("order_id", "kind", "sequence"),
        UniqueConstraint("checkout_id", "kind", "sequence"),
        UniqueConstraint("transfer_claim_id", "kind", "sequence"),
        CheckConstraint(
            "num_nonnulls(order_id, checkout_id, transfer_claim_id, event_id) = 1",
            name="one_subject",
        ),
        Index(
            "email_messages_event_mailbox_key",
            "event_id",
            "kind",
            "sequence",
            text("lower(recipient)"),
            unique=True,
            postgresql_where=text("event_id IS NOT NULL"),
        ),
        Index(
            None,
            "provider_message_id",
            postgresql_where=text("provider_message_id <> ''"),
        ),
        Index(
            "email_messages_recipient_checkout_idx",
            text("lower(recipient)"),
            postgresql_where=text("checkout_id IS NOT NULL"),
        ),
        Index(
            "email_messages_recipient_transfer_claim_idx",
            text("lower(recipient)"),
            postgresql_where=text("transfer_claim_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    checkout_id: Mapped[int | None] = mapped_column(ForeignKey("checkouts.id"))
    transfer_claim_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_claims.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    kind: Mapped[str]
    sequence: Mapped[int] = mapped_column(default=1)
    recipient: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    status: Mapped[EmailStatus] = mapped_column(
        status_column(EmailStatus), default=EmailStatus.QUEUED
    )
    provider_message_id: Mapped[str] = mapped_column(default="")
    delivery: Mapped[Delivery] = mapped_column(
        status_column(Delivery), default=Delivery.UNKNOWN, server_default="unknown"
    )
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    @property
    def is_undelivered(self) -> bool:
        """Whether it went out and did not arrive."""
        return self.delivery in UNDELIVERED

    @property
    def is_under_way(self) -> bool:
        """Whether it is still to go out, or is going out now."""
        return self.status in UNDER_WAY


class AuditEntry(Base):
    """Who did what to which row, kept for ever. Append-only: a trigger refuses edits."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    subject_id: Mapped[int]
    action: Mapped[str]
    actor: Mapped[str]
    details: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    trace_id: Mapped[str]
    at: Mapped[datetime]


class Lease(Base):
    """A named right to do periodic work, held by one process until ``until``."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class CounterCheck(Base):
    """When one kind of counters was last compared with its rows, and how many were wrong."""

    __tablename__ = "counter_checks"

    name: Mapped[str] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    miscounted: Mapped[int]


class Heartbeat(Base):
    """The last sign of life of a worker process, for readiness."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
