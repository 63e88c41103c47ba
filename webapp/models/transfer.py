"""A ticket on its way from one person to another."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, status_column
from webapp.models.ticket import Ticket


class TransferStatus(StrEnum):
    """Only ``offered`` goes on. ``lapsed`` ended with the ticket, ``withdrawn`` by its holder.

    An offer past the event's deadline stays ``offered`` and is over all the same:
    the deadline is the event's, and may be moved.
    """

    OFFERED = "offered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Transfer(Base):
    """One offer of one ticket, by whoever held it as number ``from_holder_no``.

    ``number`` counts the offers of the ticket from 1. ``reference`` is random and
    opens nothing by itself: the link carries a keyed digest of it, which is
    stored nowhere.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("from_holder_no > 0", name="from_holder_no_positive"),
        CheckConstraint("(status = 'offered') = (closed_at IS NULL)", name="closed_when_over"),
        # One open offer of a ticket, and one way on from each of its holders.
        Index(
            "transfers_ticket_id_open_key",
            "ticket_id",
            unique=True,
            postgresql_where=text("status = 'offered'"),
        ),
        Index(
            "transfers_ticket_id_from_holder_no_accepted_key",
            "ticket_id",
            "from_holder_no",
            unique=True,
            postgresql_where=text("status = 'accepted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    number: Mapped[int]
    from_holder_no: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[TransferStatus] = mapped_column(
        status_column(TransferStatus), default=TransferStatus.OFFERED
    )
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()


class TransferClaim(Base):
    """Somebody with a mailbox who may accept a transfer: the first who confirms gets the ticket.

    ``email`` was typed by the friend, or by the holder who had the offer mailed
    (``is_invited``). The link in the mail to it proves the mailbox; like the
    transfer's it is derived from ``reference`` and stored nowhere.
    """

    __tablename__ = "transfer_claims"
    __table_args__ = (
        Index(
            "transfer_claims_transfer_id_lower_email_key",
            "transfer_id",
            text("lower(email)"),
            unique=True,
        ),
        Index(
            "transfer_claims_transfer_id_accepted_key",
            "transfer_id",
            unique=True,
            postgresql_where=text("accepted_at IS NOT NULL"),
        ),
        CheckConstraint("email <> ''", name="email_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    is_invited: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]

    transfer: Mapped[Transfer] = relationship()
