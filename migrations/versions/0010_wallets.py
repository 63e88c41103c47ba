"""Wallets: one person's tickets on phones, their copies, and codes that pair them.

Additive: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "wallets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("wallets_pkey")),
        sa.UniqueConstraint("name", name=op.f("wallets_name_key")),
    )
    op.create_table(
        "wallet_copies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("here_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _of_wallet("wallet_copies"),
        sa.PrimaryKeyConstraint("id", name=op.f("wallet_copies_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("wallet_copies_token_hash_key")),
        sa.UniqueConstraint("here_hash", name=op.f("wallet_copies_here_hash_key")),
    )
    op.create_index(op.f("wallet_copies_wallet_id_idx"), "wallet_copies", ["wallet_id"])
    op.create_index(op.f("wallet_copies_seen_at_idx"), "wallet_copies", ["seen_at"])
    op.create_table(
        "wallet_orders",
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("link_version", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _of_wallet("wallet_orders"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("wallet_orders_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("wallet_id", "order_id", name=op.f("wallet_orders_pkey")),
    )
    op.create_index(op.f("wallet_orders_order_id_idx"), "wallet_orders", ["order_id"])
    op.create_table(
        "wallet_tickets",
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_no", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("holder_no > 0", name=op.f("wallet_tickets_holder_no_positive_check")),
        _of_wallet("wallet_tickets"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("wallet_tickets_ticket_id_fkey")
        ),
        sa.PrimaryKeyConstraint("wallet_id", "ticket_id", name=op.f("wallet_tickets_pkey")),
    )
    op.create_index(op.f("wallet_tickets_ticket_id_idx"), "wallet_tickets", ["ticket_id"])
    op.create_table(
        "pairing_codes",
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_wallet("pairing_codes"),
        sa.PrimaryKeyConstraint("wallet_id", name=op.f("pairing_codes_pkey")),
        sa.UniqueConstraint("code_hash", name=op.f("pairing_codes_code_hash_key")),
    )
    op.create_index(op.f("pairing_codes_expires_at_idx"), "pairing_codes", ["expires_at"])


def downgrade() -> None:
    for table in (
        "pairing_codes",
        "wallet_tickets",
        "wallet_orders",
        "wallet_copies",
        "wallets",
    ):
        op.drop_table(table)


def _of_wallet(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wallet_id"],
        ["wallets.id"],
        name=op.f(f"{table}_wallet_id_fkey"),
        ondelete="CASCADE",
    )
