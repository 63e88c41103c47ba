"""Copies of a wallet: what kind of phone each is on, and when another one removed it.

Tickets in wallets: the order's link version under which they came.
Additive: columns with a default and a nullable one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for name in ("browser", "system"):
        op.add_column(
            "wallet_copies", sa.Column(name, sa.String(), server_default="", nullable=False)
        )
    op.add_column(
        "wallet_copies", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(op.f("wallet_copies_removed_at_idx"), "wallet_copies", ["removed_at"])
    op.add_column(
        "wallet_tickets",
        sa.Column("link_version", sa.BigInteger(), server_default="1", nullable=False),
    )
    # What is shown today goes on being shown.
    op.execute(
        "UPDATE wallet_tickets SET link_version = orders.link_version FROM tickets"
        " JOIN orders ON orders.id = tickets.order_id"
        " WHERE tickets.id = wallet_tickets.ticket_id AND orders.link_version <> 1"
    )


def downgrade() -> None:
    op.drop_column("wallet_tickets", "link_version")
    # A release from before knows no removal: the phones must not get their tickets back.
    op.execute("DELETE FROM wallet_copies WHERE removed_at IS NOT NULL")
    op.drop_index(op.f("wallet_copies_removed_at_idx"), "wallet_copies")
    for name in ("removed_at", "system", "browser"):
        op.drop_column("wallet_copies", name)
