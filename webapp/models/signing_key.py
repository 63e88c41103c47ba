"""The keys that the installation signs tickets with."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class SigningKey(Base):
    """One Ed25519 key pair. The newest that is not retired signs; all of those verify.

    ``key_no`` is the key id inside every ticket, one byte. ``public_key`` is the
    32 bytes of RFC 8032; ``sealed_seed`` is the private seed, encrypted at rest.
    What a retired key has signed opens no door any more.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("key_no BETWEEN 1 AND 255", name="key_no_one_byte"),
        CheckConstraint("octet_length(public_key) = 32", name="public_key_length"),
    )

    key_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public_key: Mapped[bytes]
    sealed_seed: Mapped[bytes]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
