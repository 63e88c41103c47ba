"""How many of a tier one address may have in all its orders.

Additive: a nullable column. A release from before sells without the limit.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("tiers", sa.Column("max_per_email", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("tiers_max_per_email_sane_check"), "tiers", "max_per_email >= max_per_order"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("tiers_max_per_email_sane_check"), "tiers", type_="check")
    op.drop_column("tiers", "max_per_email")
