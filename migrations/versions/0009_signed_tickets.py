"""Signed tickets: keys of the installation, and what makes an old ticket worthless.

Additive: a new table, a nullable column and three with a default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("key_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_seed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "key_no BETWEEN 1 AND 255", name=op.f("signing_keys_key_no_one_byte_check")
        ),
        sa.CheckConstraint(
            "octet_length(public_key) = 32", name=op.f("signing_keys_public_key_length_check")
        ),
        sa.PrimaryKeyConstraint("key_no", name=op.f("signing_keys_pkey")),
    )
    op.add_column("tickets", sa.Column("key_no", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("tickets_key_no_fkey"), "tickets", "signing_keys", ["key_no"], ["key_no"]
    )
    for name in ("revision", "holder_no"):
        op.add_column(
            "tickets", sa.Column(name, sa.BigInteger(), nullable=False, server_default="1")
        )
    op.add_column(
        "tickets", sa.Column("holder_email", sa.String(), nullable=False, server_default="")
    )
    op.create_check_constraint(
        op.f("tickets_revision_two_bytes_check"), "tickets", "revision BETWEEN 1 AND 65535"
    )
    op.create_check_constraint(op.f("tickets_holder_no_positive_check"), "tickets", "holder_no > 0")


def downgrade() -> None:
    for name in ("holder_email", "holder_no", "revision", "key_no"):
        op.drop_column("tickets", name)
    op.drop_table("signing_keys")
