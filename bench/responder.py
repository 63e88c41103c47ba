"""``python -m bench.responder``: answers whatever comes, as fast as Python can.

Shows what the driver could drive at most. Takes requests that come whole in one piece.
"""

import select
import socket

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"


def serve(listener: socket.socket) -> None:
    """Until the process is ended."""
    poll = select.epoll()
    poll.register(listener.fileno(), select.EPOLLIN)
    connections: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                connection, _address = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()] = connection
                poll.register(connection.fileno(), select.EPOLLIN)
            elif connections[number].recv(65_536):
                connections[number].sendall(ANSWER)
            else:
                poll.unregister(number)
                connections.pop(number).close()


def main() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        print(listener.getsockname()[1], flush=True)
        serve(listener)


if __name__ == "__main__":
    main()
