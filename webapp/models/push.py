"""Browsers that may be told of something, and what they were told."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.wallet import WalletCopy


class PushSubscription(Base):
    """Where one copy of a wallet may be told of something: its person asked for it.

    ``endpoint`` is an address at the browser's push service; ``p256dh`` and
    ``auth`` are the browser's keys in base64url, with which nobody between can
    read along. ``locale`` is the language of the page that asked. ``failed_at``
    is when the push service last failed, None after a success. It ends with its
    copy, and when the push service says that it is gone.
    """

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    wallet_copy_id: Mapped[int] = mapped_column(
        ForeignKey("wallet_copies.id", ondelete="CASCADE"), unique=True
    )
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    locale: Mapped[str]
    created_at: Mapped[datetime]
    failed_at: Mapped[datetime | None]

    wallet_copy: Mapped[WalletCopy] = relationship()


class PushMessage(Base):
    """One message to one subscription: at most one for each kind and ``subject``.

    ``subject`` says what it is about in words that never change, such as
    ``occurrence/12``. ``ticket_id`` is the ticket that it opens; ``moment`` is
    the start that it tells of. Past ``expires_at`` it has nothing to say.
    ``sent_at`` is None until the push service has it.
    """

    __tablename__ = "push_messages"
    __table_args__ = (UniqueConstraint("subscription_id", "kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("push_subscriptions.id", ondelete="CASCADE")
    )
    kind: Mapped[str]
    subject: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    moment: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    subscription: Mapped[PushSubscription] = relationship()
