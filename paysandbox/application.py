"""The WSGI application: sends each request to the side of the sandbox that it is for."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from paysandbox.control import PREFIX as CONTROL_PREFIX
from paysandbox.control import ControlPlane, keep_time
from paysandbox.inbox import Inbox
from paysandbox.mail_api import MailApi
from paysandbox.mail_notices import MailWebhook, set_mail_webhook
from paysandbox.payment_page import PaymentPages
from paysandbox.sandbox import Sandbox
from paysandbox.stripe_api import StripeApi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TICK_SECONDS = 0.5


class SandboxApplication:
    """Keep it as long as it serves, then :meth:`close` it: it runs threads."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        stripe_api = StripeApi(box)
        mail_api = MailApi(box)
        pages = PaymentPages(box)
        inbox = Inbox(box)
        self._sides = (
            ("/v1/", stripe_api.respond),
            ("/v2/", stripe_api.respond),
            (CONTROL_PREFIX, ControlPlane(box).respond),
            ("/emails", mail_api.respond),
            ("/c/", pages.respond),
            ("/static/", pages.respond_static),
            ("/mail", inbox.respond),
        )
        box.deliveries.resume()
        self._tick()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def close(self) -> None:
        self.box.close()

    def _respond(self, request: Request) -> Response:
        for prefix, respond in self._sides:
            if request.path.startswith(prefix):
                return respond(request)
        if request.path == "/healthz":
            return Response("ok\n", content_type="text/plain")
        if request.path == "/favicon.ico":
            return Response(status=204)
        if request.path == "/":
            return Response(status=303, headers={"Location": "/mail"})
        return Response("Not found\n", status=404, content_type="text/plain")

    def _tick(self) -> None:
        """Sessions run out and refunds settle even if nobody looks at them."""
        keep_time(self.box)
        self.box.timetable.call_in(TICK_SECONDS, partial(self._tick))


def create_sandbox(
    data_path: str, *, site_url: str | None = None, mail_webhook: MailWebhook | None = None
) -> SandboxApplication:
    """A sandbox as a WSGI application. ``data_path`` is its own SQLite file."""
    box = Sandbox(data_path, site_url=site_url)
    if mail_webhook is not None:
        set_mail_webhook(box, mail_webhook)
    return SandboxApplication(box)
