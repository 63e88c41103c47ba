"""What a buyer may type to pay less or to see more."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.tier import Tier, TierKind


class CodeKind(StrEnum):
    """What a code takes off: a share, an amount once an order, or nothing (it only opens tiers)."""

    PERCENTAGE = "percentage"
    AMOUNT = "amount"
    ACCESS = "access"


class CodeStatus(StrEnum):
    """Whether the organizer takes it. Expired and used up are derived, never stored."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class CodeUse(StrEnum):
    """How a checkout counts at its code.

    ``none``: not at all, or no longer. ``held``: like a hold. ``used``: paid for.
    ``overused``: paid for at the code's price after the last use was gone.
    """

    NONE = "none"
    HELD = "held"
    USED = "used"
    OVERUSED = "overused"


# Which tiers a discount is taken from; none named means every ticket.
code_reduced_tiers = Table(
    "code_reduced_tiers",
    Base.metadata,
    Column("code_id", ForeignKey("codes.id"), primary_key=True),
    Column("tier_id", ForeignKey("tiers.id"), primary_key=True, index=True),
)

# Which hidden tiers a code lets a buyer see and buy, whatever its kind.
code_opened_tiers = Table(
    "code_opened_tiers",
    Base.metadata,
    Column("code_id", ForeignKey("codes.id"), primary_key=True),
    Column("tier_id", ForeignKey("tiers.id"), primary_key=True, index=True),
)


class Code(Base):
    """A promotion or access code of one event.

    ``text`` is how the organizer writes it, ``lookup_key`` how it is compared:
    upper case, letters and digits only. ``percent_basis_points`` is 1..10000,
    ``amount_cents`` is taken off once an order. One use is one order, however
    many tickets; ``max_uses`` and ``max_per_email`` are None for no limit.

    ``held`` counts checkouts whose hold stands, ``used`` paid ones, and
    ``overused`` those paid late, at a price that was agreed on, when no use was
    left. All three change only by the guarded UPDATEs of
    :mod:`webapp.domain.code_uses`; the database refuses one use too many.
    """

    __tablename__ = "codes"
    __table_args__ = (
        UniqueConstraint("event_id", "lookup_key"),
        CheckConstraint("lookup_key ~ '^[A-Z0-9]{3,40}$'", name="lookup_key_plain"),
        CheckConstraint(
            "CASE kind WHEN 'percentage' THEN percent_basis_points BETWEEN 1 AND 10000"
            " ELSE percent_basis_points = 0 END",
            name="percentage_sane",
        ),
        CheckConstraint(
            "CASE kind WHEN 'amount' THEN amount_cents > 0 ELSE amount_cents = 0 END",
            name="amount_sane",
        ),
        CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_until > valid_from",
            name="validity_ordered",
        ),
        CheckConstraint("max_uses >= 1", name="max_uses_positive"),
        CheckConstraint("max_per_email >= 1", name="max_per_email_positive"),
        CheckConstraint("held >= 0", name="held_positive"),
        CheckConstraint("used >= 0", name="used_positive"),
        CheckConstraint("overused >= 0", name="overused_positive"),
        CheckConstraint("held + used <= max_uses", name="not_overused"),
        # Updated in place, as pools are.
        {"postgresql_with": {"fillfactor": 20}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    text: Mapped[str]
    lookup_key: Mapped[str]
    kind: Mapped[CodeKind] = mapped_column(status_column(CodeKind))
    percent_basis_points: Mapped[int] = mapped_column(default=0)
    amount_cents: Mapped[int] = mapped_column(default=0)
    max_uses: Mapped[int | None]
    max_per_email: Mapped[int | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    status: Mapped[CodeStatus] = mapped_column(status_column(CodeStatus), default=CodeStatus.ACTIVE)
    held: Mapped[int] = mapped_column(default=0)
    used: Mapped[int] = mapped_column(default=0)
    overused: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    # Read together with the code: whoever looks at one asks what it does.
    reduced_tiers: Mapped[list[Tier]] = relationship(
        secondary=code_reduced_tiers, order_by=Tier.id, lazy="selectin"
    )
    opened_tiers: Mapped[list[Tier]] = relationship(
        secondary=code_opened_tiers, order_by=Tier.id, lazy="selectin"
    )

    def opens(self, tier: Tier) -> bool:
        """Whether a buyer with this code may see and buy the tier."""
        return not tier.is_hidden or tier.id in {opened.id for opened in self.opened_tiers}

    def reduces(self, tier: Tier) -> bool:
        """Whether the discount is taken from the tier: named ones, else every ticket."""
        if self.kind is CodeKind.ACCESS or tier.kind is TierKind.DONATION:
            return False
        if self.reduced_tiers:
            return tier.id in {reduced.id for reduced in self.reduced_tiers}
        return tier.kind is TierKind.TICKET
