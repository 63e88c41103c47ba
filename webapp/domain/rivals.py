"""Payment pages of one address that stand in the way of another of its checkouts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rival:
    """Another checkout of the same address whose payment page has what this one wants.

    Nobody can pay there any more from ``ends_at`` on, whatever becomes of it. ``quantity``
    is how much of it the page has.
    """

    reference: str
    order_id: int
    ends_at: datetime
    quantity: int

    def is_removable(self, *, own_references: Collection[str], now: datetime) -> bool:
        """Whether its page may be closed: its time is over, or the same browser may cancel it.

        An address alone proves nothing, so a stranger who types it closes no page.
        """
        return self.ends_at <= now or self.reference in own_references


def whole_minute_after(moment: datetime) -> datetime:
    """Nobody is sent back a second too early."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE
