"""A push service on this machine: real TLS, real HTTP/2, and it wants our certificate."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.pass_certificates import Authority, pem_of_certificate, pem_of_key


@dataclass
class Push:
    """One request as it came."""

    headers: Mapping[str, str]
    subject: str
    body: bytes = b""


@dataclass
class PushServer:
    """Answers every push with ``status`` and ``answer``, and remembers it."""

    url: str = ""
    status: int = 200
    answer: bytes = b""
    pushes: list[Push] = field(default_factory=list)

    def serve(self, connection: ssl.SSLSocket) -> None:
        """Speak HTTP/2 until the client leaves."""
        names = dict(pair[0] for pair in (connection.getpeercert() or {}).get("subject", ()))
        subject = str(names.get("organizationalUnitName", ""))
        http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        http.initiate_connection()
        connection.sendall(http.data_to_send())
        streams: dict[int, Push] = {}
        while data := connection.recv(65536):
            for event in http.receive_data(data):
                match event:
                    case RequestReceived(headers=headers, stream_id=stream_id):
                        streams[stream_id] = Push(dict(headers), subject)
                    case DataReceived(data=part, stream_id=stream_id):
                        streams[stream_id].body += part
                    case StreamEnded(stream_id=stream_id):
                        self.pushes.append(streams.pop(stream_id))
                        http.send_headers(stream_id, [(":status", str(self.status))])
                        http.send_data(stream_id, self.answer, end_stream=True)
            connection.sendall(http.data_to_send())


@contextmanager
def running_push_server(folder: Path) -> Iterator[PushServer]:
    """One connection at a time, for as long as the block lasts."""
    authority = Authority()
    identity, trusted = folder / "server.pem", folder / "authority.pem"
    identity.write_text(pem_of_key("server") + pem_of_certificate(authority.server_certificate()))
    trusted.write_text(pem_of_certificate(authority.certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted))
    context.load_cert_chain(identity)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    with socket.create_server(("localhost", 0)) as listener:
        server = PushServer(url=f"https://localhost:{listener.getsockname()[1]}")

        def accept() -> None:
            # The end of the listener ends the thread; a client that leaves ends its turn.
            with suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    with suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                        server.serve(secure)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
