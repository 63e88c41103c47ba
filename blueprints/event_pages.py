"""The event page, rendered once a second at most for everybody who has no basket yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask, current_app, render_template
from markupsafe import Markup

from blueprints import offer_words
from blueprints.attribution import visitor_tag
from blueprints.buyer import (
    buyer_key,
    own_references,
    remember_code,
    remembered_code,
    typed_code,
)
from blueprints.code_attempts import take_code
from blueprints.form_keys import new_form_key
from blueprints.forms.basket import TypedBasket, basket_of, by_tier
from blueprints.language import current_language, sentence_at, sentence_of
from webapp.domain import codes, events, offers, own_checkouts
from webapp.domain.offers import TierOffer
from webapp.domain.sale_states import get_sale_state, list_alternatives
from webapp.errors import CodeRefused, FieldFault, Shortage
from webapp.models import Checkout, Code, Event
from webapp.ports import ports

# Availability may be this old on a page; the hold itself always asks the counters.
FRESH_FOR = timedelta(seconds=1)
MAX_PAGES = 500
# Stands where the visitor's own fields go. Text of organizers is escaped, so
# that no description can contain it.
VISITOR_MARK = Markup("<!--visitor-->")


@dataclass(slots=True)
class PageCache:
    """Rendered pages by name. Two threads may render the same one: harmless."""

    pages: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def get_or_make(self, name: str, make: Callable[[], str], *, now: datetime) -> str:
        """The page if it is fresh, else a new one."""
        made_at, page = self.pages.get(name, (None, ""))
        if made_at is not None and made_at <= now < made_at + FRESH_FOR:
            return page
        page = make()
        if len(self.pages) >= MAX_PAGES:
            self.pages.clear()
        self.pages[name] = (now, page)
        return page


@dataclass(frozen=True, slots=True)
class PickerAlert:
    """Why a choice was refused as a whole, and the ways on: addresses with their words."""

    sentence: str
    ways: Sequence[tuple[str, str]] = ()


def init_app(app: Flask) -> None:
    """Give each application a cache of its own, and the templates their words."""
    app.extensions["event_pages"] = PageCache()
    offer_words.init_app(app)


def event_page(slug: str) -> str:
    """The page for this visitor: shared when nothing on it is the visitor's own."""
    if typed_code():
        return _page_of_link(slug)
    if own_references() or remembered_code(slug) is not None:
        return render_event_page(slug)
    name = f"{current_language()}/{slug}"
    page = cached_text(name, lambda: _render(slug, TypedBasket(), own=False))
    return _with_visitor_fields(page)


def cached_text(name: str, make: Callable[[], str]) -> str:
    """What ``make`` answered less than :data:`FRESH_FOR` ago, or answers now."""
    cache: PageCache = current_app.extensions["event_pages"]
    return cache.get_or_make(name, make, now=ports().utc_now())


def render_event_page(
    slug: str,
    *,
    basket: TypedBasket | None = None,
    faults: Sequence[FieldFault] = (),
    shortages: Sequence[Shortage] = (),
    is_code_news: bool = False,
    alert: PickerAlert | None = None,
) -> str:
    """The page as it is this very moment, with what was typed and what is wrong with it.

    ``is_code_news`` puts the focus where a code was just taken, refused or removed.
    """
    page = _render(
        slug,
        basket,
        own=True,
        faults=faults,
        shortages=shortages,
        is_code_news=is_code_news,
        alert=alert,
    )
    return _with_visitor_fields(page)


def _render(
    slug: str,
    basket: TypedBasket | None,
    *,
    own: bool,
    faults: Sequence[FieldFault] = (),
    shortages: Sequence[Shortage] = (),
    is_code_news: bool = False,
    alert: PickerAlert | None = None,
) -> str:
    now = ports().utc_now()
    code = None
    if own:
        try:
            code = own_code(slug)
        except CodeRefused as refusal:
            # Said once, at the field; from then on the page is as for everybody.
            remember_code(slug, None)
            faults = [*faults, *refusal.faults]
    event = events.get_readable_event(slug=slug)
    checkout = _own_checkout(event, now=now) if own else None
    if basket is None:
        basket = basket_of(checkout) if checkout else TypedBasket()
    listed = offers.list_offers(
        event=event, now=now, own_checkout_id=checkout.id if checkout else None, code=code
    )
    return render_template(
        "events/event.html",
        event=event,
        offers=listed,
        dates=offers.list_dates(event=event, code=code),
        state=get_sale_state(event=event, offers=listed, now=now),
        alternatives={each.tier.id: list_alternatives(each, offers=listed) for each in listed},
        now=now,
        typed=_lowered(basket.typed, shortages),
        faults={
            _place_of(fault, listed): sentence_of(fault)
            for fault in faults
            if fault.field != "code"
        },
        code=code,
        code_fault=sentence_at("code", faults),
        code_typed=typed_code() if own else "",
        is_code_news=is_code_news,
        shortages=by_tier(shortages),
        alert=alert,
        own_checkout=checkout,
        visitor_mark=VISITOR_MARK,
    )


def _page_of_link(slug: str) -> str:
    """A link may carry a code: it is tried as if it was typed, and used from then on if right."""
    faults: Sequence[FieldFault] = ()
    try:
        take_code(event_slug=slug, text=typed_code())
    except CodeRefused as refusal:
        faults = refusal.faults
    return render_event_page(slug, faults=faults)


def own_code(slug: str) -> Code | None:
    """The code that this browser uses for an event. Raises :class:`CodeRefused` when it ended."""
    return codes.find_buyers_code(
        code_id=remembered_code(slug),
        event_slug=slug,
        references=own_references(),
        now=ports().utc_now(),
    )


def _own_checkout(event: Event, *, now: datetime) -> Checkout | None:
    return own_checkouts.find_open_checkout(references=own_references(), event_id=event.id, now=now)


def _place_of(fault: FieldFault, listed: Sequence[TierOffer]) -> str:
    """The fault's field, without a dash when that field is not on the page: nothing to lead to."""
    kind, _, tier_id = fault.field.partition("-")
    is_listed = tier_id in {str(offer.tier.id) for offer in listed}
    return fault.field if is_listed else f"{kind}.{tier_id}"


def _lowered(typed: Mapping[str, str], shortages: Sequence[Shortage]) -> dict[str, str]:
    """What was typed, with the quantity that is still to be had where it was too high."""
    left = {f"quantity-{short.tier_id}": str(short.available) for short in shortages}
    return {**typed, **left}


def _with_visitor_fields(page: str) -> str:
    """Fill in what must differ from visitor to visitor: three hidden fields."""
    buyer_key()
    fields = render_template(
        "events/_visitor_fields.html",
        form_key=new_form_key(),
        source=visitor_tag("source"),
        campaign=visitor_tag("campaign"),
    )
    return page.replace(VISITOR_MARK, fields)
