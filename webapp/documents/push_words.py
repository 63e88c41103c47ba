"""What a browser shows while no page is open, in the language of the page that asked for it."""

import hashlib
import json
from datetime import datetime

from flask_babel import force_locale, gettext

from webapp.domain import push_messages, ticket_access
from webapp.domain.ticket_access import SeenStatus
from webapp.formats import day_text, time_text
from webapp.models import Event, EventStatus, PushMessage
from webapp.push_ports import PushNotice

# Push services take 32 characters.
TOPIC_LENGTH = 32


def compose_push(message: PushMessage, *, now: datetime) -> PushNotice | None:
    """The notice of ``message``; None when it is true no more.

    It names the event and a time, and nobody.
    """
    ticket = push_messages.get_ticket_for_push(message)
    event = ticket.order.event
    if not _is_true(message, event):
        return None
    locale = message.subscription.locale
    topic = hashlib.sha256(f"{message.kind}/{message.subject}".encode()).hexdigest()
    with force_locale(locale):
        payload = {
            "title": event.title,
            "body": _body(message, event, locale),
            "url": f"/wallet/tickets/{ticket.id}",
            "tag": topic[:TOPIC_LENGTH],
            "lang": locale.replace("_", "-"),
        }
    return PushNotice(
        endpoint=message.subscription.endpoint,
        p256dh=message.subscription.p256dh,
        auth=message.subscription.auth,
        payload=json.dumps(payload),
        ttl_seconds=max(0, int((message.expires_at - now).total_seconds())),
        topic=topic[:TOPIC_LENGTH],
    )


def _is_true(message: PushMessage, event: Event) -> bool:
    """Whether the wallet still holds the ticket, or still does not: it may have gone on since."""
    seen = ticket_access.find_wallet_ticket(
        wallet_id=message.subscription.wallet_copy.wallet_id, ticket_id=message.ticket_id
    )
    if seen is None:
        return False
    if message.kind == push_messages.TICKET_GIVEN:
        return seen.status is SeenStatus.GIVEN
    return seen.status is SeenStatus.VALID and event.status is EventStatus.PUBLISHED


def _body(message: PushMessage, event: Event, locale: str) -> str:
    day = day_text(message.moment, time_zone=event.time_zone, locale=locale)
    time = time_text(message.moment, time_zone=event.time_zone, locale=locale)
    texts: dict[str, str] = {
        push_messages.DOORS_OPEN: gettext(
            "Begins at %(time)s. Open your ticket now to have it ready.", time=time
        ),
        push_messages.SCHEDULE_CHANGED: gettext(
            "New time: %(day)s, %(time)s. Your ticket stays valid.", day=day, time=time
        ),
        push_messages.TICKET_RECEIVED: gettext(
            "A ticket is yours now. Open it once, and it shows with no signal, too."
        ),
        push_messages.TICKET_GIVEN: gettext(
            "Your ticket went to somebody else. Its code here opens nothing any more."
        ),
    }
    return texts[message.kind]
