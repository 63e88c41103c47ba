"""What a browser saw while a test ran, judged when it ends."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

LOCAL_SCHEMES = frozenset({"data", "blob", "about"})
# Chromium notes every answer of 400 and above; which ones are right, the tests say.
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")
# The tracer itself tries to look into the frame in which the sandbox shows a mail.
_TRACER = re.compile(r"Blocked script execution in '\S+/mail/\S+/html'")

# What htmx says of a request that the buyer's own next step cut short. Where the server did not
# answer, the browser says so besides.
_CUT_SHORT = re.compile(r"htmx:(afterRequest|sendAbort|sendError)\b")
_HARMLESS = (_REFUSAL, _TRACER, _CUT_SHORT)
# What a browser says where a test takes its network away.
NO_NETWORK = re.compile(
    r"Failed to load resource: net::ERR_(INTERNET_DISCONNECTED|CONNECTION_(REFUSED|RESET|CLOSED)"
    r"|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|CONTENT_LENGTH_MISMATCH)"
    # The same of a worker's script.
    r"|An unknown error occurred when fetching the script"
)
# The half of the wallet's credential that a page may delete without a network; it opens nothing.
READABLE_COOKIE = "yardpass-wallet-here"


class Witness:
    """Collects faults of every page of one browser context."""

    def __init__(
        self,
        context: BrowserContext,
        *,
        origins: frozenset[str],
        harmless: tuple[re.Pattern[str], ...] = (),
    ) -> None:
        self._context = context
        self._origins = origins
        self._harmless = (*_HARMLESS, *harmless)
        self._faults: list[str] = []
        context.on("request", self._see_request)
        context.on("console", self._see_console)
        context.on("weberror", lambda error: self._faults.append(f"script: {error.error}"))
        context.on("page", self._see_page)

    def finish(self) -> list[str]:
        """Everything that was wrong, the cookies that are left included."""
        return [*self._faults, *self._cookie_faults()]

    def _see_page(self, page: Page) -> None:
        page.on("crash", lambda _: self._faults.append("a page crashed"))

    def _see_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        origin = f"{address.scheme}://{address.netloc}"
        if address.scheme not in LOCAL_SCHEMES and origin not in self._origins:
            self._faults.append(f"a foreign request: {request.url}")
        if address.path == "/csp-reports":
            self._faults.append(f"a CSP report: {request.post_data}")

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if not any(harmless.match(message.text) for harmless in self._harmless):
            self._faults.append(f"console: {message.text}")

    def _cookie_faults(self) -> list[str]:
        return [
            f"a cookie for scripts or other sites: {cookie['name']}"
            for cookie in self._context.cookies()
            if not (cookie["httpOnly"] or cookie["name"] == READABLE_COOKIE)
            or cookie["sameSite"] not in {"Lax", "Strict"}
        ]
