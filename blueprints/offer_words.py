"""What a page says of a tier and its place, the same in the page and in what refreshes it."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext, ngettext

from blueprints.filters import clock_time, day
from webapp.domain.offers import OfferStatus, TierOffer
from webapp.models import Event

# The words of schema.org. A tier whose sale has not begun is in stock from ``validFrom`` on.
_SCHEMA_AVAILABILITY: dict[OfferStatus, str] = {
    "available": "https://schema.org/InStock",
    "few_left": "https://schema.org/LimitedAvailability",
    "sold_out": "https://schema.org/SoldOut",
    "not_yet": "https://schema.org/InStock",
    "ended": "https://schema.org/OutOfStock",
}


def offer_says(offer: TierOffer, event: Event) -> str:
    """One line beside a tier; empty while there is nothing to say. Bands, never counts."""
    tier = offer.tier
    if offer.status == "not_yet" and tier.sale_starts_at is not None:
        return str(
            gettext(
                "On sale from %(day)s, %(time)s",
                day=day(tier.sale_starts_at, event.time_zone),
                time=clock_time(tier.sale_starts_at, event.time_zone),
            )
        )
    if offer.status == "sold_out":
        return str(gettext("Sold out"))
    if offer.status == "ended":
        return str(gettext("Sale has ended"))
    if offer.is_almost_gone:
        return str(gettext("Almost gone"))
    return str(gettext("Few left")) if offer.status == "few_left" else ""


def offer_warns(offer: TierOffer) -> str:
    """What to say to somebody who chose more than can be had; empty where stock is no limit."""
    most = offer.max_quantity
    if most in {0, offer.tier.max_per_order}:
        return ""
    return str(ngettext("Only %(num)s left", "Only %(num)s left", most))


def schema_availability(offer: TierOffer) -> str:
    """The status of a tier as search engines read it."""
    return _SCHEMA_AVAILABILITY[offer.status]


def local_iso(moment: datetime, time_zone: str) -> str:
    """A moment for machines, with the offset of the place."""
    return moment.astimezone(ZoneInfo(time_zone)).isoformat()


def map_link(event: Event) -> str:
    """Where a map shows the address. The reader may follow it; the page itself asks nobody."""
    query = urlencode({"query": event.venue_address})
    return f"https://www.openstreetmap.org/search?{query}"


def init_app(app: Flask) -> None:
    """Give the templates of the picker their words."""
    app.jinja_env.filters.update(
        offer_says=offer_says,
        schema_availability=schema_availability,
        local_iso=local_iso,
        map_link=map_link,
    )
