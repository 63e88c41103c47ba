"""The mail that takes a checkout to another device, in the buyer's language."""

from datetime import datetime

from flask_babel import force_locale

from webapp.documents.mail_message import render_mail
from webapp.domain import access, checkout_mails
from webapp.extensions import signer
from webapp.formats import event_time_text, time_text
from webapp.links import absolute_url
from webapp.models import EmailMessage
from webapp.ports import MailMessage


def compose_checkout_mail(
    email: EmailMessage, *, checkout_id: int, now: datetime
) -> MailMessage | None:
    """The message of ``email``; None once its link opens nothing any more.

    Reads the checkout; needs an application context.
    """
    checkout = checkout_mails.get_checkout_for_mail(checkout_id=checkout_id)
    if now >= access.handover_ends_at(checkout):
        return None
    event = checkout.event
    with force_locale(checkout.locale):
        context = {
            "event": event,
            "when": event_time_text(event, locale=checkout.locale),
            "until": time_text(
                access.handover_ends_at(checkout),
                time_zone=event.time_zone,
                locale=checkout.locale,
            ),
            "link_url": absolute_url(
                "checkout.open_handover", sealed=access.seal_handover(signer(), checkout)
            ),
        }
        return render_mail(email, context)
