"""The caps on open checkouts: how much one client or one network may hold at a time."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.database import db
from webapp.errors import NetworkHoldsTooMuch, TooManyOpenHolds
from webapp.models import Checkout, CheckoutStatus

# A household, an office or a club's Wi-Fi is one network to us: so many
# clients may hold as much as they may, and no more.
NETWORK_SHARE = 5


def refuse_hoarding(client: str, network: str, *, limit: int, now: datetime) -> None:
    """Raise :class:`TooManyOpenHolds` when a client or a network holds as much as it may.

    An empty key and a ``limit`` of 0 cap nothing. Raises :class:`NetworkHoldsTooMuch` likewise.
    """
    if limit <= 0:
        return
    if client and _count_open(Checkout.client_key, client, now=now) >= limit:
        raise TooManyOpenHolds
    most = limit * NETWORK_SHARE
    if network and _count_open(Checkout.network_key, network, now=now) >= most:
        raise NetworkHoldsTooMuch


def _count_open(column: InstrumentedAttribute[str], key: str, *, now: datetime) -> int:
    """How many checkouts with this key hold places now; nobody adds one until we are done."""
    # Two requests at once must not both be the last that is allowed.
    db.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{column.key}:{key}", 0)))
    )
    query = (
        select(func.count())
        .select_from(Checkout)
        .where(
            column == key,
            Checkout.status == CheckoutStatus.PENDING,
            Checkout.expires_at > now,
        )
    )
    return int(db.session.scalar(query) or 0)
