"""What is sold, and the counted capacity it takes from."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column

if TYPE_CHECKING:
    from webapp.models.event import Event, Occurrence


class TierKind(StrEnum):
    """A ticket admits a person; an add-on is a thing; a donation is neither."""

    TICKET = "ticket"
    ADD_ON = "add_on"
    DONATION = "donation"


class TierStatus(StrEnum):
    """Whether the organizer offers it. Sold out is derived, never stored."""

    ACTIVE = "active"
    INACTIVE = "inactive"


# What one unit of a tier takes: one place of each pool named here.
tier_pools = Table(
    "tier_pools",
    Base.metadata,
    Column("tier_id", ForeignKey("tiers.id"), primary_key=True),
    Column("pool_id", ForeignKey("pools.id"), primary_key=True, index=True),
)


class Tier(Base):
    """One kind of ticket, add-on or donation of an event.

    ``price_cents`` is the face price of a unit; for a donation it is the
    suggestion, and the buyer names the amount within ``min_cents``..``max_cents``.
    ``is_hidden`` keeps it from everybody whose code does not open it. ``max_per_email``
    is how many one address may have in all its orders, None for no limit; never fewer
    than one order may have, so that nobody chooses in vain.
    """

    __tablename__ = "tiers"
    __table_args__ = (
        CheckConstraint("price_cents >= 0", name="price_positive"),
        CheckConstraint("max_per_order BETWEEN 1 AND 100", name="max_per_order_sane"),
        CheckConstraint("max_per_email >= max_per_order", name="max_per_email_sane"),
        CheckConstraint("min_cents >= 0 AND max_cents >= min_cents", name="amounts_ordered"),
        CheckConstraint(
            "sale_ends_at IS NULL OR sale_starts_at IS NULL OR sale_ends_at > sale_starts_at",
            name="sale_window_ordered",
        ),
        UniqueConstraint("event_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    badge_label: Mapped[str] = mapped_column(default="")
    kind: Mapped[TierKind] = mapped_column(status_column(TierKind), default=TierKind.TICKET)
    price_cents: Mapped[int]
    min_cents: Mapped[int] = mapped_column(default=0)
    max_cents: Mapped[int] = mapped_column(default=0)
    max_per_order: Mapped[int] = mapped_column(default=10)
    max_per_email: Mapped[int | None]
    sort_index: Mapped[int] = mapped_column(default=0)
    status: Mapped[TierStatus] = mapped_column(status_column(TierStatus), default=TierStatus.ACTIVE)
    is_hidden: Mapped[bool] = mapped_column(default=False)
    sale_starts_at: Mapped[datetime | None]
    sale_ends_at: Mapped[datetime | None]

    event: Mapped["Event"] = relationship(back_populates="tiers")
    occurrences: Mapped[list["Occurrence"]] = relationship(
        secondary="tier_occurrences", back_populates="tiers", order_by="Occurrence.starts_at"
    )
    pools: Mapped[list["Pool"]] = relationship(secondary=tier_pools, order_by="Pool.id")

    @property
    def least_cents(self) -> int:
        """The least that a donation may be: nothing below what can be paid alone."""
        return max(self.min_cents, self.event.least_charge_cents)

    def is_on_sale(self, *, now: datetime) -> bool:
        """Whether the organizer sells it at ``now``; says nothing about stock."""
        return (
            self.status is TierStatus.ACTIVE
            and (self.sale_starts_at is None or self.sale_starts_at <= now)
            and (self.sale_ends_at is None or now < self.sale_ends_at)
        )


class Pool(Base):
    """A counted capacity. The database itself refuses to oversell it.

    ``held`` counts places of live holds, ``sold`` those of paid orders. Both
    change only by the guarded UPDATEs of :mod:`webapp.domain.stock`, in id order.
    """

    __tablename__ = "pools"
    __table_args__ = (
        CheckConstraint("capacity >= 0", name="capacity_positive"),
        CheckConstraint("held >= 0", name="held_positive"),
        CheckConstraint("sold >= 0", name="sold_positive"),
        CheckConstraint("held + sold <= capacity", name="not_oversold"),
        UniqueConstraint("event_id", "name"),
        # Room on every page for updates in place: a hot pool row must not drag
        # its index entries along (PostgreSQL manual, "Heap-Only Tuples").
        {"postgresql_with": {"fillfactor": 20}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    name: Mapped[str]
    capacity: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    sold: Mapped[int] = mapped_column(default=0)
