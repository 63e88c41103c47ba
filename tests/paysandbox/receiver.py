"""A hand-written webhook receiver: keeps what arrives, answers what it is told to."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WAIT_SECONDS = 10


@dataclass(frozen=True)
class Notice:
    body: str
    headers: dict[str, str]


@dataclass
class Receiver:
    """``answers`` are the statuses of the next answers; 200 once they are used up."""

    answers: list[int] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length).decode()
                status = receiver._take(Notice(body, dict(self.headers)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def wait_for(self, count: int) -> list[Notice]:
        """The notices, once there are that many; fails if they do not come in time."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.notices) >= count, WAIT_SECONDS):
                raise AssertionError(f"{len(self.notices)} notices instead of {count}")
            return list(self.notices)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, notice: Notice) -> int:
        with self._arrived:
            self.notices.append(notice)
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else 200
