"""HTTP/1.1 as far as a driver needs it: requests made ahead, answers read with few looks."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

CONNECT_SECONDS = 10.0
RECEIVE_BYTES = 262_144
NO_BODY = frozenset({204, 304})
HEAD_END = b"\r\n\r\n"


class ConnectionLost(Exception):
    """The other end closed before the answer was whole."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect on this machine, and the host name to ask for."""

    port: int
    host: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Status 0: none came. ``seconds`` since the request was sent."""

    status: int
    body: bytes
    seconds: float


def make_request(
    server: Server,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes to send; a body is JSON."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {server.host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + HEAD_END + (body or b"")


class AnswerReader:
    """Collects the bytes of one answer at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._status = 0
        self._body_at = 0
        # Bytes of the body; -1 while the head is not whole, -2 for chunks.
        self._length = -1
        self.closes = False

    @property
    def is_empty(self) -> bool:
        return not self._buffer

    def feed(self, data: bytes) -> tuple[int, bytes] | None:
        """Status and body once the answer is whole."""
        self._buffer += data
        if self._length == -1 and not self._read_head():
            return None
        if self._length == -2:  # noqa: PLR2004 - the mark of chunks
            if not self._buffer.endswith(b"0\r\n\r\n"):
                return None
            body = join_chunks(bytes(self._buffer[self._body_at :]))
        else:
            if len(self._buffer) < self._body_at + self._length:
                return None
            body = bytes(self._buffer[self._body_at : self._body_at + self._length])
        status = self._status
        self._buffer.clear()
        self._length = -1
        return status, body

    def _read_head(self) -> bool:
        end = self._buffer.find(HEAD_END)
        if end < 0:
            return False
        self._status = int(self._buffer[9:12])
        self._body_at = end + len(HEAD_END)
        head = bytes(self._buffer[:end]).lower()
        self.closes = b"\r\nconnection: close" in head
        if (at := head.find(b"\r\ncontent-length:")) >= 0:
            self._length = int(head[at + 17 :].partition(b"\r\n")[0])
        elif b"\r\ntransfer-encoding: chunked" in head:
            self._length = -2
        elif self._status in NO_BODY:
            self._length = 0
        else:
            raise ConnectionLost("an answer without a length")
        return True


def join_chunks(data: bytes) -> bytes:
    """The body that was sent in chunks."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.index(b"\r\n", at)
        size = int(data[at:end].partition(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


class Connection:
    """One connection that is kept alive; never more than one request under way."""

    def __init__(self, server: Server) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), CONNECT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = AnswerReader()
        self.server = server
        self.answers = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def closes(self) -> bool:
        """Whether the server said that it will take no further request here."""
        return self._reader.closes

    @property
    def has_begun(self) -> bool:
        """Whether a part of the awaited answer is here already."""
        return not self._reader.is_empty

    def send(self, wire: bytes) -> None:
        """Send a whole request. Raises :class:`ConnectionLost`."""
        try:
            self._socket.sendall(wire)
        except OSError as error:
            raise ConnectionLost from error

    def receive(self) -> tuple[int, bytes] | None:
        """Read what is there: status and body once whole. Raises :class:`ConnectionLost`."""
        try:
            data = self._socket.recv(RECEIVE_BYTES)
        except OSError as error:
            raise ConnectionLost from error
        if not data:
            raise ConnectionLost
        found = self._reader.feed(data)
        if found is not None:
            self.answers += 1
        return found

    def close(self) -> None:
        self._socket.close()
