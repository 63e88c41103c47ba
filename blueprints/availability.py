"""What is left of each tier, small enough to be asked for again and again."""

import json

from flask import Response, request

from blueprints.buyer import own_references, remembered_code
from blueprints.event_pages import FRESH_FOR, cached_text, own_code
from blueprints.language import current_language
from blueprints.offer_words import offer_says, offer_warns
from webapp.domain import events, offers, own_checkouts
from webapp.domain.offers import TierOffer
from webapp.domain.sale_states import get_sale_state
from webapp.errors import CodeRefused
from webapp.models import Code, Event
from webapp.ports import ports


def availability_answer(slug: str) -> Response:
    """The tiers as JSON, or 304 when nothing has changed since the caller's last answer.

    Shared by everybody who holds nothing; who does is told what is left besides
    the own hold, or the own tickets would look sold out.
    """
    if own_references() or remembered_code(slug) is not None:
        text = _write(slug, code=_live_code(slug))
    else:
        text = cached_text(
            f"availability/{current_language()}/{slug}", lambda: _write(slug, code=None)
        )
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = f"private, max-age={int(FRESH_FOR.total_seconds())}"
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response


def _live_code(slug: str) -> Code | None:
    """The code of this browser while it is good for something; a reload says what became of it."""
    try:
        return own_code(slug)
    except CodeRefused:
        return None


def _write(slug: str, *, code: Code | None) -> str:
    """The same text for the same state: its digest is the tag."""
    now = ports().utc_now()
    event = events.get_readable_event(slug=slug)
    own = own_checkouts.find_open_checkout(references=own_references(), event_id=event.id, now=now)
    listed = offers.list_offers(
        event=event, now=now, own_checkout_id=own.id if own else None, code=code
    )
    state = get_sale_state(event=event, offers=listed, now=now)
    tiers = {} if state.is_over else {str(each.tier.id): _tier(each, event) for each in listed}
    return json.dumps({"is_over": state.is_over, "tiers": tiers})


def _tier(offer: TierOffer, event: Event) -> dict[str, object]:
    return {
        "is_open": offer.is_open,
        "most": offer.max_quantity,
        "says": offer_says(offer, event),
        "warns": offer_warns(offer),
    }
