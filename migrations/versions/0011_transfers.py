"""Transfers: a ticket goes to a friend, who accepts it by mail.

Additive: two new tables, and a third thing that a mail may be about.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SUBJECTS = "email_messages_one_subject_check"


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("from_holder_no", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "accepted",
                "withdrawn",
                "lapsed",
                name="transferstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("transfers_number_positive_check")),
        sa.CheckConstraint(
            "from_holder_no > 0", name=op.f("transfers_from_holder_no_positive_check")
        ),
        sa.CheckConstraint(
            "(status = 'offered') = (closed_at IS NULL)",
            name=op.f("transfers_closed_when_over_check"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("transfers_ticket_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("transfers_pkey")),
        sa.UniqueConstraint("reference", name=op.f("transfers_reference_key")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("transfers_ticket_id_number_key")),
    )
    op.create_index(
        "transfers_ticket_id_open_key",
        "transfers",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(
        "transfers_ticket_id_from_holder_no_accepted_key",
        "transfers",
        ["ticket_id", "from_holder_no"],
        unique=True,
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_table(
        "transfer_claims",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_invited", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email <> ''", name=op.f("transfer_claims_email_given_check")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("transfer_claims_transfer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("transfer_claims_pkey")),
        sa.UniqueConstraint("reference", name=op.f("transfer_claims_reference_key")),
    )
    op.create_index(
        "transfer_claims_transfer_id_lower_email_key",
        "transfer_claims",
        ["transfer_id", sa.text("lower(email)")],
        unique=True,
    )
    op.create_index(
        "transfer_claims_transfer_id_accepted_key",
        "transfer_claims",
        ["transfer_id"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NOT NULL"),
    )
    op.add_column("email_messages", sa.Column("transfer_claim_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("email_messages_transfer_claim_id_fkey"),
        "email_messages",
        "transfer_claims",
        ["transfer_claim_id"],
        ["id"],
    )
    op.create_unique_constraint(
        op.f("email_messages_transfer_claim_id_kind_sequence_key"),
        "email_messages",
        ["transfer_claim_id", "kind", "sequence"],
    )
    op.create_index(
        "email_messages_recipient_transfer_claim_idx",
        "email_messages",
        [sa.text("lower(recipient)")],
        postgresql_where=sa.text("transfer_claim_id IS NOT NULL"),
    )
    op.drop_constraint(op.f(SUBJECTS), "email_messages", type_="check")
    op.create_check_constraint(
        op.f(SUBJECTS),
        "email_messages",
        "num_nonnulls(order_id, checkout_id, transfer_claim_id) = 1",
    )


def downgrade() -> None:
    op.execute("DELETE FROM email_messages WHERE transfer_claim_id IS NOT NULL")
    op.drop_constraint(op.f(SUBJECTS), "email_messages", type_="check")
    op.drop_column("email_messages", "transfer_claim_id")
    op.create_check_constraint(
        op.f(SUBJECTS), "email_messages", "num_nonnulls(order_id, checkout_id) = 1"
    )
    op.drop_table("transfer_claims")
    op.drop_table("transfers")
