import pytest

from bench.wire import AnswerReader, ConnectionLost, Server, make_request

HERE = Server(8000, "localhost:8000")


def read_in_pieces(data, size):
    reader = AnswerReader()
    found = [reader.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert found[:-1] == [None] * (len(found) - 1)
    return found[-1]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_may_come_in_pieces(size):
    data = b"HTTP/1.1 201 CREATED\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello"

    assert read_in_pieces(data, size) == (201, b"hello")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunks_are_joined(size):
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"

    assert read_in_pieces(data, size) == (200, b"hello")


def test_a_connection_serves_one_answer_after_the_other():
    reader = AnswerReader()

    assert reader.feed(b"HTTP/1.1 204 NO CONTENT\r\nServer: x\r\n\r\n") == (204, b"")
    assert reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") == (200, b"ok")
    assert not reader.closes


def test_an_announced_close_is_seen():
    reader = AnswerReader()
    reader.feed(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    assert reader.closes


def test_an_answer_whose_end_cannot_be_known_is_a_loss():
    with pytest.raises(ConnectionLost):
        AnswerReader().feed(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")


def test_a_request_names_the_host_and_the_length_of_its_body():
    wire = make_request(HERE, "POST", "/x", body=b"{}", headers={"Idempotency-Key": "k"})

    assert wire == (
        b"POST /x HTTP/1.1\r\nHost: localhost:8000\r\nIdempotency-Key: k\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
