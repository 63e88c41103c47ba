"""The rows of a new checkout, written in one statement.

Every hold begins here, so it is one trip to the database instead of three,
and nothing in it waits for another buyer.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import make_transient_to_detached

from webapp.database import db
from webapp.models import Checkout, CheckoutItem, HoldStatus

# What the caller has filled in; only the id comes from the database.
_COLUMNS = tuple(column.key for column in Checkout.__mapper__.columns if column.key != "id")

_INSERT = text(
    f"""
    WITH new_checkout AS (
        INSERT INTO checkouts ({", ".join(_COLUMNS)})
        VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
        RETURNING id, expires_at
    ), new_items AS (
        INSERT INTO checkout_items
            (checkout_id, tier_id, quantity, unit_price_cents, discount_cents)
        SELECT new_checkout.id, line.tier_id, line.quantity, line.unit_price_cents,
            line.discount_cents
        FROM new_checkout, unnest(
            CAST(:tier_ids AS bigint[]), CAST(:quantities AS bigint[]),
            CAST(:prices AS bigint[]), CAST(:discounts AS bigint[])
        ) AS line (tier_id, quantity, unit_price_cents, discount_cents)
    ), new_holds AS (
        INSERT INTO holds (checkout_id, pool_id, quantity, status, expires_at)
        SELECT new_checkout.id, place.pool_id, place.quantity, :hold_status, new_checkout.expires_at
        FROM new_checkout, unnest(
            CAST(:pool_ids AS bigint[]), CAST(:pool_quantities AS bigint[])
        ) AS place (pool_id, quantity)
    )
    SELECT id FROM new_checkout
    """  # noqa: S608 - the only names in it are those of our own columns
)


def insert_checkout(
    checkout: Checkout, *, items: Sequence[CheckoutItem], places: Mapping[int, int]
) -> None:
    """Write a new checkout with its lines and holds, and hand it to the session.

    ``places`` are the wanted places by pool id; the pools' counters are not
    touched, the caller takes them last. Every column of ``checkout`` must be
    set; its lines are read back when somebody asks for them.
    """
    values = {name: getattr(checkout, name) for name in _COLUMNS}
    checkout.id = db.session.execute(
        _INSERT,
        values
        | {
            "status": checkout.status.value,
            "code_use": checkout.code_use.value,
            "reached": checkout.reached.value,
            "tier_ids": [item.tier_id for item in items],
            "quantities": [item.quantity for item in items],
            "prices": [item.unit_price_cents for item in items],
            "discounts": [item.discount_cents for item in items],
            "pool_ids": list(places),
            "pool_quantities": list(places.values()),
            "hold_status": HoldStatus.HELD.value,
        },
    ).scalar_one()
    make_transient_to_detached(checkout)
    db.session.add(checkout)
