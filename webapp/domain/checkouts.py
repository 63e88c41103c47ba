"""A buyer's checkout: opened with its holds, changed, told who buys."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.domain import add_ons, checkout_rows, code_uses, codes, events, holds, orders
from webapp.domain.baskets import BasketLine, check_basket
from webapp.domain.checkout_prices import freeze_price
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS, HoldCaps, refuse_hoarding
from webapp.errors import CheckoutClosed, NotFound
from webapp.models import Checkout, CheckoutStatus, CheckoutStep, Code, CodeUse, Order

# Built once: every order runs them.
_COSTS_NOTHING = select(Checkout.total_cents == 0).where(
    Checkout.reference == bindparam("reference")
)
_LOCK = (
    select(Checkout)
    .where(Checkout.reference == bindparam("reference"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a checkout comes from. Both keys are digests, never addresses.

    ``client_key`` tells one browser from another, ``network_key`` one network;
    an empty key tells nothing.
    """

    client_key: str
    trace_id: str
    network_key: str = ""
    source: str = "web"
    campaign: str = ""
    device: str = "web"
    locale: str = "en"


def open_checkout(
    *,
    event_slug: str,
    lines: Sequence[BasketLine],
    contact: Contact,
    origin: Origin,
    caps: HoldCaps,
    now: datetime,
    code_id: int | None = None,
    before_places: Callable[[Checkout], object] = lambda _: None,
) -> Checkout:
    """Hold every place of the basket and a use of its code, or nothing, and open a checkout.

    ``before_places`` is called with the written checkout before its places are
    taken: what belongs into the same transaction but needs no stock goes there,
    so that other buyers wait for nothing but the commit.

    ``caps`` are those of one client, see :func:`webapp.domain.hold_caps.refuse_hoarding`.
    Raises :class:`NotFound`, :class:`InvalidRequest`, :class:`CodeRefused`,
    :class:`InsufficientInventory`, :class:`TooManyOpenHolds`, :class:`NetworkHoldsTooMuch`.
    """
    sale = events.get_sale(slug=event_slug, tier_ids={line.tier_id for line in lines}, now=now)
    event = sale.event
    code = codes.find_usable_code(code_id=code_id, event_id=event.id, now=now)
    basket = check_basket(tiers=sale.tiers, lines=lines, now=now, code=code)
    refuse_hoarding(
        client_key=origin.client_key,
        network_key=origin.network_key,
        basket=basket,
        caps=caps,
        now=now,
    )
    checkout = Checkout(
        reference=secrets.token_hex(10),
        event=event,
        event_id=event.id,
        client_key=origin.client_key,
        network_key=origin.network_key,
        trace_id=origin.trace_id,
        source=origin.source,
        campaign=origin.campaign,
        device=origin.device,
        locale=origin.locale,
        contact_email=contact.email,
        contact_name=contact.name,
        contact_phone=contact.phone,
        draft_email=None,
        draft_name=None,
        draft_phone=None,
        attendees_share_name=False,
        buyer_attends=False,
        status=CheckoutStatus.PENDING,
        reached=CheckoutStep.CONTACT if contact.email else CheckoutStep.OPENED,
        paying_until=None,
        created_at=now,
        code_id=code_id,
        code_use=CodeUse.NONE if code is None else CodeUse.HELD,
    )
    holds.start_hold(checkout, now=now)
    items = freeze_price(checkout, basket, event=event)
    checkout_rows.insert_checkout(checkout, items=items, places=basket.places)
    before_places(checkout)
    holds.take_places(checkout=checkout, places=basket.places, now=now)
    return checkout


def get_checkout(*, reference: str) -> Checkout:
    """The checkout with its event and lines. Raises :class:`NotFound`."""
    query = (
        select(Checkout)
        .where(Checkout.reference == reference)
        .options(selectinload(Checkout.items), selectinload(Checkout.event))
    )
    checkout = db.session.scalars(query).one_or_none()
    if checkout is None:
        raise NotFound
    return checkout


def costs_nothing(*, reference: str) -> bool:
    """Whether there is a checkout of that reference, and nothing to pay for it now."""
    return bool(db.session.scalar(_COSTS_NOTHING, {"reference": reference}))


def lock_checkout(*, reference: str) -> Checkout:
    """The checkout, fresh, and nobody else's until the transaction ends.

    First in the lock order: checkout, order, payment, address, codes, holds, pools, counters.
    Raises :class:`NotFound`.
    """
    checkout = db.session.scalars(_LOCK, {"reference": reference}).one_or_none()
    if checkout is None:
        raise NotFound
    return checkout


