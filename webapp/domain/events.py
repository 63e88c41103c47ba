"""What is on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from webapp.database import db
from webapp.errors import NotFound, SalesClosed
from webapp.models import Event, EventStatus, Tier


@dataclass(frozen=True, slots=True)
class Sale:
    """An event beside those of its tiers that somebody asked for, by id, with their pools."""

    event: Event
    tiers: Mapping[int, Tier]


def list_upcoming_events(*, now: datetime) -> list[Event]:
    """Published events that have not ended, the next one first."""
    query = (
        select(Event)
        .where(Event.status == EventStatus.PUBLISHED, Event.ends_at > now)
        .options(selectinload(Event.tiers).selectinload(Tier.pools))
        .order_by(Event.starts_at, Event.id)
    )
    return list(db.session.scalars(query))


def get_published_event(*, slug: str) -> Event:
    """The event with its tiers, their pools and its occurrences.

    Raises :class:`NotFound`, also for a draft.
    """
    return _get_event(slug, EventStatus.PUBLISHED)


def get_readable_event(*, slug: str) -> Event:
    """The same, and also an event that was called off. Raises :class:`NotFound` for a draft."""
    return _get_event(slug, EventStatus.PUBLISHED, EventStatus.CANCELLED)


def get_sale(*, slug: str, tier_ids: Collection[int], now: datetime) -> Sale:
    """The event and the named tiers of it, in one trip: every hold begins with this.

    A tier that does not belong to the event is simply not there. Raises
    :class:`NotFound` for an unknown event or a draft, :class:`SalesClosed`
    once it is over or called off.
    """
    query = (
        select(Tier)
        .join(Tier.event)
        .where(Event.slug == slug, Tier.id.in_(tier_ids))
        .options(contains_eager(Tier.event), joinedload(Tier.pools))
    )
    tiers = {tier.id: tier for tier in db.session.scalars(query).unique()}
    event = next(iter(tiers.values())).event if tiers else _find_event(slug)
    if event is None or event.status is EventStatus.DRAFT:
        raise NotFound
    refuse_closed_sales(event, now=now)
    return Sale(event=event, tiers=tiers)


def refuse_closed_sales(event: Event, *, now: datetime) -> None:
    """Raise :class:`SalesClosed` when nothing of the event may be sold any more."""
    if not event.is_on(now=now):
        raise SalesClosed


def is_called_off(*, event_id: int) -> bool:
    """Whether the event is cancelled, as the database has it now."""
    status = db.session.scalar(select(Event.status).where(Event.id == event_id))
    return status is EventStatus.CANCELLED


def find_time_zone(*, slug: str) -> str | None:
    """The zone of an event, whatever its status."""
    return db.session.scalar(select(Event.time_zone).where(Event.slug == slug))


def _find_event(slug: str) -> Event | None:
    return db.session.scalars(select(Event).where(Event.slug == slug)).one_or_none()


def _get_event(slug: str, *statuses: EventStatus) -> Event:
    query = (
        select(Event)
        .where(Event.slug == slug, Event.status.in_(statuses))
        .options(
            selectinload(Event.tiers).selectinload(Tier.pools),
            selectinload(Event.tiers).selectinload(Tier.occurrences),
            selectinload(Event.occurrences),
        )
    )
    event = db.session.scalars(query).one_or_none()
    if event is None:
        raise NotFound
    return event
