"""Checkouts that came to nothing and still name a person: found without reading all others.

Additive: an index that no write of a checkout in progress touches.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index(
        "checkouts_person_ended_idx",
        "checkouts",
        ["expires_at"],
        postgresql_where=sa.text(
            "status IN ('expired', 'cancelled') AND (contact_email <> '' OR contact_name <> ''"
            " OR contact_phone <> '' OR draft_email IS NOT NULL OR draft_name IS NOT NULL"
            " OR draft_phone IS NOT NULL)"
        ),
    )


def downgrade() -> None:
    op.drop_index("checkouts_person_ended_idx", "checkouts")
