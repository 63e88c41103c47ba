"""What buyers ask for once an order is paid: more to go with it, and lost mails."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class AddOnCheckout(Base):
    """A checkout that was begun from an order's page: what it buys goes with that order."""

    __tablename__ = "add_on_checkouts"

    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)


class OrderLookup(Base):
    """Somebody asked for the orders of ``email``; written for every address alike.

    ``email`` is folded as all addresses are. Kept for a day or two, for the limit per address.
    """

    __tablename__ = "order_lookups"
    __table_args__ = (Index(None, "email", "requested_at"), Index(None, "requested_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    requested_at: Mapped[datetime]
