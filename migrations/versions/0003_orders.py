"""Orders, their lines and their history.

Additive: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

REFUSE_EDITS = """
CREATE FUNCTION refuse_edits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("checkout_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "processing",
                "paid",
                "failed",
                "expired",
                "cancelled",
                "partially_refunded",
                "refunded",
                "needs_review",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("subtotal_cents", sa.BigInteger(), nullable=False),
        sa.Column("discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fees_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("link_version", sa.BigInteger(), nullable=False),
        sa.Column("review_reason", sa.String(), nullable=False),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "total_cents = subtotal_cents - discount_cents + fees_cents + tax_cents",
            name=op.f("orders_total_adds_up_check"),
        ),
        sa.CheckConstraint("total_cents >= 0", name=op.f("orders_total_positive_check")),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("orders_checkout_id_fkey")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("orders_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
        sa.UniqueConstraint("checkout_id", name=op.f("orders_checkout_id_key")),
        sa.UniqueConstraint("number", name=op.f("orders_number_key")),
    )
    op.create_index(op.f("orders_contact_email_idx"), "orders", ["contact_email"], unique=False)
    op.create_index(op.f("orders_event_id_idx"), "orders", ["event_id"], unique=False)
    op.create_index(
        op.f("orders_status_created_at_idx"), "orders", ["status", "created_at"], unique=False
    )
    op.create_table(
        "order_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ticket",
                "add_on",
                "donation",
                name="tierkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("order_items_quantity_positive_check")),
        sa.CheckConstraint(
            "subtotal_cents = quantity * unit_price_cents",
            name=op.f("order_items_subtotal_adds_up_check"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_items_order_id_fkey")
        ),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("order_items_tier_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("order_items_pkey")),
    )
    op.create_index(op.f("order_items_order_id_idx"), "order_items", ["order_id"], unique=False)
    op.create_index(op.f("order_items_tier_id_idx"), "order_items", ["tier_id"], unique=False)
    op.create_table(
        "order_transitions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("from_status", sa.String(), nullable=True),
        sa.Column("to_status", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_transitions_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_transitions_pkey")),
    )
    op.create_index(
        op.f("order_transitions_order_id_idx"), "order_transitions", ["order_id"], unique=False
    )
    op.execute(REFUSE_EDITS)
    op.execute(
        "CREATE TRIGGER order_transitions_append_only BEFORE UPDATE OR DELETE ON order_transitions "
        "FOR EACH ROW EXECUTE FUNCTION refuse_edits()"
    )


def downgrade() -> None:
    op.drop_table("order_transitions")
    op.drop_table("order_items")
    op.drop_table("orders")
    op.execute("DROP FUNCTION refuse_edits()")
