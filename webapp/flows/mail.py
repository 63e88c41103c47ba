"""Sending one mail: claimed before the provider is called, marked after, keyed in between."""

import logging
from collections.abc import Callable

from webapp import failpoints
from webapp.domain import deliveries, emails
from webapp.flows.endings import Finish, nothing_to_finish
from webapp.models import Delivery, EmailMessage, WebhookEvent
from webapp.ports import MailMessage, MailRefused, Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

log = logging.getLogger(__name__)

# None when there is nothing left to say: the tickets were refunded, the event is over.
Composer = Callable[[EmailMessage], MailMessage | None]


def send_email(
    *,
    email_message_id: int,
    composer: Composer,
    ports: Ports,
    finish: Finish = nothing_to_finish,
) -> None:
    """Send a mail once; a second call is a no-op.

    A process that dies after the provider took the mail and before we noted it
    sends again with the same key, and the provider drops the copy. Raises
    :class:`MailUnavailable`, or :class:`MailRefused` with the mail marked failed.
    """
    with transaction():
        email = emails.claim_email(email_message_id=email_message_id)
        if email is None:
            finish()
            return
        message = composer(email)
        if message is None:
            emails.mark_dropped(email_message_id=email_message_id)
            finish()
            return
    try:
        provider_message_id = ports.mailer.send(message)
        failpoints.reach("mail.after_send")
    except MailRefused:
        with transaction():
            emails.mark_failed(email_message_id=email_message_id)
        raise
    with transaction():
        emails.mark_sent(
            email_message_id=email_message_id,
            provider_message_id=provider_message_id,
            now=ports.utc_now(),
        )
        finish()


def note_delivery(event: WebhookEvent, *, ports: Ports) -> None:
    """Note what a notice says became of a mail, and warn when it did not arrive well.

    Within the caller's transaction. Raises :class:`webapp.domain.deliveries.UnknownMail`.
    """
    email = deliveries.note_delivery(event, now=ports.utc_now(), trace_id=current_trace_id())
    if email is not None and email.delivery is not Delivery.DELIVERED:
        log.warning(
            "mail did not arrive well",
            extra={
                "email_message_id": email.id,
                "kind": email.kind,
                "delivery": email.delivery.value,
            },
        )
