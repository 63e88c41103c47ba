"""When somebody last looked at a checkout: statistics, of no weight for the hold."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class Presence(Base):
    """When a page of one checkout was last in view, to within some ten seconds.

    Apart from the checkout, and without a foreign key, whose check would lock its
    row: no purchase ever waits for a beat, and no beat for a purchase. Nothing
    else is known of whoever looked.
    """

    __tablename__ = "presences"

    checkout_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime]
