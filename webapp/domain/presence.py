"""Somebody has a checkout in view: noted for statistics, and nothing follows from it."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db, table_of
from webapp.models import Checkout, CheckoutStatus, Presence

# Beats that come closer together say nothing new, and write nothing.
CLOSEST = timedelta(seconds=10)

_seen = table_of(Presence)
_NOW = bindparam("now", type_=_seen.c.seen_at.type)
_NOTE = insert(_seen).from_select(
    ["checkout_id", "seen_at"],
    select(Checkout.id, _NOW).where(
        Checkout.reference == bindparam("reference"),
        Checkout.status == CheckoutStatus.PENDING,
    ),
)
_NOTE = _NOTE.on_conflict_do_update(
    index_elements=[_seen.c.checkout_id],
    set_={"seen_at": _NOTE.excluded.seen_at},
    where=_seen.c.seen_at <= _NOTE.excluded.seen_at - literal(CLOSEST),
)


def note_presence(*, reference: str, now: datetime) -> None:
    """Note that the checkout is in view, unless it is over. Safe to repeat, at once too.

    Never earlier than was noted before. It reads the checkout and locks nothing of
    it: the hold is neither renewed nor looked at, a beat waits for no purchase and
    no purchase for a beat.
    """
    db.session.execute(_NOTE, {"reference": reference, "now": now})
