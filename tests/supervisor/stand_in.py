"""Small programs that stand in for the parts that the supervisor runs."""

import json
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl


class Website(BaseHTTPRequestHandler):
    """Answers 200 to everything, as a ready application does."""

    def do_GET(self):
        self._answer({})

    def _answer(self, document, status=200):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


class Gateway(Website):
    """Knows webhook endpoints, in a file, and counts how often one was made."""

    path_of_data = Path()

    def do_GET(self):
        if self.path == "/healthz":
            self._answer({})
        elif endpoint := self._endpoints().get(self._id()):
            self._answer(endpoint | {"secret": None})
        else:
            self._answer({"error": {"type": "invalid_request_error", "message": "none"}}, 404)

    def do_POST(self):
        form = parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())
        endpoints = self._endpoints()
        made = len(endpoints) + 1
        endpoint = {
            "id": f"we_{made}",
            "object": "webhook_endpoint",
            "url": dict(form)["url"],
            "enabled_events": [value for name, value in form if name.startswith("enabled_events")],
            "secret": f"whsec_{made}",
        }
        self._keep(endpoints | {endpoint["id"]: endpoint})
        self._answer(endpoint)

    def do_DELETE(self):
        self._keep(self._endpoints() | {self._id(): None})
        self._answer({"id": self._id(), "object": "webhook_endpoint", "deleted": True})

    def _id(self):
        return self.path.rpartition("/")[2]

    def _endpoints(self):
        return json.loads(self.path_of_data.read_text()) if self.path_of_data.exists() else {}

    def _keep(self, endpoints):
        self.path_of_data.write_text(json.dumps(endpoints))


def serve(handler, port):
    ThreadingHTTPServer.daemon_threads = True
    with ThreadingHTTPServer(("127.0.0.1", int(port)), handler) as server:
        server.serve_forever()


def main(role, *arguments):
    if role == "website":
        serve(Website, arguments[0])
    elif role == "gateway":
        Gateway.path_of_data = Path(arguments[1])
        serve(Gateway, arguments[0])
    elif role == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif role == "family":
        subprocess.Popen([sys.executable, __file__, "stubborn"])
    print(f"{role} is up", flush=True)  # noqa: T201 - what the supervisor is to relay
    while True:
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
