"""Mails about a checkout that has not led to an order: the link to another device."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.database import db
from webapp.domain import checkouts, contacts, emails
from webapp.domain.name_locks import lock_name
from webapp.errors import FieldFault, InvalidRequest, TooManyLinkMails
from webapp.models import Checkout, EmailMessage, EmailStatus
from webapp.wording import n_

CHECKOUT_LINK = "checkout_link"
# A lost mail may be asked for again; nobody's mailbox is filled from here.
MOST_FOR_CHECKOUT = 3
MOST_FOR_ADDRESS = 6
ADDRESS_WINDOW = timedelta(hours=1)


def next_number(*, checkout_id: int) -> int:
    """The number of the next mail with a link, from 1: a form carries it, to be sent once."""
    return _count_sent(checkout_id) + 1


def queue_checkout_link(*, reference: str, number: int, now: datetime, trace_id: str) -> str:
    """Write mail ``number`` with the checkout's link down and make it due; answer its address.

    It goes to the address typed in the checkout and to no other. A number that
    was sent before is a repeat and sends nothing. Raises
    :class:`InvalidRequest` without an address, :class:`TooManyLinkMails`.
    """
    checkout = checkouts.lock_checkout(reference=reference)
    recipient = _typed_address(checkout)
    sent = _count_sent(checkout.id)
    if number <= sent:
        return recipient
    # Two checkouts at once must not both send the last mail that the address may get.
    lock_name(f"link-mail:{recipient.lower()}")
    if sent >= MOST_FOR_CHECKOUT or _count_to(recipient, now=now) >= MOST_FOR_ADDRESS:
        raise TooManyLinkMails
    email = EmailMessage(
        checkout_id=checkout.id,
        kind=CHECKOUT_LINK,
        sequence=sent + 1,
        recipient=recipient,
        idempotency_key=f"{CHECKOUT_LINK}/{checkout.reference}/{sent + 1}",
        status=EmailStatus.QUEUED,
        created_at=now,
    )
    db.session.add(email)
    db.session.flush()
    emails.make_due(email.id, now=now, trace_id=trace_id)
    return recipient


def get_checkout_for_mail(*, checkout_id: int) -> Checkout:
    """The checkout with its event."""
    return db.session.get_one(Checkout, checkout_id)


def _typed_address(checkout: Checkout) -> str:
    address = checkout.contact_email
    if checkout.draft_email is not None:
        address = contacts.check_contact(email=checkout.draft_email, name="", phone="")[0].email
    if not address:
        sentence = n_("Type your email into the checkout first, then ask for the link again.")
        raise InvalidRequest([FieldFault("email", sentence)])
    return address


def _count_sent(checkout_id: int) -> int:
    query = select(func.coalesce(func.max(EmailMessage.sequence), 0)).where(
        EmailMessage.checkout_id == checkout_id, EmailMessage.kind == CHECKOUT_LINK
    )
    return int(db.session.scalar(query) or 0)


def _count_to(recipient: str, *, now: datetime) -> int:
    query = select(func.count()).where(
        # Most providers ignore case: each spelling would be one more mailbox to fill.
        func.lower(EmailMessage.recipient) == recipient.lower(),
        EmailMessage.checkout_id.is_not(None),
        EmailMessage.created_at > now - ADDRESS_WINDOW,
    )
    return int(db.session.scalar(query) or 0)
