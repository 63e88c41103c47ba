"""What is on: an event and its dated parts."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.tier import Tier

# Currencies without hundredths, or with thousandths, at the gateway; amounts
# in them would be wrong by a factor. Source: docs.stripe.com/currencies.
UNLIKE_CENTS = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"),
    *("UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    *("BHD", "JOD", "KWD", "OMR", "TND"),
)

# The least that the gateway charges, in hundredths. One that is not listed here has its
# least in the currency that is paid out, which only the gateway knows.
# Source: docs.stripe.com/currencies, the table of its section on minimum charge amounts.
LEAST_CHARGES_CENTS: Mapping[str, int] = {
    **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "INR", "NZD", "SGD", "USD"), 50),
    **dict.fromkeys(("AED", "MYR", "PLN", "RON"), 200),
    **dict.fromkeys(("NOK", "SEK"), 300),
    **dict.fromkeys(("MXN", "THB"), 1000),
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17_500,
}


class EventStatus(StrEnum):
    """Drafts are seen by nobody; cancelled events stay readable and sell nothing."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Event(Base):
    """One event of the organisation: one place, one currency, one fee policy.

    ``time_zone`` is an IANA name: moments are stored in UTC and shown in it.
    ``fee_basis_points`` and ``fee_fixed_cents`` feed
    :func:`webapp.domain.pricing.fees_for`. ``order_prefix`` begins the event's
    order numbers and serials, and is its own. ``next_serial`` numbers tickets
    and is only ever raised by one guarded UPDATE. ``attendee_changes_until`` is
    when names on tickets are settled, None for the start of the event.
    ``schedule_version`` is raised by a trigger whenever what calendars show
    has changed.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("fee_basis_points >= 0 AND fee_fixed_cents >= 0", name="fees_positive"),
        CheckConstraint("hold_seconds BETWEEN 60 AND 7200", name="hold_seconds_sane"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_iso"),
        # Every amount is shown and charged as hundredths; see UNLIKE_CENTS.
        CheckConstraint(
            "currency NOT IN ({})".format(", ".join(f"'{each}'" for each in UNLIKE_CENTS)),
            name="currency_has_cents",
        ),
        Index(None, "status", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    tagline: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    venue_name: Mapped[str]
    venue_address: Mapped[str]
    venue_note: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str]
    currency: Mapped[str]
    colour: Mapped[str] = mapped_column(default="#c2412d")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[EventStatus] = mapped_column(
        status_column(EventStatus), default=EventStatus.DRAFT
    )
    order_prefix: Mapped[str] = mapped_column(unique=True)
    hold_seconds: Mapped[int] = mapped_column(default=900)
    fee_basis_points: Mapped[int] = mapped_column(default=660)
    fee_fixed_cents: Mapped[int] = mapped_column(default=219)
    next_serial: Mapped[int] = mapped_column(default=0)
    attendee_changes_until: Mapped[datetime | None]
    schedule_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    occurrences: Mapped[list["Occurrence"]] = relationship(
        back_populates="event", order_by="Occurrence.starts_at"
    )
    tiers: Mapped[list[Tier]] = relationship(back_populates="event", order_by=Tier.sort_index)

    @property
    def least_charge_cents(self) -> int:
        """The least total that can be paid, by the published list of the gateway; 0 if unknown."""
        return LEAST_CHARGES_CENTS.get(self.currency, 0)

    def is_on(self, *, now: datetime) -> bool:
        """Whether it is public, not called off, and not over at ``now``."""
        return self.status is EventStatus.PUBLISHED and now < self.ends_at


# Which dated parts a tier opens: what the buyer reads as "includes", and what
# the door will ask for.
tier_occurrences = Table(
    "tier_occurrences",
    Base.metadata,
    Column("tier_id", ForeignKey("tiers.id"), primary_key=True),
    Column("occurrence_id", ForeignKey("occurrences.id"), primary_key=True),
)


class Occurrence(Base):
    """A dated part of an event: a day, a session, a slot."""

    __tablename__ = "occurrences"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        UniqueConstraint("event_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    event: Mapped[Event] = relationship(back_populates="occurrences")
    tiers: Mapped[list[Tier]] = relationship(
        secondary=tier_occurrences, back_populates="occurrences"
    )


class OrderNumberCounter(Base):
    """The last display number given out for an event on one local day."""

    __tablename__ = "order_number_counters"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
