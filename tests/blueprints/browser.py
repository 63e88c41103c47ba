"""A buyer's browser: keeps cookies, reads tokens from forms, lints what it opens."""

import re
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from tests.page_lint import LintingClient
from webapp.domain import access
from webapp.extensions import signer
from webapp.models import Event, Order, Tier

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')
HTMX = {"HX-Request": "true"}


class Browser:
    """Opens pages and sends their forms. ``page`` is the last whole page it was shown."""

    def __init__(self, app: Flask) -> None:
        self.client = LintingClient(app, app.response_class, use_cookies=True)
        self.page = ""

    def open(self, url: str, *, swap: bool = False) -> TestResponse:
        """Follow a link, or fetch what htmx would swap in."""
        response = self.client.get(url, headers=HTMX if swap else {})
        self._show(response)
        return response

    def send(self, url: str, *, swap: bool = False, **fields: object) -> TestResponse:
        """Send a form with the token of the last page, as the browser would."""
        token = _TOKEN.search(self.page)
        data = {"csrf_token": token[1] if token else "", **fields}
        response = self.client.post(url, data=data, headers=HTMX if swap else {})
        self._show(response)
        return response

    def choose(self, event: Event, *choices: tuple[Tier, object]) -> TestResponse:
        """Send the ticket picker; a donation's choice is the amount."""
        fields = {
            f"{'amount' if tier.kind == 'donation' else 'quantity'}-{tier.id}": value
            for tier, value in choices
        }
        form_key = _FORM_KEY.search(self.page)
        return self.send(
            f"/e/{event.slug}/checkouts", form_key=form_key[1] if form_key else "", **fields
        )

    def hold(self, event: Event, *choices: tuple[Tier, object]) -> str:
        """Choose tickets on the event's page; answers the address of the checkout."""
        self.open(f"/e/{event.slug}")
        response = self.choose(event, *choices)
        assert response.status_code == 303
        self.open(response.location)
        return response.location

    def _show(self, response: TestResponse) -> None:
        is_redirect = response.status_code in range(300, 400)
        if response.mimetype == "text/html" and "<html" in response.text and not is_redirect:
            self.page = response.text

    def words(self) -> str:
        """The page as text, one space between words."""
        return text_of(self.page)


def let_in(browser: Browser, order: Order) -> str:
    """Open the order by its mailed link; answers the address of its page."""
    sealed = access.seal_order_link(signer(), order)
    location = browser.open(f"/o/{sealed}").location
    browser.open(location)
    return location


def text_of(html: str) -> str:
    """What a reader sees, tags and runs of white space gone."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
