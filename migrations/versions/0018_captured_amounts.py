"""What the gateway took, beside what was asked for; when counters were compared with rows.

Additive: nullable columns and a new table. An attempt without a captured amount was taken as it
was asked for, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("payments", sa.Column("captured_cents", sa.BigInteger(), nullable=True))
    op.add_column("payments", sa.Column("captured_currency", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("payments_captured_not_negative_check"), "payments", "captured_cents >= 0"
    )
    # The trail has what was seen of those that a person had to look at.
    op.execute(
        "UPDATE payments SET captured_cents = (seen.details->>'seen_cents')::bigint,"
        " captured_currency = seen.details->>'seen_currency' FROM audit_entries seen"
        " WHERE seen.subject = 'payment' AND seen.subject_id = payments.id"
        " AND seen.action = 'needs_review' AND payments.status = 'succeeded'"
    )
    op.create_table(
        "counter_checks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("miscounted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("counter_checks_pkey")),
    )


def downgrade() -> None:
    op.drop_table("counter_checks")
    op.drop_constraint(op.f("payments_captured_not_negative_check"), "payments")
    op.drop_column("payments", "captured_currency")
    op.drop_column("payments", "captured_cents")
