"""Events, their dated parts, tiers, pools.

The first schema: nothing runs before it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("tagline", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("venue_name", sa.String(), nullable=False),
        sa.Column("venue_address", sa.String(), nullable=False),
        sa.Column("venue_note", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "cancelled",
                name="eventstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("order_prefix", sa.String(), nullable=False),
        sa.Column("hold_seconds", sa.BigInteger(), nullable=False),
        sa.Column("fee_basis_points", sa.BigInteger(), nullable=False),
        sa.Column("fee_fixed_cents", sa.BigInteger(), nullable=False),
        sa.Column("next_serial", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "currency NOT IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'MGA', "
            "'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'BHD', "
            "'JOD', 'KWD', 'OMR', 'TND')",
            name=op.f("events_currency_has_cents_check"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("events_currency_iso_check")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("events_ends_after_start_check")),
        sa.CheckConstraint(
            "fee_basis_points >= 0 AND fee_fixed_cents >= 0",
            name=op.f("events_fees_positive_check"),
        ),
        sa.CheckConstraint(
            "hold_seconds BETWEEN 60 AND 7200", name=op.f("events_hold_seconds_sane_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("events_pkey")),
        sa.UniqueConstraint("order_prefix", name=op.f("events_order_prefix_key")),
        sa.UniqueConstraint("slug", name=op.f("events_slug_key")),
    )
    op.create_index(
        op.f("events_status_starts_at_idx"), "events", ["status", "starts_at"], unique=False
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("occurrences_ends_after_start_check")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("occurrences_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("occurrences_pkey")),
        sa.UniqueConstraint("event_id", "name", name=op.f("occurrences_event_id_name_key")),
    )
    op.create_index(op.f("occurrences_event_id_idx"), "occurrences", ["event_id"], unique=False)
    op.create_table(
        "tiers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("badge_label", sa.String(), nullable=False),
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
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("min_cents", sa.BigInteger(), nullable=False),
        sa.Column("max_cents", sa.BigInteger(), nullable=False),
        sa.Column("max_per_order", sa.BigInteger(), nullable=False),
        sa.Column("sort_index", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "inactive",
                name="tierstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sale_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sale_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "max_per_order BETWEEN 1 AND 100", name=op.f("tiers_max_per_order_sane_check")
        ),
        sa.CheckConstraint(
            "min_cents >= 0 AND max_cents >= min_cents", name=op.f("tiers_amounts_ordered_check")
        ),
        sa.CheckConstraint("price_cents >= 0", name=op.f("tiers_price_positive_check")),
        sa.CheckConstraint(
            "sale_ends_at IS NULL OR sale_starts_at IS NULL OR sale_ends_at > sale_starts_at",
            name=op.f("tiers_sale_window_ordered_check"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("tiers_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("tiers_pkey")),
        sa.UniqueConstraint("event_id", "name", name=op.f("tiers_event_id_name_key")),
    )
    op.create_index(op.f("tiers_event_id_idx"), "tiers", ["event_id"], unique=False)
    op.create_table(
        "pools",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("pools_capacity_positive_check")),
        sa.CheckConstraint("held + sold <= capacity", name=op.f("pools_not_oversold_check")),
        sa.CheckConstraint("held >= 0", name=op.f("pools_held_positive_check")),
        sa.CheckConstraint("sold >= 0", name=op.f("pools_sold_positive_check")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("pools_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pools_pkey")),
        sa.UniqueConstraint("event_id", "name", name=op.f("pools_event_id_name_key")),
        postgresql_with={"fillfactor": 20},
    )
    op.create_index(op.f("pools_event_id_idx"), "pools", ["event_id"], unique=False)
    op.create_table(
        "order_number_counters",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("order_number_counters_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("event_id", "day", name=op.f("order_number_counters_pkey")),
    )
    op.create_table(
        "tier_occurrences",
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("tier_occurrences_occurrence_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"], ["tiers.id"], name=op.f("tier_occurrences_tier_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tier_id", "occurrence_id", name=op.f("tier_occurrences_pkey")),
    )
    op.create_table(
        "tier_pools",
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("tier_pools_pool_id_fkey")),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("tier_pools_tier_id_fkey")),
        sa.PrimaryKeyConstraint("tier_id", "pool_id", name=op.f("tier_pools_pkey")),
    )
    op.create_index(op.f("tier_pools_pool_id_idx"), "tier_pools", ["pool_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tier_pools")
    op.drop_table("tier_occurrences")
    op.drop_table("order_number_counters")
    op.drop_table("pools")
    op.drop_table("tiers")
    op.drop_table("occurrences")
    op.drop_table("events")
