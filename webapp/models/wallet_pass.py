"""Exports of tickets to Apple Wallet, and the phones that want to hear of changes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.ticket import Ticket


class WalletPass(Base):
    """One ticket as one of its holders took it into Apple Wallet.

    A pass is for one ``revision`` of the ticket, as a print is: whoever has it may be
    the guest whose name was replaced, and must not be brought the new code. None
    is one from before that was so; it follows the ticket. A ticket that was
    passed on has passes for each ``holder_no``; only the last one's still opens a
    door. ``shown`` is a digest of everything the pass shows,
    and ``changed_at``, in whole seconds, the moment when that became so: it grows
    with every change and is the protocol's update tag.
    """

    __tablename__ = "wallet_passes"
    __table_args__ = (
        UniqueConstraint("ticket_id", "holder_no", "revision"),
        CheckConstraint("holder_no > 0", name="holder_no_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    holder_no: Mapped[int]
    revision: Mapped[int | None]
    shown: Mapped[str]
    changed_at: Mapped[datetime]
    created_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()

    @property
    def serial(self) -> str:
        """What Apple calls the serial number; opens nothing by itself."""
        parts = (self.ticket_id, self.holder_no, self.revision)
        return "-".join(str(part) for part in parts if part is not None)


class PassRegistration(Base):
    """One phone that has a pass and asked to be told of its changes.

    ``device_hash`` is a digest of the name that the phone gave itself: whoever
    knows that name may list the phone's passes.
    """

    __tablename__ = "pass_registrations"
    __table_args__ = (UniqueConstraint("device_hash", "pass_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pass_id: Mapped[int] = mapped_column(
        ForeignKey("wallet_passes.id", ondelete="CASCADE"), index=True
    )
    device_hash: Mapped[str]
    push_token: Mapped[str]
    registered_at: Mapped[datetime]
