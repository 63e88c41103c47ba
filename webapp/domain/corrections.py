"""Another address for an order whose mail did not arrive.

Somebody there may have got an earlier one, a stranger where the address was
mistyped: nothing that was mailed to it opens the order or a door then.
"""

from datetime import datetime

from sqlalchemy import exists, or_, select, update

from webapp.database import db
from webapp.domain import audit, emails, link_revocations, orders, resends
from webapp.domain.contacts import check_contact, parse_contact
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import EmailMessage, EmailStatus, Order
from webapp.models.ledger import UNDELIVERED
from webapp.order_refusals import AddressInUse, TooManyMails
from webapp.wording import n_


def can_correct_email(order: Order, *, confirmation: EmailMessage | None) -> bool:
    """Whether the order's address is one that its newest confirmation did not arrive at."""
    is_undelivered = confirmation is not None and confirmation.is_undelivered
    return is_undelivered and resends.can_resend(order)


def has_arrived(order: Order) -> bool:
    """Whether anything that opens the order may have arrived at its present address.

    A link of the checkout opens it, too, and so does a mail that somebody asked for
    who lost the others.
    """
    query = select(
        exists().where(
            EmailMessage.recipient == order.contact_email,
            or_(
                EmailMessage.order_id == order.id,
                EmailMessage.checkout_id == order.checkout_id,
                EmailMessage.kind == emails.ORDER_LINKS,
            ),
            EmailMessage.status.in_([EmailStatus.SENDING, EmailStatus.SENT]),
            EmailMessage.delivery.not_in(UNDELIVERED),
        )
    )
    return bool(db.session.scalar(query))


def was_just_corrected(order: Order, *, email: str, now: datetime) -> bool:
    """Whether ``email`` is the address that the order got within :data:`resends.PAUSE`.

    Who sends the same form twice may have missed the first answer, and with it
    what opens the order from then on.
    """
    contact, _ = check_contact(email=email, name="", phone="")
    last = resends.find_confirmation(order_id=order.id)
    if not contact.email or contact.email != order.contact_email or last is None:
        return False
    query = select(EmailMessage.recipient).where(
        EmailMessage.order_id == order.id,
        EmailMessage.kind == emails.ORDER_CONFIRMATION,
        EmailMessage.sequence == last.sequence - 1,
    )
    before = db.session.scalar(query)
    is_another = before is not None and before != contact.email
    return is_another and now < last.created_at + resends.PAUSE


def correct_email(*, order_id: int, email: str, now: datetime, trace_id: str) -> None:
    """Put another address on the order and mail it there. A repeat is a no-op.

    Where an earlier mail may have arrived at the old address, all links of the order
    end and its tickets get other codes; the caller lets the buyer's browser in anew.
    Raises :class:`InvalidRequest` for ``contact.email``, :class:`AddressInUse` when the
    mail to the present address arrived or is on its way, and :class:`TooManyMails`.
    """
    address = parse_contact(email=email, name="", phone="").email
    if not address:
        raise InvalidRequest(
            [FieldFault("contact.email", n_("Enter the email we should send your tickets to."))]
        )
    # The lock makes two clicks one after the other.
    order = orders.lock_order(order_id=order_id)
    last = resends.find_confirmation(order_id=order.id)
    is_repeated = address == order.contact_email and last is not None and last.is_under_way
    if is_repeated:
        return
    if last is None or not can_correct_email(order, confirmation=last):
        raise AddressInUse
    if last.sequence >= resends.MOST_MAILS:
        raise TooManyMails
    # First: a mail that a worker takes up meanwhile is seen to be going out.
    _redirect_waiting_mails(order, address=address)
    if address != order.contact_email and has_arrived(order):
        link_revocations.end_links(order, actor="buyer", now=now, trace_id=trace_id)
    order.contact_email = address
    audit.note(
        subject="order",
        subject_id=order.id,
        action="email_corrected",
        actor="buyer",
        details={"refused_by": last.delivery.value},
        now=now,
        trace_id=trace_id,
    )
    emails.queue_email(
        order_id=order.id,
        kind=emails.ORDER_CONFIRMATION,
        sequence=last.sequence + 1,
        now=now,
        trace_id=trace_id,
    )


def _redirect_waiting_mails(order: Order, *, address: str) -> None:
    """Let nothing about the order go to the old address any more: it would have the new link.

    A mail that a worker has begun to send stays as it is: its key at the mail
    service stands for one recipient. So does the answer to who asked for lost
    mails, which has the orders of whom it goes to.
    """
    db.session.execute(
        update(EmailMessage)
        .where(
            EmailMessage.order_id == order.id,
            EmailMessage.kind != emails.ORDER_LINKS,
            EmailMessage.status == EmailStatus.QUEUED,
        )
        .values(recipient=address)
    )
