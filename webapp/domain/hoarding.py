"""How many open checkouts one browser or one network may have at once."""

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
    """Refuse one more open checkout to a client or a network that has as many as it may.

    ``limit`` is a client's; 0 is no cap. Raises :class:`TooManyOpenHolds` and
    :class:`NetworkHoldsTooMuch`.
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
