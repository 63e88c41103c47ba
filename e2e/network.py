"""The network between a phone and the site, which can be taken away or be somebody else's."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

_CHUNK = 65536
_ASK_ANEW = (b"If-None-Match:", b"No-None-Match:")
_PORTAL = "<!doctype html><title>Hotel</title><h1>Sign in to the hotel's network</h1>"


def canned(status: str, *headers: str, body: str = "") -> bytes:
    """One whole answer that ends its connection."""
    content = body.encode()
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(content)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


PORTAL = canned("200 OK", "Content-Type: text/html", body=_PORTAL)
SIGN_IN = canned("302 Found", "Location: /sign-in")
BUSY = canned("503 Service Unavailable", "Content-Type: text/html", body="<h1>Busy</h1>")


class Network:
    """Hands on every byte to the site, until told otherwise.

    What a browser keeps for this address outlives all of it: to the browser,
    this is the site.

    Connections are ended from any thread, but closed only once no thread waits at
    them any more: a closed one's number is the next one's, and whoever still waited
    at it would swallow what somebody else was asked.
    """

    def __init__(self, site_port: int) -> None:
        self._site_port = site_port
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._open: set[socket.socket] = set()
        self._answer = b""
        self._at = ""
        self._stalled = ""
        self._has_weak_tags = False
        self._changes: tuple[tuple[bytes, bytes], ...] = ()
        self.port = 0
        self.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.die()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def connect(self) -> None:
        """Be there, at the same address as before."""
        if self._listener is not None:
            return
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, args=[self._listener], daemon=True)
        self._accepting.start()

    def die(self) -> None:
        """As when the server is killed: nobody listens, and every connection is cut."""
        if self._listener is not None and self._accepting is not None:
            _end(self._listener)
            self._accepting.join()
            self._listener.close()
            self._listener = self._accepting = None
        self._cut()

    @contextmanager
    def dead(self) -> Iterator[None]:
        """While it lasts, the server is gone."""
        self.die()
        yield
        self.connect()

    @contextmanager
    def answering(self, answer: bytes, *, at: str = "") -> Iterator[None]:
        """While it lasts, every request gets that and never reaches the site.

        With ``at``, only requests for paths that begin so.
        """
        self._answer, self._at = answer, at
        self._cut()
        yield
        self._answer = b""

    @contextmanager
    def stalling(self, path: str) -> Iterator[None]:
        """While it lasts, answers at paths that begin so have a head but no body."""
        self._stalled = path
        self._cut()
        yield
        self._stalled = ""
        self._cut()

    def weaken_tags(self) -> None:
        """As a proxy that compresses what it hands on, and leaves alone what has no body."""
        self._has_weak_tags = True
        self._cut()

    def rewrite(self, old: bytes, new: bytes) -> None:
        """Put ``new`` where the site says ``old``; as long, or the answer would not be whole.

        Nobody is asked for what changed since the last time: the site does not
        know that anything did.
        """
        assert len(old) == len(new)
        self._changes = ((old, new), _ASK_ANEW)
        self._cut()

    def _cut(self) -> None:
        for connection in list(self._open):
            _end(connection)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                phone, _ = listener.accept()
            except OSError:
                return
            self._open.add(phone)
            threading.Thread(target=self._serve, args=[phone], daemon=True).start()

    def _serve(self, phone: socket.socket) -> None:
        with phone:
            if self._answer and not self._at:
                self._answer_itself(phone)
            else:
                self._connect(phone)
            self._open.discard(phone)

    def _answer_itself(self, phone: socket.socket) -> None:
        with suppress(OSError):
            if asked := phone.recv(_CHUNK):
                is_sign_in = asked.startswith(b"GET /sign-in")
                phone.sendall(PORTAL if is_sign_in else self._answer)

    def _connect(self, phone: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._site_port)) as site:
            self._open.add(site)
            is_stalled = threading.Event()
            back = threading.Thread(
                target=self._hand_back, args=[site, phone, is_stalled], daemon=True
            )
            back.start()
            self._ask(phone, site, is_stalled)
            back.join()
            self._open.discard(site)

    def _ask(self, phone: socket.socket, site: socket.socket, is_stalled: threading.Event) -> None:
        """Hand on what the phone asks, and note whether its answer may end."""
        with suppress(OSError):
            while chunk := phone.recv(_CHUNK):
                if self._answer and _asks_for(chunk, self._at):
                    phone.sendall(self._answer)
                    break
                if self._stalled and _asks_for(chunk, self._stalled):
                    is_stalled.set()
                    # Else there may be nothing to say.
                    chunk = chunk.replace(*_ASK_ANEW)
                site.sendall(self._changed(chunk))
        _end(phone)
        _end(site)

    def _hand_back(
        self, site: socket.socket, phone: socket.socket, is_stalled: threading.Event
    ) -> None:
        has_head = False
        with suppress(OSError):
            while chunk := site.recv(_CHUNK):
                answer = self._changed(chunk)
                if self._has_weak_tags and answer.startswith(b"HTTP/1.1 200"):
                    answer = answer.replace(b'\r\nETag: "', b'\r\nETag: W/"')
                if is_stalled.is_set():
                    head, end, _ = answer.partition(b"\r\n\r\n")
                    answer = b"" if has_head else head + end
                    has_head = True
                phone.sendall(answer)
        _end(site)
        _end(phone)

    def _changed(self, chunk: bytes) -> bytes:
        for old, new in self._changes:
            chunk = chunk.replace(old, new)
        return chunk


def _asks_for(chunk: bytes, path: str) -> bool:
    return chunk.startswith((f"GET {path}".encode(), f"POST {path}".encode()))


def _end(connection: socket.socket) -> None:
    """Wake whoever waits at it, on both sides."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
