"""One admission right of one person."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.order import Order, OrderItem
from webapp.models.tier import Tier

# The ``holder_no`` of whoever bought the ticket.
FIRST_HOLDER = 1


class TicketStatus(StrEnum):
    """Whether it opens a door. Use is an admission, not a status."""

    VALID = "valid"
    VOID = "void"


class Ticket(Base):
    """One ticket: unit ``unit_no`` of an order item, so a repeat makes no second one.

    ``code`` is 16 characters a person can read aloud; it is a secret.
    ``serial_number`` counts within the event and opens nothing. ``revision`` is
    signed into the QR code and only grows: codes of an earlier one open nothing.
    ``key_no`` says which key signs it. ``holder_no`` grows with every transfer,
    1 is the buyer, and what was granted under an earlier one shows the ticket no
    longer. ``holder_email`` is the mailbox of whoever it was transferred to,
    empty for the buyer.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("order_item_id", "unit_no"),
        UniqueConstraint("event_id", "serial_number"),
        CheckConstraint("unit_no > 0", name="unit_no_positive"),
        CheckConstraint("revision BETWEEN 1 AND 65535", name="revision_two_bytes"),
        CheckConstraint("holder_no > 0", name="holder_no_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    order_item_id: Mapped[int] = mapped_column(ForeignKey("order_items.id"))
    unit_no: Mapped[int]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    serial_number: Mapped[str]
    attendee_name: Mapped[str] = mapped_column(default="")
    status: Mapped[TicketStatus] = mapped_column(
        status_column(TicketStatus), default=TicketStatus.VALID
    )
    issued_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    key_no: Mapped[int | None] = mapped_column(ForeignKey("signing_keys.key_no"))
    revision: Mapped[int] = mapped_column(default=1)
    holder_no: Mapped[int] = mapped_column(default=FIRST_HOLDER)
    holder_email: Mapped[str] = mapped_column(default="")

    order: Mapped[Order] = relationship()
    item: Mapped[OrderItem] = relationship(lazy="joined", innerjoin=True)
    tier: Mapped[Tier] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_given(self) -> bool:
        """Whether it went to somebody else than the buyer, who may show it no longer."""
        return self.holder_no > FIRST_HOLDER
