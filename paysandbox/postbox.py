"""Sends one notice over HTTP, on a connection that each thread keeps open."""

import http.client
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10
_ANSWER_MAX_CHARS = 500


@dataclass(frozen=True)
class Answer:
    """``status`` is None when nobody answered; ``text`` then says why."""

    status: int | None
    text: str

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 - 2xx


_kept = threading.local()


def post(url: str, body: str, headers: dict[str, str]) -> Answer:
    """POST once. Redirects are not followed: the gateway counts them as failures."""
    parts = urlsplit(url)
    connections: dict[tuple[str, str], http.client.HTTPConnection]
    connections = _kept.__dict__.setdefault("connections", {})
    address = (parts.scheme, parts.netloc)
    is_reused = address in connections
    if not is_reused:
        connections[address] = _connect(parts.scheme, parts.netloc)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        return _exchange(connections[address], target or "/", body, headers)
    except (OSError, http.client.HTTPException) as error:
        connections.pop(address).close()
        if is_reused and not isinstance(error, TimeoutError):
            # The receiver may simply have closed an idle connection.
            return post(url, body, headers)
        return Answer(None, f"{type(error).__name__}: {error}")


def _connect(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=TIMEOUT_SECONDS)
    return http.client.HTTPConnection(netloc, timeout=TIMEOUT_SECONDS)


def _exchange(
    connection: http.client.HTTPConnection, target: str, body: str, headers: dict[str, str]
) -> Answer:
    connection.request("POST", target, body=body.encode(), headers=headers)
    response = connection.getresponse()
    text = response.read().decode(errors="replace")
    return Answer(response.status, text[:_ANSWER_MAX_CHARS])
