"""Lost mails: links to an address's orders, mailed to that address and shown to nobody."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.database import db
from webapp.domain import emails, outbox, transfer_mails
from webapp.domain.access import ORDER_LINK_GRACE
from webapp.domain.contacts import parse_contact
from webapp.domain.name_locks import lock_name
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import Event, Order, OrderLookup
from webapp.models.order import WITH_MONEY
from webapp.wording import n_

# So often may one address be written to within the window.
MOST_LOOKUPS = 3
WINDOW = timedelta(hours=1)
KEPT_FOR = timedelta(days=2)
# One mail lists this many orders, the newest first.
MOST_ORDERS = 50


def request_lookup(*, email: str, now: datetime, trace_id: str) -> None:
    """Note that somebody wants the orders of ``email``; a job looks for them.

    Nothing is looked up here, so that neither the answer nor the time that it
    takes says whether the address has orders. An address that was asked for too
    often gets no further mail, silently. Raises :class:`InvalidRequest` for
    ``contact.email``.
    """
    address = parse_contact(email=email, name="", phone="").email
    if not address:
        fault = n_("Enter the email that you gave when you bought.")
        raise InvalidRequest([FieldFault("contact.email", fault)])
    # Two requests at once must not both be the last that is allowed.
    lock_name(f"order-lookup:{address}")
    count = db.session.scalar(
        select(func.count())
        .select_from(OrderLookup)
        .where(OrderLookup.email == address, OrderLookup.requested_at > now - WINDOW)
    )
    if (count or 0) >= MOST_LOOKUPS:
        return
    lookup = OrderLookup(email=address, requested_at=now)
    db.session.add(lookup)
    db.session.flush()
    outbox.add_work(
        kind=outbox.FIND_ORDERS,
        subject_id=lookup.id,
        key=str(lookup.id),
        now=now,
        trace_id=trace_id,
    )


def answer_lookup(*, lookup_id: int, now: datetime, trace_id: str) -> None:
    """Make one mail with all orders of the address due, and one for each ticket it was given.

    Safe to repeat. The mail belongs to the newest order, and its number is the
    lookup's: a repeat writes no second one.
    """
    lookup = db.session.get(OrderLookup, lookup_id)
    if lookup is None:
        return
    found = list_orders_of(email=lookup.email, now=now)
    if found:
        emails.queue_email(
            order_id=found[0].id,
            kind=emails.ORDER_LINKS,
            sequence=lookup.id,
            # To who asked, whatever the search may have found.
            recipient=lookup.email,
            now=now,
            trace_id=trace_id,
        )
    transfer_mails.mail_received_again(
        # The first is that of the acceptance.
        email=lookup.email,
        sequence=lookup.id + 1,
        now=now,
        trace_id=trace_id,
    )


def list_orders_of(*, email: str, now: datetime) -> list[Order]:
    """The address's orders whose links still open, the newest first, with their events."""
    query = (
        select(Order)
        .join(Order.event)
        .where(
            func.lower(Order.contact_email) == email.lower(),
            Order.status.in_(WITH_MONEY),
            Event.ends_at > now - ORDER_LINK_GRACE,
        )
        .order_by(Order.id.desc())
        .limit(MOST_ORDERS)
    )
    return list(db.session.scalars(query))
