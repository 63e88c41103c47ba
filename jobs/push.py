"""Background work at the push services of browsers."""

from datetime import datetime

from webapp.documents.push_words import compose_push
from webapp.flows import push
from webapp.flows.endings import Finish
from webapp.models import PushMessage
from webapp.ports import ports
from webapp.push_ports import PushNotice


def send_push(push_message_id: int, finish: Finish) -> None:
    """Send one message to one browser, once."""
    push.send_push(push_message_id=push_message_id, composer=compose, ports=ports(), finish=finish)


def compose(message: PushMessage, now: datetime) -> PushNotice | None:
    """The notice of a message, whatever it is about."""
    return compose_push(message, now=now)
