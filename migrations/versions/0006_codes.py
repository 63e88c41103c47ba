"""Promotion and access codes, hidden tiers, and discounts line by line

Additive: new columns have defaults that mean "no code", so the previous release
keeps running during the deploy.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "codes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lookup_key", sa.String(), nullable=False),
        sa.Column("kind", _words("codekind", "percentage", "amount", "access"), nullable=False),
        sa.Column("percent_basis_points", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("max_uses", sa.BigInteger(), nullable=True),
        sa.Column("max_per_email", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", _words("codestatus", "active", "inactive"), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("overused", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "lookup_key ~ '^[A-Z0-9]{3,40}$'", name=op.f("codes_lookup_key_plain_check")
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'percentage' THEN percent_basis_points BETWEEN 1 AND 10000"
            " ELSE percent_basis_points = 0 END",
            name=op.f("codes_percentage_sane_check"),
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'amount' THEN amount_cents > 0 ELSE amount_cents = 0 END",
            name=op.f("codes_amount_sane_check"),
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_until > valid_from",
            name=op.f("codes_validity_ordered_check"),
        ),
        sa.CheckConstraint("max_uses >= 1", name=op.f("codes_max_uses_positive_check")),
        sa.CheckConstraint("max_per_email >= 1", name=op.f("codes_max_per_email_positive_check")),
        sa.CheckConstraint("held >= 0", name=op.f("codes_held_positive_check")),
        sa.CheckConstraint("used >= 0", name=op.f("codes_used_positive_check")),
        sa.CheckConstraint("overused >= 0", name=op.f("codes_overused_positive_check")),
        sa.CheckConstraint("held + used <= max_uses", name=op.f("codes_not_overused_check")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("codes_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("codes_pkey")),
        sa.UniqueConstraint("event_id", "lookup_key", name=op.f("codes_event_id_lookup_key_key")),
        postgresql_with={"fillfactor": 20},
    )
    for table in ("code_reduced_tiers", "code_opened_tiers"):
        op.create_table(
            table,
            sa.Column("code_id", sa.BigInteger(), nullable=False),
            sa.Column("tier_id", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f(f"{table}_code_id_fkey")),
            sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f(f"{table}_tier_id_fkey")),
            sa.PrimaryKeyConstraint("code_id", "tier_id", name=op.f(f"{table}_pkey")),
        )
        op.create_index(op.f(f"{table}_tier_id_idx"), table, ["tier_id"], unique=False)
    op.add_column(
        "tiers", sa.Column("is_hidden", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("checkouts", sa.Column("code_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "checkouts",
        sa.Column(
            "code_use",
            _words("codeuse", "none", "held", "used", "overused"),
            nullable=False,
            server_default="none",
        ),
    )
    op.create_foreign_key(op.f("checkouts_code_id_fkey"), "checkouts", "codes", ["code_id"], ["id"])
    op.create_check_constraint(
        op.f("checkouts_code_use_of_code_check"),
        "checkouts",
        "code_use = 'none' OR code_id IS NOT NULL",
    )
    op.create_index(
        "checkouts_code_id_counted_idx",
        "checkouts",
        ["code_id"],
        unique=False,
        postgresql_where=sa.text("code_use <> 'none'"),
    )
    for table in ("checkout_items", "order_items"):
        op.add_column(
            table,
            sa.Column("discount_cents", sa.BigInteger(), nullable=False, server_default="0"),
        )
    op.create_check_constraint(
        op.f("checkout_items_discount_sane_check"),
        "checkout_items",
        "discount_cents BETWEEN 0 AND quantity * unit_price_cents",
    )
    op.create_check_constraint(
        op.f("order_items_discount_sane_check"),
        "order_items",
        "discount_cents BETWEEN 0 AND subtotal_cents",
    )


def downgrade() -> None:
    op.drop_column("order_items", "discount_cents")
    op.drop_column("checkout_items", "discount_cents")
    op.drop_column("checkouts", "code_use")
    op.drop_column("checkouts", "code_id")
    op.drop_column("tiers", "is_hidden")
    op.drop_table("code_opened_tiers")
    op.drop_table("code_reduced_tiers")
    op.drop_table("codes")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
