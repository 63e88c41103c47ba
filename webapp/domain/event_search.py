"""Finding an event among those that are still to come."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, literal_column, select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.models import Event, EventStatus, Occurrence, Tier

# Enough for a title and a place; more words make the query slower and the result no better.
MAX_WORDS = 8
# Combining marks, as PostgreSQL writes them: what is left of an accent once it is taken apart.
_MARKS = r"[\u0300-\u036f]"


@dataclass(frozen=True, slots=True)
class EventSearch:
    """What somebody looks for: every word of ``words``, in the month that begins on ``month``.

    An empty text and None look for everything.
    """

    words: str = ""
    month: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing in particular is looked for."""
        return not self.words.split() and self.month is None


def search_events(*, search: EventSearch, now: datetime) -> list[Event]:
    """Published events that have not ended and match, with tiers and pools, the next one first.

    Case and accents make no difference. A month matches when one of the
    event's dated parts that are not over begins in it, where the event is.
    """
    query = (
        select(Event)
        .where(*_is_upcoming(now), *_matches(search.words))
        .options(selectinload(Event.tiers).selectinload(Tier.pools))
        .order_by(Event.starts_at, Event.id)
    )
    if search.month is not None:
        query = query.where(
            exists().where(
                Occurrence.event_id == Event.id,
                Occurrence.ends_at > now,
                _local_month() == search.month,
            )
        )
    return list(db.session.scalars(query))


def list_months(*, now: datetime) -> Sequence[date]:
    """The first days of the months in which something begins that has not ended yet."""
    month = _local_month()
    query = (
        select(month)
        .join(Occurrence.event)
        .where(*_is_upcoming(now), Occurrence.ends_at > now)
        .distinct()
        .order_by(month)
    )
    return db.session.scalars(query).all()


def _is_upcoming(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Event.status == EventStatus.PUBLISHED, Event.ends_at > now)


def _local_month() -> ColumnElement[date]:
    """The first day of the month in which a dated part begins, by the clocks of its place."""
    local = func.timezone(Event.time_zone, Occurrence.starts_at)
    return func.date(func.date_trunc("month", local))


def _matches(words: str) -> list[ColumnElement[bool]]:
    """One condition a word. Signs that mean something to LIKE stand for themselves."""
    text = func.concat_ws(
        " ",
        Event.title,
        Event.tagline,
        Event.venue_name,
        Event.venue_address,
        Event.description,
    )
    plain = func.regexp_replace(func.normalize(text, literal_column("NFKD")), _MARKS, "", "g")
    return [
        plain.icontains(_without_accents(word), autoescape=True)
        for word in words.split()[:MAX_WORDS]
    ]


def _without_accents(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f")
