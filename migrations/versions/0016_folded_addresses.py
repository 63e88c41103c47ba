"""Addresses in one spelling, folded as new ones are; tickets go with no other order.

Additive: values only. What was typed stays as it was.
"""

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_ADDRESSES = (
    ("checkouts", "contact_email"),
    ("orders", "contact_email"),
    ("tickets", "holder_email"),
    ("transfer_claims", "email"),
    ("email_messages", "recipient"),
    ("order_lookups", "email"),
)


def upgrade() -> None:
    for table, column in _ADDRESSES:
        _fold(sa.table(table, sa.column("id"), sa.column(column)), column)
    op.execute(
        "DELETE FROM add_on_checkouts USING checkout_items"
        " JOIN tiers ON tiers.id = checkout_items.tier_id AND tiers.kind = 'ticket'"
        " WHERE checkout_items.checkout_id = add_on_checkouts.checkout_id"
    )


def downgrade() -> None:
    # Nobody knows any more how they were spelt, and a release from before takes them as they are.
    pass


def _fold(table: sa.TableClause, column: str) -> None:
    connection = op.get_bind()
    kept = table.c[column]
    is_ascii = sa.func.octet_length(kept) == sa.func.char_length(kept)
    # Not by the rules of the database's language: a Turkish one makes another letter of I.
    lower = sa.func.lower(sa.collate(kept, "C"))
    connection.execute(sa.update(table).where(is_ascii, kept != lower).values({column: lower}))
    # The database folds these otherwise than we do, and they are few.
    others = connection.execute(sa.select(table.c.id, kept).where(~is_ascii)).all()
    for row_id, address in others:
        folded = normalize("NFC", address.lower())
        if folded == address:
            continue
        update = sa.update(table).where(table.c.id == row_id).values({column: folded})
        try:
            with connection.begin_nested():
                connection.execute(update)
        except sa.exc.IntegrityError:
            # There is a row of the folded address already: it is the one that is found.
            continue
