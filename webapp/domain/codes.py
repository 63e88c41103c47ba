"""Codes that buyers type: recognised, and judged whether they may be used now."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select

from webapp.database import db
from webapp.errors import CodeRefused, UnknownCode
from webapp.models import Checkout, CheckoutStatus, Code, CodeStatus, CodeUse, Event
from webapp.wording import n_

MAX_LENGTH = 40

# One sentence for whatever is not a code of the event: a guess learns nothing.
UNKNOWN = n_("We do not know this code. Check its spelling, or go on without it.")
TOO_EARLY = n_("This code cannot be used yet. Try again later, or go on without it.")
EXPIRED = n_("This code has expired. Go on without it, or try another one.")
USED_UP = n_("This code has been used up. Go on without it, or try another one.")


def lookup_key(text: str) -> str:
    """How a code is compared: upper case, letters and digits only, whatever was typed around."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in folded if sign.isascii() and sign.isalnum())


def recognise_code(*, event_slug: str, text: str, now: datetime) -> Code:
    """The event's code that was typed, if it may be used now.

    The look-up is one probe of a unique index: a hit and a miss differ by less
    than a network's noise, and attempts are limited at the edge. Raises
    :class:`CodeRefused`; only who knows a code is told why it cannot be used.
    """
    key = lookup_key(text)
    query = (
        select(Code)
        .join(Event, Event.id == Code.event_id)
        .where(Event.slug == event_slug, Code.lookup_key == key)
        .execution_options(populate_existing=True)
    )
    code = db.session.scalars(query).one_or_none() if 0 < len(key) <= MAX_LENGTH else None
    return _usable(code, now=now)


def find_usable_code(*, code_id: int | None, event_id: int, now: datetime) -> Code | None:
    """The named code if it may be used now, None without a name. Raises :class:`CodeRefused`."""
    if code_id is None:
        return None
    return get_usable_code(code_id=code_id, event_id=event_id, now=now)


def get_usable_code(*, code_id: int, event_id: int, now: datetime) -> Code:
    """A code that was recognised before, if it may be used now. Raises :class:`CodeRefused`."""
    query = (
        select(Code)
        .where(Code.id == code_id, Code.event_id == event_id)
        .execution_options(populate_existing=True)
    )
    return _usable(db.session.scalars(query).one_or_none(), now=now)


def find_buyers_code(
    *, code_id: int | None, event_slug: str, references: Sequence[str], now: datetime
) -> Code | None:
    """The code that a browser was let use, while it still may be; None without one.

    A use that one of its own checkouts holds is its own, also when it is the last.
    Raises :class:`CodeRefused`.
    """
    if code_id is None:
        return None
    query = (
        select(Code)
        .join(Event, Event.id == Code.event_id)
        .where(Code.id == code_id, Event.slug == event_slug)
        .execution_options(populate_existing=True)
    )
    code = db.session.scalars(query).one_or_none()
    is_held = exists().where(
        Checkout.reference.in_(references),
        Checkout.code_id == code_id,
        Checkout.code_use == CodeUse.HELD,
        Checkout.status == CheckoutStatus.PENDING,
        Checkout.expires_at > now,
    )
    if code is not None and references and db.session.scalar(select(is_held)):
        return code
    return _usable(code, now=now)


def keep_code(*, checkout: Checkout, now: datetime) -> Code | None:
    """The checkout's own code, None without one.

    A use that is still held was granted and stays granted; one that lapsed with
    its hold is judged anew. Raises :class:`CodeRefused`.
    """
    if checkout.code_id is None:
        return None
    if checkout.code_use is CodeUse.HELD and checkout.is_open(now=now):
        return checkout.code
    return get_usable_code(code_id=checkout.code_id, event_id=checkout.event_id, now=now)


def find_code_for(*, checkout: Checkout, code_id: int | None, now: datetime) -> Code | None:
    """The code that a checkout is to have from now on, its own one or another, None for none.

    Raises :class:`CodeRefused`.
    """
    if code_id == checkout.code_id:
        return keep_code(checkout=checkout, now=now)
    return find_usable_code(code_id=code_id, event_id=checkout.event_id, now=now)


def holds_lapsed_use(*, code_id: int, now: datetime) -> ColumnElement[bool]:
    """Whether a checkout holds a use of the code that is free to whoever wants it."""
    return and_(
        Checkout.code_id == code_id,
        Checkout.code_use == CodeUse.HELD,
        Checkout.status == CheckoutStatus.PENDING,
        Checkout.paying_until.is_(None),
        Checkout.expires_at <= now,
    )


def _usable(code: Code | None, *, now: datetime) -> Code:
    """The code. Raises :class:`CodeRefused` when it is none, or cannot be used at ``now``."""
    if code is None or code.status is not CodeStatus.ACTIVE:
        raise UnknownCode(UNKNOWN)
    if code.valid_from is not None and now < code.valid_from:
        raise CodeRefused(TOO_EARLY)
    if code.valid_until is not None and now >= code.valid_until:
        raise CodeRefused(EXPIRED)
    # Told early for the buyer's sake; the counters decide when a basket is held.
    if code.max_uses is not None and _count_taken(code, now=now) >= code.max_uses:
        raise CodeRefused(USED_UP)
    return code


def _count_taken(code: Code, *, now: datetime) -> int:
    """Uses that were paid for, and those of holds that still stand."""
    lapsed = select(func.count()).where(holds_lapsed_use(code_id=code.id, now=now))
    return code.held + code.used - int(db.session.scalar(lapsed) or 0)
