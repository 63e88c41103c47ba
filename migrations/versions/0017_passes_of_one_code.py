"""Passes are for one revision of a ticket: another one is another pass.

Additive: a nullable column; the unique constraint grows by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # NULL for those on phones, whose serial numbers stay.
    op.add_column("wallet_passes", sa.Column("revision", sa.BigInteger(), nullable=True))
    op.drop_constraint(op.f("wallet_passes_ticket_id_holder_no_key"), "wallet_passes")
    op.create_unique_constraint(
        op.f("wallet_passes_ticket_id_holder_no_revision_key"),
        "wallet_passes",
        ["ticket_id", "holder_no", "revision"],
    )


def downgrade() -> None:
    # A release from before does not know their serial numbers.
    op.execute("DELETE FROM wallet_passes WHERE revision IS NOT NULL")
    op.drop_constraint(op.f("wallet_passes_ticket_id_holder_no_revision_key"), "wallet_passes")
    op.create_unique_constraint(
        op.f("wallet_passes_ticket_id_holder_no_key"), "wallet_passes", ["ticket_id", "holder_no"]
    )
    op.drop_column("wallet_passes", "revision")
