"""What people who hold tickets know of an event's times."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class AnnouncedSchedule(Base):
    """The starts of one event as they were last looked at, and what holders have to be told.

    ``starts`` maps ``event`` and the ids of occurrences, as texts, to a start in
    ISO 8601; it was read at ``schedule_version``. ``moved`` maps what has moved to
    the start that holders knew before; ``moved_at`` is when that was seen last, and
    ``moved_version`` the version then, which numbers the mails about it.
    """

    __tablename__ = "announced_schedules"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    schedule_version: Mapped[int]
    starts: Mapped[dict[str, str]] = mapped_column(JSONB)
    moved: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    moved_version: Mapped[int] = mapped_column(default=0)
    moved_at: Mapped[datetime | None]
