"""Another address for an order whose mail did not arrive: nobody there has seen the tickets."""

from datetime import datetime

from webapp.domain import audit, emails, orders, resends
from webapp.domain.contacts import parse_contact
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import EmailMessage, Order
from webapp.order_refusals import AddressInUse, TooManyMails
from webapp.wording import n_


def can_correct_email(order: Order, *, confirmation: EmailMessage | None) -> bool:
    """Whether the order's address is one that its newest confirmation did not arrive at."""
    is_undelivered = confirmation is not None and confirmation.is_undelivered
    return is_undelivered and resends.can_resend(order)


def correct_email(*, order_id: int, email: str, now: datetime, trace_id: str) -> None:
    """Put another address on the order and mail it there. A repeat is a no-op.

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
