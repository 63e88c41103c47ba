"""What became of a mail at its address, as the mail service tells it.

Additive: a column with a default that the previous release never writes, and an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

DELIVERIES = ("unknown", "delivered", "complained", "suppressed", "bounced", "failed")


def upgrade() -> None:
    op.add_column(
        "email_messages",
        sa.Column(
            "delivery",
            sa.Enum(
                *DELIVERIES,
                name="delivery",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
            server_default="unknown",
        ),
    )
    op.create_index(
        op.f("email_messages_provider_message_id_idx"),
        "email_messages",
        ["provider_message_id"],
        postgresql_where=sa.text("provider_message_id <> ''"),
    )


def downgrade() -> None:
    op.drop_index(
        op.f("email_messages_provider_message_id_idx"),
        "email_messages",
        postgresql_where=sa.text("provider_message_id <> ''"),
    )
    op.drop_column("email_messages", "delivery")
