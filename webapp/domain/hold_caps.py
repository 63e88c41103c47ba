"""How much one buyer and one network may hold at once: nobody parks a tier."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.database import db
from webapp.domain.name_locks import lock_name
from webapp.errors import NetworkHoldsTooMuch, TooManyOpenHolds
from webapp.models import Checkout, CheckoutStatus

# A household, an office or a club's Wi-Fi is one network to us: so many
# clients may hold as much as they may, and no more.
NETWORK_SHARE = 5


def refuse_hoarding(*, client_key: str, network_key: str, limit: int, now: datetime) -> None:
    """Raise :class:`TooManyOpenHolds` when a client holds as much as it may (0: no cap).

    A network may hold :data:`NETWORK_SHARE` times as much; then it is
    :class:`NetworkHoldsTooMuch`. An empty key tells nothing and is not counted. Who
    asks keeps the others with the same keys waiting until the transaction ends.
    """
    if limit <= 0:
        return
    if client_key and _count_open(Checkout.client_key, client_key, now=now) >= limit:
        raise TooManyOpenHolds
    most = limit * NETWORK_SHARE
    if network_key and _count_open(Checkout.network_key, network_key, now=now) >= most:
        raise NetworkHoldsTooMuch


def _count_open(column: InstrumentedAttribute[str], key: str, *, now: datetime) -> int:
    """How many checkouts with this key hold places now; nobody adds one until we are done."""
    # Two requests at once must not both be the last that is allowed.
    lock_name(f"{column.key}:{key}")
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
