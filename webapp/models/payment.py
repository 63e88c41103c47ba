"""Attempts to take money, and money that goes back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.order import Order


class PaymentStatus(StrEnum):
    """``created`` was saved before the gateway was asked; ``open`` can be paid."""

    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


# While one of these stands, the gateway may still take money for the order.
LIVE_PAYMENT_STATUSES = (PaymentStatus.CREATED, PaymentStatus.OPEN, PaymentStatus.PROCESSING)


class Payment(Base):
    """One attempt to pay an order at one gateway.

    The row and its ``idempotency_key`` are durable before the gateway is
    called, so a lost answer is found again. ``session_id`` is the hosted page,
    ``provider_payment_id`` what refunds name; the gateway tells the latter only
    once the buyer has confirmed. At most one attempt an order is live.
    ``withdrawn_at`` is set before the gateway is asked to close the session at
    the buyer's wish: its end is then no reason to end the order.
    ``captured_cents`` of ``captured_currency`` is what the gateway took, whatever was
    asked for; None until then, and for attempts from before it was kept.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("captured_cents >= 0", name="captured_not_negative"),
        UniqueConstraint("order_id", "attempt"),
        UniqueConstraint("provider", "session_id"),
        UniqueConstraint("provider", "provider_payment_id"),
        Index(
            "payments_order_id_live_key",
            "order_id",
            unique=True,
            postgresql_where=text("status IN ('created', 'open', 'processing')"),
        ),
        Index(
            "payments_expires_at_live_idx",
            "expires_at",
            postgresql_where=text("status IN ('created', 'open', 'processing')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    attempt: Mapped[int]
    provider: Mapped[str]
    status: Mapped[PaymentStatus] = mapped_column(
        status_column(PaymentStatus), default=PaymentStatus.CREATED
    )
    amount_cents: Mapped[int]
    currency: Mapped[str]
    captured_cents: Mapped[int | None]
    captured_currency: Mapped[str | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    session_id: Mapped[str | None]
    session_url: Mapped[str | None]
    provider_payment_id: Mapped[str | None]
    method: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship()

    def is_payable(self, *, now: datetime) -> bool:
        """Whether a buyer who is sent to its page finds one that takes money."""
        return self.status is PaymentStatus.OPEN and now < self.expires_at

    @property
    def taken_cents(self) -> int:
        """What the gateway took, once it has; in ``taken_currency``."""
        return self.amount_cents if self.captured_cents is None else self.captured_cents

    @property
    def taken_currency(self) -> str:
        """The currency of what was taken."""
        return self.captured_currency or self.currency


class RefundStatus(StrEnum):
    """``requested`` is ours alone; the others are the gateway's words."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Refund(Base):
    """Money that goes back for one payment; totals are sums of these rows."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        UniqueConstraint("provider_refund_id"),
        Index(None, "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    amount_cents: Mapped[int]
    reason: Mapped[str]
    status: Mapped[RefundStatus] = mapped_column(
        status_column(RefundStatus), default=RefundStatus.REQUESTED
    )
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    provider_refund_id: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship()
