"""What the application asks of browsers' push services, and how they may fail."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class PushGone(Exception):
    """The browser takes no messages at this address any more, and never will again."""


class PushRefused(Exception):
    """The push service does not take this message, now or later."""


class PushUnavailable(Exception):
    """The push service did not answer, or asked for a pause of ``retry_after``."""

    def __init__(self, retry_after: timedelta | None = None) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class PushNotice:
    """One message for one browser, encrypted for it alone.

    ``topic`` is at most 32 letters and digits: a later one of the same topic
    takes the place of one that has not been delivered.
    """

    endpoint: str
    p256dh: str
    auth: str
    payload: str
    ttl_seconds: int
    topic: str
    urgency: str = "high"


class Pusher(Protocol):
    """Tells browsers something while no page is open.

    ``public_key`` is what a page subscribes with, in base64url.
    """

    public_key: str

    def accepts(self, endpoint: str) -> bool:
        """Whether the address is at a push service that is known: nothing else is called."""
        ...

    def send(self, notice: PushNotice) -> None:
        """Hand the message over. Raises PushGone, PushRefused or PushUnavailable."""
        ...


class NoPushes:
    """For an application that tells browsers nothing."""

    public_key = ""

    def accepts(self, _endpoint: str) -> bool:
        """False, always."""
        return False

    def send(self, _notice: PushNotice) -> None:
        """Refuse. Raises PushRefused."""
        raise PushRefused
