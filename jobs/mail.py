"""Background work at the mail provider."""

from webapp.documents.order_mail import compose_mail
from webapp.flows import mail
from webapp.flows.endings import Finish
from webapp.ports import ports


def send_email(email_message_id: int, finish: Finish) -> None:
    """Send one mail, once."""
    mail.send_email(
        email_message_id=email_message_id, composer=compose_mail, ports=ports(), finish=finish
    )
