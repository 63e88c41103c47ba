"""Who looks for an event finds it, however it is typed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import make_event
from webapp.database import db
from webapp.domain.event_search import EventSearch, list_months, search_events
from webapp.models import EventStatus, Occurrence


def titles(search=None, *, now, words="", month=None):
    return [
        event.title for event in search_events(search=search or EventSearch(words, month), now=now)
    ]


def make_dated(title, *starts, **fields):
    """An event whose dated parts begin at these moments and last two hours each."""
    event = make_event(
        title=title, starts_at=starts[0], ends_at=starts[-1] + timedelta(hours=2), **fields
    )
    first, *others = starts
    event.occurrences[0].starts_at = first
    event.occurrences[0].ends_at = first + timedelta(hours=2)
    for number, start in enumerate(others):
        event.occurrences.append(
            Occurrence(name=f"More {number}", starts_at=start, ends_at=start + timedelta(hours=2))
        )
    db.session.commit()
    return event


@pytest.fixture
def now(clock):
    return clock()


@pytest.mark.parametrize(
    "words",
    ["fête", "FETE", "fe\u0302te", "été", "ete fete", "  garden   fete ", "pier", "example street"],
)
def test_case_accents_and_order_of_words_make_no_difference(app, now, words):
    make_event(title="Fête d'Été", tagline="In the garden", venue_name="Old Pier")
    make_event(title="Something else", venue_address="elsewhere")

    assert titles(words=words, now=now) == ["Fête d'Été"]


def test_every_word_has_to_be_found(app, now):
    make_event(title="Salsa night")
    make_event(title="Salsa morning")

    assert titles(words="salsa night", now=now) == ["Salsa night"]
    assert titles(words="salsa breakfast", now=now) == []


@pytest.mark.parametrize("words", ["%", "_", "/", "\\", "100%", "a_b", "';--"])
def test_signs_of_the_query_language_stand_for_themselves(app, now, words):
    make_event(title="Plain evening")
    make_event(title=f"Sign {words} here")

    assert titles(words=words, now=now) == [f"Sign {words} here"]


def test_only_what_is_published_and_not_over_is_found_the_next_one_first(app, now):
    make_event(title="Draft", status=EventStatus.DRAFT)
    make_event(title="Called off", status=EventStatus.CANCELLED)
    make_event(title="Over", starts_at=now - timedelta(hours=3), ends_at=now)
    make_event(title="Later", starts_at=now + timedelta(days=9), ends_at=now + timedelta(days=10))
    make_event(title="Sooner", starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=3))

    assert titles(now=now) == ["Sooner", "Later"]


def test_month_is_the_month_where_the_event_is(app, now):
    # Midnight of New Year in Sydney is still the old year in UTC.
    make_dated(
        "Fireworks", datetime(2027, 12, 31, 13, 30, tzinfo=UTC), time_zone="Australia/Sydney"
    )
    make_dated("Ball", datetime(2027, 12, 31, 20, 0, tzinfo=UTC), time_zone="Europe/Berlin")

    assert titles(month=date(2028, 1, 1), now=now) == ["Fireworks"]
    assert titles(month=date(2027, 12, 1), now=now) == ["Ball"]


def test_event_is_found_in_every_month_in_which_a_part_of_it_begins(app, now):
    make_dated("Tour", datetime(2027, 4, 30, 18, tzinfo=UTC), datetime(2027, 5, 1, 18, tzinfo=UTC))

    assert titles(month=date(2027, 4, 1), now=now) == ["Tour"]
    assert titles(month=date(2027, 5, 1), now=now) == ["Tour"]
    assert titles(month=date(2027, 6, 1), now=now) == []
    assert list(list_months(now=now)) == [date(2027, 4, 1), date(2027, 5, 1)]


def test_months_of_parts_that_are_over_are_not_offered(app, now):
    make_dated("Season", now - timedelta(days=20), now + timedelta(days=40))

    assert list(list_months(now=now)) == [date(2027, 4, 1)]
    assert titles(month=date(2027, 2, 1), now=now) == []


def test_months_of_hidden_events_are_not_offered(app, now):
    make_event(status=EventStatus.DRAFT)
    make_event(status=EventStatus.CANCELLED)

    assert list(list_months(now=now)) == []


def test_words_and_month_are_both_asked_for(app, now):
    make_dated("Salsa in April", datetime(2027, 4, 3, 18, tzinfo=UTC))
    make_dated("Salsa in May", datetime(2027, 5, 3, 18, tzinfo=UTC))
    make_dated("Tango in May", datetime(2027, 5, 4, 18, tzinfo=UTC))

    assert titles(words="salsa", month=date(2027, 5, 1), now=now) == ["Salsa in May"]
