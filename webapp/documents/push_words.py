"""What a browser shows while no page is open, in the language of the page that asked for it."""

import hashlib
import json
from datetime import datetime

from flask_babel import force_locale, gettext

from webapp.domain import push_messages
from webapp.formats import day_text, time_text
from webapp.models import Event, EventStatus, PushMessage, TicketStatus
from webapp.push_ports import PushNotice

# About a valid ticket only; that one was given away is news of a ticket that is not theirs.
_OF_VALID_TICKETS = frozenset({push_messages.DOORS_OPEN, push_messages.SCHEDULE_CHANGED})
# Push services take 32 characters.
TOPIC_LENGTH = 32


def compose_push(message: PushMessage, *, now: datetime) -> PushNotice | None:
    """The notice of ``message``; None when it is true no more.

    It names the event and a time, and nobody.
    """
    ticket = push_messages.get_ticket_for_push(message)
    event = ticket.order.event
    is_off = ticket.status is TicketStatus.VOID or event.status is not EventStatus.PUBLISHED
    if message.kind in _OF_VALID_TICKETS and is_off:
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
