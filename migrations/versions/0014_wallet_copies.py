"""Copies of a wallet: what kind of phone each is on, and when another one removed it.

Additive: two columns with a default and a nullable one.
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


def downgrade() -> None:
    # A release from before knows no removal: the phones must not get their tickets back.
    op.execute("DELETE FROM wallet_copies WHERE removed_at IS NOT NULL")
    op.drop_index(op.f("wallet_copies_removed_at_idx"), "wallet_copies")
    for name in ("removed_at", "system", "browser"):
        op.drop_column("wallet_copies", name)
