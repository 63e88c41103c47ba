"""One person's tickets on phones: the set, its copies, and what may be seen in it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.order import FIRST_LINK_VERSION


class Wallet(Base):
    """One person's set of tickets. ``name`` is 16 hex digits; it names stores and opens nothing."""

    __tablename__ = "wallets"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class WalletCopy(Base):
    """One browser's copy of a wallet.

    It shows two random tokens, and both are stored as SHA-256 in hex only:
    ``token_hash`` of one that scripts cannot read, ``here_hash`` of one that
    scripts can throw away while there is no network. ``seen_at`` is brought up
    to date once a day. ``browser`` and ``system`` are words of our own for what
    joined, such as "Safari" and "iPhone", or empty. ``removed_at`` says that
    another copy of the wallet removed this one: it opens nothing, and the row
    stays for a while so that the phone can be told.
    """

    __tablename__ = "wallet_copies"

    id: Mapped[int] = mapped_column(primary_key=True)
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallets.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    here_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    browser: Mapped[str] = mapped_column(default="", server_default="")
    system: Mapped[str] = mapped_column(default="", server_default="")
    removed_at: Mapped[datetime | None] = mapped_column(index=True)

    wallet: Mapped[Wallet] = relationship(lazy="joined", innerjoin=True)


class WalletOrder(Base):
    """An order whose tickets a wallet shows, also those that are issued later.

    ``link_version`` is the order's at that time: raising the order's revokes this,
    as it revokes links, until the order is opened again.
    """

    __tablename__ = "wallet_orders"

    wallet_id: Mapped[int] = mapped_column(
        ForeignKey("wallets.id", ondelete="CASCADE"), primary_key=True
    )
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, index=True)
    link_version: Mapped[int]
    added_at: Mapped[datetime]


class WalletTicket(Base):
    """One ticket that came into a wallet by itself, under the ticket's ``holder_no`` of then.

    ``link_version`` is its order's at that time. While the ticket is still the
    buyer's, raising the order's revokes this, too; whoever it was given to keeps it.
    """

    __tablename__ = "wallet_tickets"
    __table_args__ = (CheckConstraint("holder_no > 0", name="holder_no_positive"),)

    wallet_id: Mapped[int] = mapped_column(
        ForeignKey("wallets.id", ondelete="CASCADE"), primary_key=True
    )
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True, index=True)
    holder_no: Mapped[int]
    link_version: Mapped[int] = mapped_column(default=FIRST_LINK_VERSION, server_default="1")
    added_at: Mapped[datetime]


class PairingCode(Base):
    """The one code of a wallet that lets another browser have a copy; gone once it was used.

    ``code_hash`` is a keyed digest: eight characters alone could be tried out.
    """

    __tablename__ = "pairing_codes"

    wallet_id: Mapped[int] = mapped_column(
        ForeignKey("wallets.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
