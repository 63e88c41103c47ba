"""What was bought, and the one table of allowed status changes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.checkout import Checkout
from webapp.models.event import Event
from webapp.models.tier import TierKind


class OrderStatus(StrEnum):
    """Where an order stands. A dispute is a flag, not a status."""

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    NEEDS_REVIEW = "needs_review"


# The only arrows. Out of expired, cancelled and failed there is `paid` (late
# money whose seats could be had again) and `refunded` (late money that went
# back by itself). A refund may fail at the buyer's bank days after it succeeded:
# then the buyer has neither money nor tickets, so even out of refunded there is
# `needs_review`. Nothing leaves that but a person, or a refund of all the money.
NEXT_STATUSES: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset(
        {
            OrderStatus.PROCESSING,
            OrderStatus.PAID,
            OrderStatus.FAILED,
            OrderStatus.EXPIRED,
            OrderStatus.CANCELLED,
            OrderStatus.NEEDS_REVIEW,
        }
    ),
    OrderStatus.PROCESSING: frozenset(
        {OrderStatus.PAID, OrderStatus.FAILED, OrderStatus.NEEDS_REVIEW}
    ),
    OrderStatus.FAILED: frozenset(
        {
            OrderStatus.PENDING,
            OrderStatus.PAID,
            OrderStatus.REFUNDED,
            OrderStatus.NEEDS_REVIEW,
        }
    ),
    OrderStatus.EXPIRED: frozenset(
        {OrderStatus.PAID, OrderStatus.REFUNDED, OrderStatus.NEEDS_REVIEW}
    ),
    OrderStatus.CANCELLED: frozenset(
        {OrderStatus.PAID, OrderStatus.REFUNDED, OrderStatus.NEEDS_REVIEW}
    ),
    OrderStatus.PAID: frozenset({OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED}),
    OrderStatus.PARTIALLY_REFUNDED: frozenset({OrderStatus.REFUNDED, OrderStatus.NEEDS_REVIEW}),
    OrderStatus.REFUNDED: frozenset({OrderStatus.NEEDS_REVIEW}),
    OrderStatus.NEEDS_REVIEW: frozenset(
        {OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED}
    ),
}

# Paid for, and not all of the money went back: whoever bought is owed the rest.
PAID_FOR = frozenset({OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED})
# Money came or is on its way: nobody wants to be shown what came to nothing.
WITH_MONEY = PAID_FOR | {OrderStatus.PROCESSING, OrderStatus.REFUNDED, OrderStatus.NEEDS_REVIEW}

FIRST_LINK_VERSION = 1


class Order(Base):
    """A purchase: a frozen copy of the checkout, and what became of its money.

    ``number`` is for people and opens nothing; ``link_version`` is part of every
    signed link, so raising it revokes them all, the links of its tickets that are
    still the buyer's, and what links of its checkout opened. ``review_reason`` is
    a stable word for staff, empty when nothing is wrong.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "total_cents = subtotal_cents - discount_cents + fees_cents + tax_cents",
            name="total_adds_up",
        ),
        CheckConstraint("total_cents >= 0", name="total_positive"),
        Index(None, "contact_email"),
        Index("orders_lower_contact_email_idx", text("lower(contact_email)")),
        Index(None, "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"), unique=True)
    status: Mapped[OrderStatus] = mapped_column(
        status_column(OrderStatus), default=OrderStatus.PENDING
    )
    contact_email: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    currency: Mapped[str]
    subtotal_cents: Mapped[int]
    discount_cents: Mapped[int]
    fees_cents: Mapped[int]
    tax_cents: Mapped[int]
    total_cents: Mapped[int]
    locale: Mapped[str]
    trace_id: Mapped[str]
    link_version: Mapped[int] = mapped_column(default=FIRST_LINK_VERSION)
    review_reason: Mapped[str] = mapped_column(default="")
    disputed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    fulfilled_at: Mapped[datetime | None]
    add_ons_dismissed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    checkout: Mapped[Checkout] = relationship()
    items: Mapped[list["OrderItem"]] = relationship(
        back_populates="order", order_by="OrderItem.id", cascade="all, delete-orphan"
    )
    transitions: Mapped[list["OrderTransition"]] = relationship(order_by="OrderTransition.id")

    @property
    def is_paid_for(self) -> bool:
        """Whether it was paid, and not all of the money went back."""
        return self.status in PAID_FOR

    @property
    def has_revoked_links(self) -> bool:
        """Whether what let somebody in before the present ``link_version`` was ended."""
        return self.link_version != FIRST_LINK_VERSION


class OrderItem(Base):
    """One line of an order, with the name and price the buyer saw.

    ``subtotal_cents`` is before ``discount_cents``, the line's part of the order's discount.
    """

    __tablename__ = "order_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("subtotal_cents = quantity * unit_price_cents", name="subtotal_adds_up"),
        CheckConstraint("discount_cents BETWEEN 0 AND subtotal_cents", name="discount_sane"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"), index=True)
    kind: Mapped[TierKind] = mapped_column(status_column(TierKind))
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
    subtotal_cents: Mapped[int]
    discount_cents: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order] = relationship(back_populates="items")


class OrderTransition(Base):
    """One change of an order's status. Append-only: a trigger refuses edits.

    ``actor`` is a stable word such as ``buyer``, ``gateway``, ``system``.
    ``from_status`` is None for the first row.
    """

    __tablename__ = "order_transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    trace_id: Mapped[str]
    at: Mapped[datetime]
