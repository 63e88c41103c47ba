"""Reminders: mails about an event to everybody who holds its tickets, and pushes.

Additive: a nullable column, a new status and new tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

STATUSES = ("queued", "sending", "sent", "failed")


def upgrade() -> None:
    op.add_column("email_messages", sa.Column("event_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("email_messages_event_id_fkey"), "email_messages", "events", ["event_id"], ["id"]
    )
    _replace_checks(
        "num_nonnulls(order_id, checkout_id, transfer_claim_id, event_id) = 1",
        (*STATUSES, "dropped"),
    )
    op.create_index(
        "email_messages_event_mailbox_key",
        "email_messages",
        ["event_id", "kind", "sequence", sa.text("lower(recipient)")],
        unique=True,
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_table(
        "announced_schedules",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("schedule_version", sa.BigInteger(), nullable=False),
        sa.Column("starts", postgresql.JSONB(), nullable=False),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        sa.Column("moved_version", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("announced_schedules_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("announced_schedules_pkey")),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("wallet_copy_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("p256dh", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["wallet_copy_id"],
            ["wallet_copies.id"],
            name=op.f("push_subscriptions_wallet_copy_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("push_subscriptions_pkey")),
        sa.UniqueConstraint("wallet_copy_id", name=op.f("push_subscriptions_wallet_copy_id_key")),
        sa.UniqueConstraint("endpoint", name=op.f("push_subscriptions_endpoint_key")),
    )
    op.create_table(
        "push_messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["push_subscriptions.id"],
            name=op.f("push_messages_subscription_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("push_messages_ticket_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("push_messages_pkey")),
        sa.UniqueConstraint(
            "subscription_id",
            "kind",
            "subject",
            name=op.f("push_messages_subscription_id_kind_subject_key"),
        ),
    )
    op.create_index(op.f("push_messages_expires_at_idx"), "push_messages", ["expires_at"])


def downgrade() -> None:
    op.drop_table("push_messages")
    op.drop_table("push_subscriptions")
    op.drop_table("announced_schedules")
    op.execute("DELETE FROM email_messages WHERE event_id IS NOT NULL OR status = 'dropped'")
    op.drop_index("email_messages_event_mailbox_key", "email_messages")
    _replace_checks("num_nonnulls(order_id, checkout_id, transfer_claim_id) = 1", STATUSES)
    op.drop_column("email_messages", "event_id")


def _replace_checks(one_subject: str, statuses: tuple[str, ...]) -> None:
    for name in ("email_messages_one_subject_check", "email_messages_emailstatus_check"):
        op.drop_constraint(op.f(name), "email_messages")
    op.create_check_constraint(
        op.f("email_messages_one_subject_check"), "email_messages", one_subject
    )
    words = ", ".join(f"'{status}'" for status in statuses)
    op.create_check_constraint(
        op.f("email_messages_emailstatus_check"), "email_messages", f"status IN ({words})"
    )
