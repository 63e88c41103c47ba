"""Passes: exports of tickets to Apple Wallet, and the phones that have them.

Additive: two new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "wallet_passes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_no", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("holder_no > 0", name=op.f("wallet_passes_holder_no_positive_check")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("wallet_passes_ticket_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("wallet_passes_pkey")),
        sa.UniqueConstraint(
            "ticket_id", "holder_no", name=op.f("wallet_passes_ticket_id_holder_no_key")
        ),
    )
    op.create_table(
        "pass_registrations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("pass_id", sa.BigInteger(), nullable=False),
        sa.Column("device_hash", sa.String(), nullable=False),
        sa.Column("push_token", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pass_id"],
            ["wallet_passes.id"],
            name=op.f("pass_registrations_pass_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pass_registrations_pkey")),
        sa.UniqueConstraint(
            "device_hash", "pass_id", name=op.f("pass_registrations_device_hash_pass_id_key")
        ),
    )
    op.create_index(op.f("pass_registrations_pass_id_idx"), "pass_registrations", ["pass_id"])


def downgrade() -> None:
    op.drop_table("pass_registrations")
    op.drop_table("wallet_passes")
