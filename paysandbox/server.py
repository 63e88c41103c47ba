"""Serves the sandbox: one process, many threads, connections kept alive."""

import sys
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from paysandbox.application import SandboxApplication, create_sandbox
from paysandbox.mail_notices import MailWebhook

# Connections held on purpose (faults) take a thread each, beside the ones at work.
THREADS = 48
KEEPALIVE_SECONDS = 30
GRACE_SECONDS = 1


class SandboxServer(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Prints ``listening on http://host:port`` once it does."""

    def __init__(
        self,
        *,
        bind: str,
        port: int,
        data_path: str,
        site_url: str | None,
        mail_webhook: MailWebhook | None,
    ) -> None:
        self._address = f"{bind}:{port}"
        self._data_path = data_path
        self._site_url = site_url
        self._mail_webhook = mail_webhook
        self._sandbox: SandboxApplication | None = None
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": self._address,
            "workers": 1,  # faults, policies and deliveries live in one process
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEPALIVE_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 0,
            "control_socket_disable": True,
            "loglevel": "warning",
            "when_ready": _announce,
            "worker_exit": self._close,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> SandboxApplication:
        """Called in the worker, after the fork: threads do not survive one."""
        self._sandbox = create_sandbox(
            self._data_path, site_url=self._site_url, mail_webhook=self._mail_webhook
        )
        return self._sandbox

    def _close(self, _server: Any, _worker: Any) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


def _announce(server: Any) -> None:
    for listener in server.LISTENERS:
        host, port = listener.sock.getsockname()[:2]
        sys.stdout.write(f"paysandbox listening on http://{host}:{port}\n")
    sys.stdout.flush()
