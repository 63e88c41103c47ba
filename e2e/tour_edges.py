"""Ways past the pages that buyers rarely meet: nothing on, too early, too late, broken.

A page that needs nothing but an event or an order in some state is one entry
in a list here; what takes steps is a stop of a tour.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus

from playwright.sync_api import Page, expect

from e2e.party import Party
from e2e.programme import Show, TierSpec
from webapp.clock import utc_now
from webapp.models import EventStatus


def _sold_out(party: Party) -> Show:
    show = party.programme.put_on(TierSpec("Front row", places=1))
    party.new_buyer().hold(show.slug, "Front row")
    party.buyer.open_event_when(show.slug, "Sold out")
    return show


# How an event looks that is like none of the demo: the stop, and what makes it so.
EVENTS: Mapping[str, Callable[[Party], Show]] = {
    "event-not-on-sale-yet": lambda party: party.programme.put_on(
        TierSpec("Front row", opens_in_days=20), TierSpec("Back row", 1500, opens_in_days=21)
    ),
    "event-sold-out": _sold_out,
    "event-over": lambda party: party.programme.put_on(
        starts_at=utc_now() - timedelta(days=2), ends_at=utc_now() - timedelta(days=1)
    ),
    "event-called-off": lambda party: party.programme.put_on(status=EventStatus.CANCELLED),
    "event-free": lambda party: party.programme.put_on(TierSpec("Guest list", 0)),
    "event-without-tiers": lambda party: party.programme.put_on_nothing(),
    "event-long-words": lambda party: party.programme.put_on(
        TierSpec("Freundschaftsbezeugungskarte mit Donaudampfschifffahrt", 123_456_00),
        title="Rindfleischetikettierungsüberwachungsfest",
        venue_name="Straßenbahnbetriebshofbesichtigungshalle",
        tagline="Eine Nacht voller zusammengesetzter Hauptwörter",
    ),
}
# Statuses that only a slow bank, an outage or a person of the box office brings about; paid
# without tickets yet is one.
ORDER_STATUSES = ("paid", "processing", "failed", "cancelled", "needs_review")
BROKEN = "/as-if-broken"
ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def arriving(party: Party) -> Iterator[str]:
    """The list without events, and events that sell nothing, or something else."""
    buyer = party.buyer
    with party.programme.nothing_on():
        buyer.go("/")
        expect(buyer.page.get_by_text("Nothing is on sale right now")).to_be_visible()
        yield "events-none"
    for stop, put_on in EVENTS.items():
        buyer.open_event(put_on(party).slug)
        yield stop


def owing(party: Party) -> Iterator[str]:
    """Orders that a bank or a person still has to decide about, or has decided about."""
    buyer = party.buyer
    show = party.programme.put_on(TierSpec("Front row"))
    buyer.hold(show.slug, "Front row", 2)
    buyer.go_to_pay()
    number = party.programme.order_numbers(show)[-1]
    for status in ORDER_STATUSES:
        with party.programme.order_as(number, status=status):
            buyer.go(f"/orders/{number}")
        yield f"order-{status.replace('_', '-')}"


def breaking(party: Party) -> Iterator[str]:
    """What is said when something is wrong with the request, or with us."""
    buyer = party.buyer
    show = party.programme.put_on()
    buyer.open_event(show.slug)
    buyer.choose("Entry")
    for token in buyer.page.locator("[name=csrf_token]").all():
        token.evaluate("field => { field.value = 'stale'; }")
    buyer.button("Continue").click()
    expect(buyer.page.get_by_text("This form is no longer valid").first).to_be_visible()
    yield "error-stale-form"
    for status in ERRORS:
        _answer(buyer.page, party.programme.render_error(status))
        buyer.go(BROKEN)
        yield f"error-{status.value}"


def _answer(page: Page, html: str) -> None:
    """Let the page at BROKEN be this one from now on; the newest route comes first."""
    page.route(
        f"**{BROKEN}",
        lambda route: route.fulfill(content_type="text/html", body=html),
    )
