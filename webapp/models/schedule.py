"""What people who hold tickets were told of an event's times."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class AnnouncedSchedule(Base):
    """The start times of one event that its holders know, and what they have to be told.

    ``starts`` maps an occurrence's id, as text, to its start in ISO 8601, and
    ``event`` to the event's own. A different start at the same
    ``schedule_version`` cannot be. ``moved`` holds the ids whose start has moved
    with ``schedule_version``, 0 for the event's own start; ``moved_at`` is when
    that was seen, None while nothing has to be told.
    """

    __tablename__ = "announced_schedules"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    schedule_version: Mapped[int]
    starts: Mapped[dict[str, str]] = mapped_column(JSONB)
    moved: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()), default=list)
    moved_at: Mapped[datetime | None]
