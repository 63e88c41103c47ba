"""A buyer in a shop of their own, for programs that are no tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.installation import Installation
from e2e.buyer import Buyer
from e2e.chromium import ARGUMENTS, whole_chromium
from e2e.conftest import PATIENCE_MS, PHONE


class Shop:
    """The whole product with its demo events, and the browser that buyers come with."""

    def __init__(self, site_url: str, browser: Browser) -> None:
        self.site_url = site_url
        self._browser = browser

    def new_buyer(self, **options: Any) -> Buyer:
        """A buyer with a phone; ``options`` are a browser context's."""
        context = self._browser.new_context(**(PHONE | options))
        context.set_default_timeout(PATIENCE_MS)
        return Buyer(context.new_page(), site_url=self.site_url)


@contextmanager
def open_shop() -> Iterator[Shop]:
    """Started when it is entered, stopped and thrown away when it is left.

    Raises :class:`bench.installation.CannotMeasure` when it does not start.
    """
    with Installation() as installation, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=whole_chromium(), args=ARGUMENTS)
        yield Shop(f"http://{installation.app.host}", browser)
        browser.close()
