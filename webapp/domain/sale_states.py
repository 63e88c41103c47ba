"""How the sale of a whole event stands, and what a buyer may take instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from webapp.domain.offers import TierOffer
from webapp.models import Event, EventStatus, TierKind

SaleStateName = Literal["open", "not_yet", "sold_out", "ended", "nothing", "over", "cancelled"]

# More names than this are a list to read, not a hint.
MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class SaleState:
    """What the event's page says of its tickets; ``opens_at`` belongs to ``not_yet``."""

    name: SaleStateName
    opens_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of the event will ever be sold again."""
        return self.name in {"over", "cancelled"}


def get_sale_state(*, event: Event, offers: Sequence[TierOffer], now: datetime) -> SaleState:
    """Where the sale stands. Tickets decide; add-ons and donations count where there are none."""
    if event.status is EventStatus.CANCELLED:
        return SaleState("cancelled")
    if event.ends_at <= now:
        return SaleState("over")
    tickets = [offer for offer in offers if offer.tier.kind is TierKind.TICKET] or offers
    if not tickets:
        return SaleState("nothing")
    if any(offer.is_open for offer in tickets):
        return SaleState("open")
    opening = [
        offer.tier.sale_starts_at
        for offer in tickets
        if offer.status == "not_yet" and offer.tier.sale_starts_at is not None
    ]
    if opening:
        return SaleState("not_yet", min(opening))
    is_sold_out = any(offer.status == "sold_out" for offer in tickets)
    return SaleState("sold_out" if is_sold_out else "ended")


def list_alternatives(offer: TierOffer, *, offers: Sequence[TierOffer]) -> list[TierOffer]:
    """Tickets to take instead of one that cannot be had any more, those for the same dates first.

    Nothing for a tier that can still be bought, or that is no ticket.
    """
    if offer.status not in {"sold_out", "ended"} or offer.tier.kind is not TierKind.TICKET:
        return []
    dates = {occurrence.id for occurrence in offer.tier.occurrences}

    def misses_the_dates(other: TierOffer) -> bool:
        return dates.isdisjoint(occurrence.id for occurrence in other.tier.occurrences)

    still_there = [
        other for other in offers if other.is_open and other.tier.kind is TierKind.TICKET
    ]
    return sorted(still_there, key=misses_the_dates)[:MOST_ALTERNATIVES]
