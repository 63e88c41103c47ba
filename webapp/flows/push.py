"""Sending one message to one browser: looked at before the push service is called, marked after."""

from collections.abc import Callable
from datetime import datetime, timedelta

from webapp.domain import push_messages, push_subscriptions, schedule_changes
from webapp.flows.endings import Finish, nothing_to_finish
from webapp.models import PushMessage
from webapp.ports import Ports
from webapp.push_ports import PushGone, PushNotice, PushRefused, PushUnavailable
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

PERIOD = timedelta(seconds=30)
# So many a second: mails share the worker, and a push service answers within a fraction of one.
PER_SECOND = 5

# None when what it would say is true no more.
PushComposer = Callable[[PushMessage, datetime], PushNotice | None]
Counts = dict[str, int]


def write_pushes(*, ports: Ports) -> Counts:
    """Write what phones have to be told down, as much as can go out. Safe to repeat and double."""
    now, trace_id, spacing = ports.utc_now(), current_trace_id(), timedelta(seconds=1) / PER_SECOND
    limit = int(PERIOD.total_seconds()) * PER_SECOND
    with transaction():
        beginning = push_messages.write_beginning(
            now=now, trace_id=trace_id, limit=limit, spacing=spacing
        )
    with transaction():
        changes = schedule_changes.write_change_pushes(
            now=now, trace_id=trace_id, limit=limit - beginning, spacing=spacing
        )
    return {"pushes_written": beginning + changes}


def send_push(
    *,
    push_message_id: int,
    composer: PushComposer,
    ports: Ports,
    finish: Finish = nothing_to_finish,
) -> None:
    """Send a message once, if it still has something to say; a second call is a no-op.

    A process that dies after the push service took it sends again under the same
    topic and tag, and the browser shows one. A browser that is gone takes its
    subscription with it. Raises :class:`PushUnavailable`.
    """
    now = ports.utc_now()
    with transaction():
        message = push_messages.claim_push(push_message_id=push_message_id, now=now)
        notice = composer(message, now) if message is not None else None
        if notice is None:
            finish()
            return
    try:
        ports.pusher.send(notice)
    except PushGone:
        with transaction():
            push_subscriptions.forget_subscription(push_message_id=push_message_id)
            finish()
        return
    except (PushUnavailable, PushRefused):
        with transaction():
            push_messages.mark_failed(push_message_id=push_message_id, now=now)
        raise
    with transaction():
        push_messages.mark_sent(push_message_id=push_message_id, now=ports.utc_now())
        finish()
