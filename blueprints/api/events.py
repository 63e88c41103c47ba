"""What is on and what it costs."""

from flask import Response, request

from blueprints.api import bp
from blueprints.api.bodies import answer
from blueprints.api.description import describe
from blueprints.api.documents import (
    EventDocument,
    EventsDocument,
    EventWithTiersDocument,
    TierDocument,
    VenueDocument,
)
from webapp.domain import events, offers
from webapp.domain.offers import TierOffer
from webapp.links import absolute_url
from webapp.models import Event
from webapp.ports import ports

# What is left changes by the second in a rush; a basket is checked anyway.
FRESH_SECONDS = 5


@bp.get("/events")
@describe(answers={200: EventsDocument})
def list_events() -> Response:
    """Published events that have not ended, the next one first."""
    upcoming = events.list_upcoming_events(now=ports().utc_now())
    document = EventsDocument(events=[event_document(event) for event in upcoming])
    return _cacheable(answer(document))


@bp.get("/events/<slug>")
@describe(answers={200: EventWithTiersDocument})
def show_event(slug: str) -> Response:
    """One event with its tiers and what is left of each."""
    event = events.get_published_event(slug=slug)
    tiers = offers.list_offers(event=event, now=ports().utc_now())
    document = EventWithTiersDocument(
        **dict(event_document(event)),
        description=event.description,
        tiers=[tier_document(offer) for offer in tiers],
    )
    return _cacheable(answer(document))


def event_document(event: Event) -> EventDocument:
    return EventDocument(
        slug=event.slug,
        title=event.title,
        tagline=event.tagline,
        venue=VenueDocument(name=event.venue_name, address=event.venue_address),
        time_zone=event.time_zone,
        currency=event.currency,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        page_url=absolute_url("events.show_event", slug=event.slug),
    )


def tier_document(offer: TierOffer) -> TierDocument:
    tier = offer.tier
    return TierDocument(
        id=tier.id,
        name=tier.name,
        badge_label=tier.badge_label,
        kind=tier.kind.value,
        price_cents=tier.price_cents,
        all_in_price_cents=offer.all_in_price_cents,
        max_per_order=tier.max_per_order,
        max_per_email=tier.max_per_email,
        status=offer.status,
        remaining=offer.remaining,
    )


def _cacheable(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response
