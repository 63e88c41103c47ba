"""What a buyer types: drafts, names on tickets, and mails about a checkout.

Additive for the previous release: new columns are nullable or have defaults,
and every mail it writes names an order.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

DRAFTS = ("draft_email", "draft_name", "draft_phone")
FLAGS = ("attendees_share_name", "buyer_attends")


def upgrade() -> None:
    for name in DRAFTS:
        op.add_column("checkouts", sa.Column(name, sa.String(), nullable=True))
    for name in FLAGS:
        op.add_column(
            "checkouts",
            sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False),
        )
    op.create_table(
        "checkout_attendees",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("checkout_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_no", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("unit_no > 0", name=op.f("checkout_attendees_unit_no_positive_check")),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("checkout_attendees_checkout_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"], ["tiers.id"], name=op.f("checkout_attendees_tier_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("checkout_attendees_pkey")),
        sa.UniqueConstraint(
            "checkout_id",
            "tier_id",
            "unit_no",
            name=op.f("checkout_attendees_checkout_id_tier_id_unit_no_key"),
        ),
    )
    op.alter_column("email_messages", "order_id", nullable=True)
    op.add_column("email_messages", sa.Column("checkout_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("email_messages_checkout_id_fkey"),
        "email_messages",
        "checkouts",
        ["checkout_id"],
        ["id"],
    )
    op.create_unique_constraint(
        op.f("email_messages_checkout_id_kind_sequence_key"),
        "email_messages",
        ["checkout_id", "kind", "sequence"],
    )
    op.create_check_constraint(
        op.f("email_messages_one_subject_check"),
        "email_messages",
        "num_nonnulls(order_id, checkout_id) = 1",
    )
    op.create_index(
        "email_messages_recipient_checkout_idx",
        "email_messages",
        [sa.text("lower(recipient)")],
        unique=False,
        postgresql_where=sa.text("checkout_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_constraint(op.f("email_messages_one_subject_check"), "email_messages")
    op.execute("DELETE FROM email_messages WHERE order_id IS NULL")
    op.drop_index("email_messages_recipient_checkout_idx", "email_messages")
    op.drop_column("email_messages", "checkout_id")
    op.alter_column("email_messages", "order_id", nullable=False)
    op.drop_table("checkout_attendees")
    for name in (*FLAGS, *DRAFTS):
        op.drop_column("checkouts", name)
