"""How a sale stands as a whole, and what is offered instead of what is gone."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_checkout, make_donation, make_event, make_tier
from webapp.database import db
from webapp.domain import offers
from webapp.domain.sale_states import SaleState, get_sale_state, list_alternatives
from webapp.models import EventStatus, Occurrence, TierKind

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=1)


def state_of(event, *, now=NOW):
    listed = offers.list_offers(event=event, now=now)
    return get_sale_state(event=event, offers=listed, now=now)


def alternatives_to(tier):
    listed = offers.list_offers(event=tier.event, now=NOW)
    offer = next(each for each in listed if each.tier is tier)
    return [each.tier.name for each in list_alternatives(offer, offers=listed)]


def test_one_open_ticket_is_enough(app):
    event = make_event()
    make_tier(event, capacity=0)
    make_tier(event)

    assert state_of(event) == SaleState("open")


def test_sale_that_opens_names_the_first_moment(app):
    event = make_event()
    make_tier(event, sale_starts_at=LATER)
    make_tier(event, sale_starts_at=SOON)
    make_tier(event, capacity=0)

    assert state_of(event) == SaleState("not_yet", SOON)
    assert state_of(event, now=SOON) == SaleState("open")


def test_last_place_taken_ends_in_sold_out(app):
    event = make_event()
    tier = make_tier(event, capacity=1)
    make_tier(event, sale_ends_at=NOW)
    make_checkout((tier, 1))

    assert state_of(event) == SaleState("sold_out")


def test_every_window_closed_means_ended(app):
    event = make_event()
    make_tier(event, sale_ends_at=NOW)

    assert state_of(event) == SaleState("ended")


def test_donation_does_not_hide_that_tickets_are_gone(app):
    event = make_event()
    make_tier(event, capacity=0)
    make_donation(event)

    assert state_of(event) == SaleState("sold_out")


def test_donation_alone_can_be_open(app):
    event = make_event()
    make_donation(event)

    assert state_of(event) == SaleState("open")


def test_nothing_offered_is_a_state_of_its_own(app):
    assert state_of(make_event()) == SaleState("nothing")


def test_cancelled_and_past_events_are_over_whatever_is_left(app):
    cancelled = make_event(status=EventStatus.CANCELLED)
    past = make_event(starts_at=NOW - timedelta(hours=4), ends_at=NOW)
    make_tier(cancelled)
    make_tier(past)

    assert state_of(cancelled) == SaleState("cancelled")
    assert state_of(past) == SaleState("over")
    assert state_of(cancelled).is_over
    assert state_of(past).is_over


def test_alternatives_are_open_tickets_those_for_the_same_dates_first(app):
    event = make_event()
    second = Occurrence(name="Second day", starts_at=SOON, ends_at=LATER)
    event.occurrences.append(second)
    gone = make_tier(event, name="Second day", capacity=0)
    other = make_tier(event, name="First day")
    both = make_tier(event, name="Both days")
    make_tier(event, name="Also gone", capacity=0)
    make_tier(event, name="Mug", kind=TierKind.ADD_ON)
    make_donation(event, name="Gift")
    gone.occurrences.append(second)
    both.occurrences.append(second)
    db.session.commit()

    assert alternatives_to(gone) == ["Both days", "First day"]
    assert alternatives_to(other) == []


def test_no_more_than_three_alternatives_are_named(app):
    event = make_event()
    gone = make_tier(event, sale_ends_at=NOW)
    for _ in range(5):
        make_tier(event)

    assert len(alternatives_to(gone)) == 3


@pytest.mark.parametrize(
    ("places", "is_almost_gone"), [(0, False), (1, True), (3, True), (4, False)]
)
def test_last_places_are_a_band_of_their_own(app, places, is_almost_gone):
    event = make_event()
    make_tier(event, capacity=places)

    (offer,) = offers.list_offers(event=event, now=NOW)

    assert offer.is_almost_gone is is_almost_gone
