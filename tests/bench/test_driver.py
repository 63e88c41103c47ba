import socket
import threading

import pytest

from bench.driver import Await, Call, Driver, Pause
from bench.wire import Server, make_request

REQUEST_END = b"\r\n\r\n"


class Responder:
    """Answers each request on a connection with the next of its texts; b"" hangs up instead."""

    def __init__(self, *texts):
        self._texts = list(texts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.server = Server(port, f"localhost:{port}")
        self.connections = 0
        self._thread = threading.Thread(target=self._serve)

    def _serve(self):
        while self._texts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._answer(connection)

    def _answer(self, connection):
        while self._texts and connection.recv(65_536).endswith(REQUEST_END):
            text = self._texts.pop(0)
            if not text:
                return
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)
            )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def ask(server, times, answers):
    call = Call(server, make_request(server, "GET", "/"))
    for _ in range(times):
        answers.append((yield call))


def drive(script, *, limit_seconds=10.0, watch=None):
    return Driver(watch=watch).run([script], limit_seconds=limit_seconds)


def test_requests_of_one_client_share_a_connection():
    answers = []
    with Responder(b"one", b"two") as responder:
        assert drive(ask(responder.server, 2, answers)) == 0

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"one"), (200, b"two")]
    assert responder.connections == 1


def test_a_connection_that_was_kept_too_long_is_made_anew():
    answers = []
    with Responder(b"one", b"", b"two") as responder:
        drive(ask(responder.server, 2, answers))

    assert [answer.body for answer in answers] == [b"one", b"two"]
    assert responder.connections == 2


def test_a_request_that_gets_no_answer_is_lost():
    answers = []
    with Responder(b"") as responder:
        drive(ask(responder.server, 1, answers))

    assert [answer.status for answer in answers] == [0]


def test_a_server_that_is_not_there_loses_the_request():
    answers = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        drive(ask(Server(port, "localhost"), 1, answers))

    assert [answer.status for answer in answers] == [0]


@pytest.mark.parametrize("reports", [[["ticket"]], [[], ["other"], ["ticket"]]])
def test_a_client_goes_on_once_the_watch_reports_its_key(reports):
    seen = []

    def wait():
        yield Pause(0.001)
        yield Await("ticket")
        seen.append("ticket")

    unfinished = drive(wait(), watch=lambda: reports.pop(0) if reports else [])

    assert (unfinished, seen) == (0, ["ticket"])


def test_scripts_that_do_not_end_are_given_up_on():
    def wait():
        yield Await("never")

    assert drive(wait(), limit_seconds=0.05, watch=list) == 1
