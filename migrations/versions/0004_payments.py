"""Payments, refunds and tickets.

Additive: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "created",
                "open",
                "processing",
                "succeeded",
                "failed",
                "expired",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("session_url", sa.String(), nullable=True),
        sa.Column("provider_payment_id", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("payments_amount_positive_check")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("payments_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pkey")),
        sa.UniqueConstraint("idempotency_key", name=op.f("payments_idempotency_key_key")),
        sa.UniqueConstraint("order_id", "attempt", name=op.f("payments_order_id_attempt_key")),
        sa.UniqueConstraint(
            "provider",
            "provider_payment_id",
            name=op.f("payments_provider_provider_payment_id_key"),
        ),
        sa.UniqueConstraint(
            "provider", "session_id", name=op.f("payments_provider_session_id_key")
        ),
    )
    op.create_index(
        "payments_expires_at_live_idx",
        "payments",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('created', 'open', 'processing')"),
    )
    op.create_index(
        "payments_order_id_live_key",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('created', 'open', 'processing')"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "pending",
                "succeeded",
                "failed",
                "canceled",
                name="refundstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("provider_refund_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("refunds_amount_positive_check")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("refunds_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("refunds_payment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refunds_pkey")),
        sa.UniqueConstraint("idempotency_key", name=op.f("refunds_idempotency_key_key")),
        sa.UniqueConstraint("provider_refund_id", name=op.f("refunds_provider_refund_id_key")),
    )
    op.create_index(op.f("refunds_order_id_idx"), "refunds", ["order_id"], unique=False)
    op.create_index(op.f("refunds_payment_id_idx"), "refunds", ["payment_id"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_item_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_no", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("serial_number", sa.String(), nullable=False),
        sa.Column("attendee_name", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "valid",
                "void",
                name="ticketstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("unit_no > 0", name=op.f("tickets_unit_no_positive_check")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("tickets_event_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("tickets_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["order_item_id"], ["order_items.id"], name=op.f("tickets_order_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("tickets_tier_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("tickets_pkey")),
        sa.UniqueConstraint("code", name=op.f("tickets_code_key")),
        sa.UniqueConstraint(
            "event_id", "serial_number", name=op.f("tickets_event_id_serial_number_key")
        ),
        sa.UniqueConstraint(
            "order_item_id", "unit_no", name=op.f("tickets_order_item_id_unit_no_key")
        ),
    )
    op.create_index(op.f("tickets_order_id_idx"), "tickets", ["order_id"], unique=False)
    op.create_index(op.f("tickets_tier_id_idx"), "tickets", ["tier_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tickets")
    op.drop_table("refunds")
    op.drop_table("payments")
