"""How often one address may use a code: counted when its buyer goes to pay.

That is the first moment at which the address is known for good. What was paid for
counts, and what an open payment page may still take money for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from webapp.database import db
from webapp.domain.rivals import Rival, whole_minute_after
from webapp.errors import CodeInUse, CodeRefused
from webapp.models import (
    LIVE_PAYMENT_STATUSES,
    Checkout,
    Code,
    CodeUse,
    Order,
    Payment,
    PaymentStatus,
)
from webapp.wording import Moment, n_

_PAID = (CodeUse.USED, CodeUse.OVERUSED)


@dataclass(frozen=True, slots=True)
class _Uses:
    """The other uses of one address; ``rivals`` are in the order of their end."""

    limit: int
    paid: int
    rivals: Sequence[Rival]

    @property
    def excess(self) -> int:
        """How many rivals have to go before one more use is allowed; 0 when it is."""
        return max(0, self.paid + len(self.rivals) + 1 - self.limit)

    @property
    def is_spent(self) -> bool:
        return self.paid >= self.limit


def refuse_repeated_use(*, checkout: Checkout, now: datetime) -> None:
    """Raise :class:`CodeRefused` when the buyer's address has had the code as often as it may.

    It is a :class:`CodeInUse`, with the minute at which it is free again, while only
    open payment pages are in the way. The code's row stays locked until the commit,
    so two checkouts of one address never both pass.
    """
    if checkout.code_id is None:
        return
    locked = select(Code.max_per_email).where(Code.id == checkout.code_id)
    limit = db.session.scalar(locked.with_for_update(key_share=True))
    if limit is None:
        return
    uses = _count_uses(checkout, email=checkout.contact_email, limit=limit)
    if not uses.excess:
        return
    if uses.is_spent:
        raise CodeRefused(
            n_("This code was used with your email before. Remove the code to go on without it.")
        )
    ends_at = max(now, uses.rivals[uses.excess - 1].ends_at)
    raise CodeInUse(
        n_(
            "A payment page with this code is already open for your email. Pay there, try again"
            " at %(time)s, or remove the code to go on without it."
        ),
        time=Moment(whole_minute_after(ends_at), checkout.event.time_zone),
    )


def list_removable_rivals(
    *, checkout: Checkout, email: str, own_references: Collection[str], now: datetime
) -> Sequence[Rival]:
    """The payment pages to be closed before ``email`` can use the code; none where that is no help.

    Only those that :meth:`webapp.domain.rivals.Rival.is_removable` allows.
    """
    limit = checkout.code.max_per_email if checkout.code else None
    if limit is None:
        return ()
    uses = _count_uses(checkout, email=email, limit=limit)
    removable = [
        rival for rival in uses.rivals if rival.is_removable(own_references=own_references, now=now)
    ]
    if uses.is_spent or len(removable) < uses.excess:
        return ()
    return removable[: uses.excess]


def _count_uses(checkout: Checkout, *, email: str, limit: int) -> _Uses:
    query = (
        select(
            Checkout.reference,
            Checkout.code_use,
            Checkout.paying_until,
            Payment.order_id,
            Payment.status,
            Payment.session_id,
            Payment.expires_at,
        )
        .outerjoin(Order, Order.checkout_id == Checkout.id)
        .outerjoin(
            Payment,
            (Payment.order_id == Order.id) & Payment.status.in_(LIVE_PAYMENT_STATUSES),
        )
        .where(
            Checkout.code_id == checkout.code_id,
            Checkout.id != checkout.id,
            func.lower(Checkout.contact_email) == email.lower(),
            or_(
                Checkout.code_use.in_(_PAID),
                and_(Checkout.code_use == CodeUse.HELD, Payment.id.is_not(None)),
            ),
        )
    )
    paid = 0
    rivals = []
    for other in db.session.execute(query):
        if other.code_use in _PAID or other.status is PaymentStatus.PROCESSING:
            paid += 1
        else:
            # An attempt that never got a page is given up a little later than pages end.
            ends_at = other.expires_at if other.session_id else other.paying_until
            rivals.append(Rival(other.reference, other.order_id, ends_at, quantity=1))
    return _Uses(limit, paid, sorted(rivals, key=lambda rival: rival.ends_at))
