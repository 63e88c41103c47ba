"""How far buyers came, and when they were last there.

Additive: a column with a default that the previous release never writes, and a new table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

STEPS = ("opened", "contact", "payment")


def upgrade() -> None:
    op.add_column(
        "checkouts",
        sa.Column(
            "reached",
            sa.Enum(
                *STEPS,
                name="checkoutstep",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
            server_default="opened",
        ),
    )
    # Of those that were forgotten meanwhile, the address is not known any more.
    op.execute(
        "UPDATE checkouts SET reached = CASE WHEN orders.id IS NULL THEN 'contact'"
        " ELSE 'payment' END FROM checkouts mine LEFT JOIN orders ON orders.checkout_id = mine.id"
        " WHERE checkouts.id = mine.id AND (orders.id IS NOT NULL OR mine.contact_email <> '')"
    )
    op.create_table(
        "presences",
        sa.Column("checkout_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("checkout_id", name=op.f("presences_pkey")),
    )


def downgrade() -> None:
    op.drop_table("presences")
    op.drop_column("checkouts", "reached")
