"""Checkouts that came to nothing: who they were of is forgotten, what was wanted is kept."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from webapp.database import db
from webapp.models import (
    Checkout,
    CheckoutAttendee,
    CheckoutStatus,
    EmailMessage,
    Order,
    OrderStatus,
    OrderTransition,
)
from webapp.models.ledger import UNDER_WAY

# Long enough to come back to a tab that stayed open, or to ask what went wrong.
KEPT_FOR = timedelta(days=7)
# A renewal that was granted at the last moment is written by then.
BEING_WRITTEN = timedelta(minutes=1)
_ENDED = (OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.FAILED)


def is_given_up(*, now: datetime) -> ColumnElement[bool]:
    """Whether a checkout came to nothing. Of no checkout it is ever untrue again.

    One whose time ran out may be taken up again until the limit of its hold, and
    counts from then on. Late money makes no difference: it was given up before.
    """
    paid_late = (
        select(Order.checkout_id)
        .join(OrderTransition, OrderTransition.order_id == Order.id)
        .where(OrderTransition.from_status.in_(_ENDED))
    )
    return or_(
        Checkout.status == CheckoutStatus.CANCELLED,
        and_(
            Checkout.status == CheckoutStatus.EXPIRED,
            Checkout.hold_limit_at <= now - BEING_WRITTEN,
        ),
        Checkout.id.in_(paid_late),
    )


def forget_persons(*, now: datetime, limit: int) -> int:
    """Forget who began checkouts that ended :data:`KEPT_FOR` ago; answer how many it were.

    Contact, drafts, typed names and the addresses of mails with a link go; basket, prices
    and times stay. A checkout with an order keeps everything: the order tells of
    money, or of money that may yet come. Safe to repeat and to run twice at once.
    """
    checkout_ids = _lock(_has_person(), now=now, limit=limit)
    if len(checkout_ids) < limit:
        # Somebody typed the names of friends and nothing about themselves.
        has_names = exists().where(CheckoutAttendee.checkout_id == Checkout.id)
        checkout_ids += _lock(
            and_(has_names, ~_has_person()), now=now, limit=limit - len(checkout_ids)
        )
    if not checkout_ids:
        return 0
    db.session.execute(
        delete(CheckoutAttendee).where(CheckoutAttendee.checkout_id.in_(checkout_ids))
    )
    db.session.execute(
        update(EmailMessage)
        .where(
            EmailMessage.checkout_id.in_(checkout_ids),
            EmailMessage.status.not_in(UNDER_WAY),
        )
        .values(recipient="")
    )
    db.session.execute(
        update(Checkout)
        .where(Checkout.id.in_(checkout_ids))
        .values(
            contact_email="",
            contact_name="",
            contact_phone="",
            draft_email=None,
            draft_name=None,
            draft_phone=None,
        )
    )
    return len(checkout_ids)


def _has_person() -> ColumnElement[bool]:
    """As the index ``checkouts_person_ended_idx`` has it."""
    return or_(
        Checkout.contact_email != "",
        Checkout.contact_name != "",
        Checkout.contact_phone != "",
        Checkout.draft_email.is_not(None),
        Checkout.draft_name.is_not(None),
        Checkout.draft_phone.is_not(None),
    )


def _lock(matches: ColumnElement[bool], *, now: datetime, limit: int) -> list[int]:
    query = (
        select(Checkout.id)
        .where(
            Checkout.status.in_([CheckoutStatus.EXPIRED, CheckoutStatus.CANCELLED]),
            Checkout.expires_at < now - KEPT_FOR,
            matches,
            ~exists().where(Order.checkout_id == Checkout.id),
        )
        .order_by(Checkout.expires_at)
        .limit(limit)
        .with_for_update(of=Checkout, skip_locked=True)
    )
    return list(db.session.scalars(query))
