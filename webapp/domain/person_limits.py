"""How many of a tier one person may have: counted by address when its buyer goes to pay.

That is the first moment at which the address is known for good. What was paid for
counts, and what can still be paid for: an open payment page, money that is on its way,
an order that somebody has to look at. Who holds a ticket now does not matter: giving
tickets away does not make room for more, and a gift takes none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select

from webapp.database import db
from webapp.domain.name_locks import lock_name
from webapp.domain.rivals import Rival, whole_minute_after
from webapp.errors import FieldFault
from webapp.models import (
    LIVE_PAYMENT_STATUSES,
    Checkout,
    CheckoutItem,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    PaymentStatus,
)
from webapp.models.order import PAID_FOR
from webapp.payment_refusals import PersonLimit, PersonLimitInUse, PersonLimitReached
from webapp.wording import Moment, n_

_COUNTED = PAID_FOR | {OrderStatus.PROCESSING, OrderStatus.NEEDS_REVIEW}


@dataclass(slots=True)
class _Share:
    """What an address has of one tier in its other orders, and wants of it now.

    ``had`` cannot be given back any more; ``rivals`` are in the order of their end.
    ``is_own``: all of that is from checkouts that the same browser may open. An address
    alone proves nothing, so nobody else is told how much it is.
    """

    most: int
    wanted: int
    had: int = 0
    is_own: bool = True
    rivals: list[Rival] = field(default_factory=list)

    @property
    def left(self) -> int:
        return max(0, self.most - self.had - sum(rival.quantity for rival in self.rivals))

    @property
    def is_enough(self) -> bool:
        return self.wanted <= self.left

    @property
    def is_spent(self) -> bool:
        """Whether it would not be enough with every other payment page closed, either."""
        return self.had + self.wanted > self.most

    def choose_rivals(self, rivals: Iterable[Rival]) -> list[Rival]:
        """As many of the ``rivals`` as have to go, in their order; none where all are too few."""
        chosen: list[Rival] = []
        missing = self.wanted - self.left
        for rival in rivals:
            if missing <= 0:
                break
            chosen.append(rival)
            missing -= rival.quantity
        return chosen if missing <= 0 else []


def refuse_too_many(
    *, checkout: Checkout, now: datetime, own_references: Collection[str] = ()
) -> None:
    """Raise :class:`PersonLimitReached` when the buyer's address would have too many of a tier.

    It is a :class:`PersonLimitInUse`, with the minute at which it would do, while only open
    payment pages are in the way. How many are left is said only where all others are
    among ``own_references``, the checkouts that the same browser may open. The address
    stays locked until the commit, so two checkouts of one address never both pass.
    """
    items = _limited_items(checkout)
    if not items:
        return
    email = checkout.contact_email
    lock_name(f"person:{checkout.event_id}:{email}")
    shares = _count_shares(checkout, items, email=email, own_references=own_references)
    limits = [
        PersonLimit(
            tier_id=tier_id,
            requested=share.wanted,
            available=share.left if share.is_own else None,
            fault=FieldFault(
                f"items.{checkout.items.index(items[tier_id])}",
                _sentence(share),
                _facts(share, time_zone=checkout.event.time_zone, now=now),
            ),
        )
        for tier_id, share in shares.items()
        if not share.is_enough
    ]
    if any(share.is_spent for share in shares.values()):
        raise PersonLimitReached(limits)
    if limits:
        raise PersonLimitInUse(limits)


def list_removable_rivals(
    *, checkout: Checkout, email: str, own_references: Collection[str], now: datetime
) -> Sequence[Rival]:
    """The payment pages to be closed before ``email`` has enough; none where that is no help.

    Only those that :meth:`webapp.domain.rivals.Rival.is_removable` allows.
    """
    items = _limited_items(checkout)
    chosen: dict[str, Rival] = {}
    for share in _count_shares(checkout, items, email=email).values() if items else ():
        if share.is_enough:
            continue
        found = share.choose_rivals(
            rival
            for rival in share.rivals
            if rival.is_removable(own_references=own_references, now=now)
        )
        if not found:
            return ()
        chosen |= {rival.reference: rival for rival in found}
    return tuple(chosen.values())


def _limited_items(checkout: Checkout) -> dict[int, CheckoutItem]:
    """The lines of the basket that one person may not have as many of as they like, by tier."""
    return {item.tier_id: item for item in checkout.items if item.tier.max_per_email is not None}


def _count_shares(
    checkout: Checkout,
    items: Mapping[int, CheckoutItem],
    *,
    email: str,
    own_references: Collection[str] = (),
) -> dict[int, _Share]:
    query = (
        select(
            OrderItem.tier_id,
            OrderItem.quantity,
            Order.id.label("order_id"),
            Order.status.label("order_status"),
            Checkout.reference,
            Checkout.paying_until,
            Payment.status,
            Payment.session_id,
            Payment.expires_at,
        )
        .join(Order, Order.id == OrderItem.order_id)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .outerjoin(
            Payment,
            (Payment.order_id == Order.id) & Payment.status.in_(LIVE_PAYMENT_STATUSES),
        )
        .where(
            OrderItem.tier_id.in_(items),
            Order.contact_email == email,
            Order.checkout_id != checkout.id,
            or_(
                Order.status.in_(_COUNTED),
                and_(Order.status == OrderStatus.PENDING, Payment.id.is_not(None)),
            ),
        )
    )
    shares = {
        tier_id: _Share(most=item.tier.max_per_email or 0, wanted=item.quantity)
        for tier_id, item in items.items()
    }
    for other in db.session.execute(query):
        share = shares[other.tier_id]
        share.is_own = share.is_own and other.reference in own_references
        if other.order_status in _COUNTED or other.status is PaymentStatus.PROCESSING:
            share.had += other.quantity
        else:
            # An attempt that never got a page is given up a little later than pages end.
            ends_at = other.expires_at if other.session_id else other.paying_until
            share.rivals.append(Rival(other.reference, other.order_id, ends_at, other.quantity))
    for share in shares.values():
        share.rivals.sort(key=lambda rival: rival.ends_at)
    return shares


def _sentence(share: _Share) -> str:
    if not share.is_own:
        return n_(
            "One person may have %(most)s of these, and with those that your email has already it"
            " would be more. Choose fewer or another kind. If you began to pay on another device,"
            " pay there or try again later."
        )
    if share.is_spent and share.left:
        return n_(
            "Your email has some of these already, and one person may have %(most)s."
            " Choose %(left)s at most."
        )
    if share.is_spent:
        return n_(
            "Your email has some of these already, and one person may have %(most)s, so none are"
            " left for you. Choose another kind."
        )
    if share.left:
        return n_(
            "A payment page for some of these is already open for your email, and one person may"
            " have %(most)s. Pay there, choose %(left)s at most, or try again at %(time)s."
        )
    return n_(
        "A payment page for these is already open for your email, and one person may have"
        " %(most)s. Pay there, or try again at %(time)s."
    )


def _facts(share: _Share, *, time_zone: str, now: datetime) -> dict[str, object]:
    if not share.is_own:
        return {"most": share.most}
    facts: dict[str, object] = {"most": share.most, "left": share.left}
    if not share.is_spent:
        ends_at = max(now, share.choose_rivals(share.rivals)[-1].ends_at)
        facts["time"] = Moment(whole_minute_after(ends_at), time_zone)
    return facts
