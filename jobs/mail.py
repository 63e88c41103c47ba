"""Background work at the mail provider."""

from webapp.documents.checkout_mail import compose_checkout_mail
from webapp.documents.event_mail import compose_event_mail
from webapp.documents.order_mail import compose_mail
from webapp.documents.transfer_mail import compose_transfer_mail
from webapp.flows import mail
from webapp.flows.endings import Finish
from webapp.models import EmailMessage
from webapp.ports import MailMessage, ports


def send_email(email_message_id: int, finish: Finish) -> None:
    """Send one mail, once."""
    mail.send_email(
        email_message_id=email_message_id, composer=compose, ports=ports(), finish=finish
    )


def compose(email: EmailMessage) -> MailMessage | None:
    """The message of a mail, whatever it is about; None when it has nothing to say any more."""
    now = ports().utc_now()
    if email.event_id is not None:
        return compose_event_mail(email, event_id=email.event_id, now=now)
    if email.checkout_id is not None:
        return compose_checkout_mail(email, checkout_id=email.checkout_id, now=now)
    if email.transfer_claim_id is not None:
        return compose_transfer_mail(email, claim_id=email.transfer_claim_id, now=now)
    return compose_mail(email)
