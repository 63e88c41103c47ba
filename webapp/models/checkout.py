"""One buyer's attempt to buy: the basket, its holds, and what was typed so far."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.code import Code, CodeUse
from webapp.models.event import Event
from webapp.models.tier import Tier


class CheckoutStatus(StrEnum):
    """``pending`` may still change; ``converted`` was paid; the others are over."""

    PENDING = "pending"
    CONVERTED = "converted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class CheckoutStep(StrEnum):
    """How far a buyer came, in this order: held tickets, an address, a press on "pay"."""

    OPENED = "opened"
    CONTACT = "contact"
    PAYMENT = "payment"


_STEPS = tuple(CheckoutStep)


class Checkout(Base):
    """One buyer's attempt, from the first choice to the paid order.

    ``reference`` names it in URLs and opens nothing by itself. ``client_key``
    and ``network_key`` are keyed digests of the browser and the network that
    ask, for the caps on open holds; empty where nothing tells. Amounts are
    minor units of ``currency``; the CHECK keeps the breakdown honest.

    ``hold_limit_at`` is as far as renewals of the present hold may reach.
    ``paying_until`` is set while the gateway may still take money for the
    seats, and is then the end of their guard.

    ``code_id`` is the code that the price was made with, ``code_use`` whether it
    is counted at the code at this moment.

    ``draft_*`` is what was typed, to the letter, where the contact does not
    (yet) say the same: half a word, or a change while a payment is open. The
    two flags say how the names of :class:`CheckoutAttendee` are meant.

    ``reached`` is the farthest step while it could still be bought; it stays when
    the person is forgotten.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        CheckConstraint(
            "total_cents = subtotal_cents - discount_cents + fees_cents + tax_cents",
            name="total_adds_up",
        ),
        CheckConstraint("total_cents >= 0", name="total_positive"),
        CheckConstraint("extensions_used >= 0", name="extensions_positive"),
        CheckConstraint("code_use = 'none' OR code_id IS NOT NULL", name="code_use_of_code"),
        Index(
            "checkouts_client_key_open_idx",
            "client_key",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "checkouts_network_key_open_idx",
            "network_key",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "checkouts_expires_at_open_idx",
            "expires_at",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "checkouts_code_id_counted_idx",
            "code_id",
            postgresql_where=text("code_use <> 'none'"),
        ),
        Index(
            "checkouts_person_ended_idx",
            "expires_at",
            postgresql_where=text(
                "status IN ('expired', 'cancelled') AND (contact_email <> '' OR contact_name <> ''"
                " OR contact_phone <> '' OR draft_email IS NOT NULL OR draft_name IS NOT NULL"
                " OR draft_phone IS NOT NULL)"
            ),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    client_key: Mapped[str]
    network_key: Mapped[str]
    status: Mapped[CheckoutStatus] = mapped_column(
        status_column(CheckoutStatus), default=CheckoutStatus.PENDING
    )
    currency: Mapped[str]
    subtotal_cents: Mapped[int]
    discount_cents: Mapped[int] = mapped_column(default=0)
    fees_cents: Mapped[int]
    tax_cents: Mapped[int] = mapped_column(default=0)
    total_cents: Mapped[int]
    contact_email: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    draft_email: Mapped[str | None]
    draft_name: Mapped[str | None]
    draft_phone: Mapped[str | None]
    attendees_share_name: Mapped[bool] = mapped_column(default=False, server_default=false())
    buyer_attends: Mapped[bool] = mapped_column(default=False, server_default=false())
    source: Mapped[str] = mapped_column(default="web")
    campaign: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(default="web")
    locale: Mapped[str] = mapped_column(default="en")
    trace_id: Mapped[str]
    extensions_used: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    hold_limit_at: Mapped[datetime]
    paying_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    code_id: Mapped[int | None] = mapped_column(ForeignKey("codes.id"))
    code_use: Mapped[CodeUse] = mapped_column(status_column(CodeUse), default=CodeUse.NONE)
    reached: Mapped[CheckoutStep] = mapped_column(
        status_column(CheckoutStep), default=CheckoutStep.OPENED, server_default="opened"
    )

    event: Mapped[Event] = relationship()
    code: Mapped[Code | None] = relationship()
    items: Mapped[list["CheckoutItem"]] = relationship(
        back_populates="checkout", order_by="CheckoutItem.id", cascade="all, delete-orphan"
    )

    @property
    def has_own_browser(self) -> bool:
        """Whether a browser began it, which the API's callers are not."""
        return bool(self.client_key)

    def is_open(self, *, now: datetime) -> bool:
        """Whether the hold still stands at ``now``."""
        return self.status is CheckoutStatus.PENDING and self.expires_at > now

    def status_at(self, *, now: datetime) -> CheckoutStatus:
        """The status as a buyer sees it: over with its hold, though no sweep has noted it.

        Not while the gateway may still take money, or has it from a bank that takes days.
        """
        has_lapsed = (
            self.status is CheckoutStatus.PENDING
            and not self.is_open(now=now)
            and self.paying_until is None
        )
        return CheckoutStatus.EXPIRED if has_lapsed else self.status

    def note_step(self, step: CheckoutStep) -> None:
        """Note how far the buyer came: never backwards, and nothing any more once it is over.

        Where the row is written anyway: no purchase sends a statement for it.
        """
        if self.status is CheckoutStatus.PENDING:
            self.reached = max(self.reached, step, key=_STEPS.index)

    def seconds_left(self, *, now: datetime) -> int:
        """Whole seconds until the hold ends, never negative."""
        return max(0, int((self.expires_at - now).total_seconds()))


class CheckoutItem(Base):
    """One line of the basket; price and discount are frozen when the line is placed."""

    __tablename__ = "checkout_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_price_cents >= 0", name="unit_price_positive"),
        CheckConstraint(
            "discount_cents BETWEEN 0 AND quantity * unit_price_cents", name="discount_sane"
        ),
        UniqueConstraint("checkout_id", "tier_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
    discount_cents: Mapped[int] = mapped_column(default=0)

    checkout: Mapped[Checkout] = relationship(back_populates="items")
    tier: Mapped[Tier] = relationship(lazy="joined", innerjoin=True)


class CheckoutAttendee(Base):
    """A name as it was typed for unit ``unit_no`` of a tier, also of one no longer wanted.

    It stays while numbers go down and up again, so that nothing typed is lost.
    """

    __tablename__ = "checkout_attendees"
    __table_args__ = (
        CheckConstraint("unit_no > 0", name="unit_no_positive"),
        UniqueConstraint("checkout_id", "tier_id", "unit_no"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    unit_no: Mapped[int]
    name: Mapped[str]


class HoldStatus(StrEnum):
    """``held`` lapses by the clock; ``paying`` only by the gateway's word."""

    HELD = "held"
    PAYING = "paying"
    SOLD = "sold"
    RELEASED = "released"


class Hold(Base):
    """Places of one pool kept for one checkout until ``expires_at``.

    A hold past its expiry is released by whoever needs the places; while its
    status is ``paying`` the seat may still be paid for, so the clock alone
    never releases it.
    """

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        UniqueConstraint("checkout_id", "pool_id"),
        Index(
            "holds_pool_id_expires_at_live_idx",
            "pool_id",
            "expires_at",
            postgresql_where=text("status IN ('held', 'paying')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id"))
    quantity: Mapped[int]
    status: Mapped[HoldStatus] = mapped_column(status_column(HoldStatus), default=HoldStatus.HELD)
    expires_at: Mapped[datetime]


class IdempotencyKey(Base):
    """The saved answer to one keyed request of one caller.

    ``scope`` is a digest of the route and the caller, ``request_hash`` of the
    body. The answer never holds a token: those are derived again on replay.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("scope", "key"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    status_code: Mapped[int]
    answer: Mapped[dict[str, object]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
