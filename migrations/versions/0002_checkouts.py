"""Checkouts, their lines and holds, and the answers kept for keyed requests.

Additive: new tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "checkouts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.String(), nullable=False),
        sa.Column("network_key", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "converted",
                "expired",
                "cancelled",
                name="checkoutstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("subtotal_cents", sa.BigInteger(), nullable=False),
        sa.Column("discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fees_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("extensions_used", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_limit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paying_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "extensions_used >= 0", name=op.f("checkouts_extensions_positive_check")
        ),
        sa.CheckConstraint(
            "total_cents = subtotal_cents - discount_cents + fees_cents + tax_cents",
            name=op.f("checkouts_total_adds_up_check"),
        ),
        sa.CheckConstraint("total_cents >= 0", name=op.f("checkouts_total_positive_check")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("checkouts_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("checkouts_pkey")),
        sa.UniqueConstraint("reference", name=op.f("checkouts_reference_key")),
    )
    op.create_index(
        "checkouts_client_key_open_idx",
        "checkouts",
        ["client_key"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "checkouts_expires_at_open_idx",
        "checkouts",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "checkouts_network_key_open_idx",
        "checkouts",
        ["network_key"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "checkout_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("checkout_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("checkout_items_quantity_positive_check")),
        sa.CheckConstraint(
            "unit_price_cents >= 0", name=op.f("checkout_items_unit_price_positive_check")
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("checkout_items_checkout_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"], ["tiers.id"], name=op.f("checkout_items_tier_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("checkout_items_pkey")),
        sa.UniqueConstraint(
            "checkout_id", "tier_id", name=op.f("checkout_items_checkout_id_tier_id_key")
        ),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("checkout_id", sa.BigInteger(), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "paying",
                "sold",
                "released",
                name="holdstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("holds_quantity_positive_check")),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("holds_checkout_id_fkey")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("holds_pool_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("holds_pkey")),
        sa.UniqueConstraint("checkout_id", "pool_id", name=op.f("holds_checkout_id_pool_id_key")),
    )
    op.create_index(
        "holds_pool_id_expires_at_live_idx",
        "holds",
        ["pool_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('held', 'paying')"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("status_code", sa.BigInteger(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("idempotency_keys_pkey")),
        sa.UniqueConstraint("scope", "key", name=op.f("idempotency_keys_scope_key_key")),
    )
    op.create_index(
        op.f("idempotency_keys_created_at_idx"), "idempotency_keys", ["created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("holds")
    op.drop_table("checkout_items")
    op.drop_table("checkouts")