def change_items(
    *, reference: str, lines: Sequence[BasketLine], now: datetime, caps: HoldCaps = NO_CAPS
) -> Checkout:
    """Replace the basket and renew the hold: a person's gesture. The code stays.

    The caller's own places count as free, and a refusal leaves the old basket
    as it was (the transaction is rolled back). A checkout whose hold has
    expired gets its places again if they are left, within ``caps``. Raises
    :class:`CheckoutClosed`, :class:`SalesClosed`, :class:`InvalidRequest`,
    :class:`InsufficientInventory`, :class:`HoldLimitReached`,
    :class:`TooManyOpenHolds`, :class:`NetworkHoldsTooMuch`,
    :class:`PaymentPending` once money is on its way or a person looks at it,
    and :class:`CodeRefused` when a code that lapsed with the hold cannot be had again.
    """
    checkout = _lock_changeable(reference)
    code = codes.keep_code(checkout=checkout, now=now)
    return _change(checkout, lines, code, now=now, caps=caps)


def change_choice(
    *,
    reference: str,
    lines: Sequence[BasketLine],
    code_id: int | None,
    now: datetime,
    caps: HoldCaps = NO_CAPS,
) -> Checkout:
    """Replace basket and code together, as :func:`change_items` does the basket.

    ``code_id`` None takes the code away. Raises what :func:`change_items` raises.
    """
    checkout = _lock_changeable(reference)
    code = codes.find_code_for(checkout=checkout, code_id=code_id, now=now)
    return _change(checkout, lines, code, now=now, caps=caps)


def extend_hold(*, reference: str, now: datetime) -> Checkout:
    """Grant "I need more time"; see :func:`webapp.domain.holds.extend_hold` for the refusals."""
    checkout = lock_checkout(reference=reference)
    holds.extend_hold(checkout=checkout, now=now)
    return checkout


def set_contact(*, checkout: Checkout, contact: Contact) -> Checkout:
    """Keep who buys, also while the hold has run out: nothing typed is lost.

    The caller holds the checkout's lock. Raises :class:`CheckoutClosed` once it was
    paid for or cancelled.
    """
    if checkout.status not in {CheckoutStatus.PENDING, CheckoutStatus.EXPIRED}:
        raise CheckoutClosed
    checkout.contact_email = contact.email
    checkout.contact_name = contact.name
    checkout.contact_phone = contact.phone
    if contact.email:
        checkout.note_step(CheckoutStep.CONTACT)
    checkout.draft_email = checkout.draft_name = checkout.draft_phone = None
    return checkout


def _lock_changeable(reference: str) -> Checkout:
    checkout = lock_checkout(reference=reference)
    _refuse_closed(checkout)
    holds.refuse_while_paying(checkout=checkout)
    orders.refuse_unsettled(checkout_id=checkout.id)
    return checkout


def _change(
    checkout: Checkout,
    lines: Sequence[BasketLine],
    code: Code | None,
    *,
    now: datetime,
    caps: HoldCaps,
) -> Checkout:
    sale = events.get_sale(
        slug=checkout.event.slug, tier_ids={line.tier_id for line in lines}, now=now
    )
    basket = check_basket(tiers=sale.tiers, lines=lines, now=now, code=code)
    add_ons.refuse_tickets(checkout_id=checkout.id, basket=basket)
    # What lapsed is held anew, so it counts anew against the caps.
    refuse_hoarding(
        client_key=checkout.client_key,
        network_key=checkout.network_key,
        basket=basket,
        caps=caps,
        now=now,
        own=checkout,
    )
    holds.renew_hold(checkout, now=now)
    checkout.status = CheckoutStatus.PENDING
    if checkout.contact_email:
        # It may have been typed while the time was up.
        checkout.note_step(CheckoutStep.CONTACT)
    checkout.items.clear()
    # The old lines go before the new ones come: (checkout, tier) is unique.
    db.session.flush()
    checkout.items.extend(freeze_price(checkout, basket, event=sale.event))
    db.session.flush()
    code_uses.change_use(checkout=checkout, code_id=code.id if code else None, now=now)
    holds.replace_holds(checkout=checkout, places=basket.places, now=now)
    return checkout


def _refuse_closed(checkout: Checkout) -> None:
    """Raise :class:`CheckoutClosed` when the basket may not change any more.

    An expired checkout may come back while nothing was ordered with it; once
    an order has expired its number and history stay as they are.
    """
    if checkout.status is CheckoutStatus.PENDING:
        return
    has_order = db.session.scalar(select(Order.id).where(Order.checkout_id == checkout.id))
    if checkout.status is not CheckoutStatus.EXPIRED or has_order is not None:
        raise CheckoutClosed
