"""How long a ticket takes to open on a phone that was just switched on, without a network."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType, Page, expect, sync_playwright

from bench.cells import Cell
from bench.installation import CannotMeasure
from bench.tally import percentiles
from e2e.buyer import Buyer
from e2e.chromium import whole_chromium

OPENINGS: Final = 10
CPU_SLOWDOWN: Final = 4
TIER: Final = "Friday pass"
PATIENCE_MS: Final = 30_000
PHONE: Final = {"width": 390, "height": 844}
ARGUMENTS: Final = ("--no-sandbox", "--disable-dev-shm-usage", "--no-first-run")
# The frame after the one in which the code was there, counted from the start of the navigation.
_WATCH: Final = """(() => {
  const look = () => document.querySelector("#wallet-page .qr")
    ? requestAnimationFrame(() => setTimeout(() => { window.paintedMs = performance.now(); }))
    : requestAnimationFrame(look);
  look();
})()"""
_PAINTED: Final = """() => new Promise(done => {
  const look = () => window.paintedMs ? done(window.paintedMs) : setTimeout(look, 5);
  look();
})"""


def measure_openings(site_url: str, event: str) -> Cell:
    """A ticket's page from what the phone keeps: the browser is new each time.

    Raises :class:`CannotMeasure` when no ticket can be kept.
    """
    with (
        tempfile.TemporaryDirectory(prefix="yardpass-bench-phone-") as profile,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium
        with _open(chromium, profile) as context:
            path = _keep_ticket(context, site_url, event)
        seconds = [_open_ticket(chromium, profile, f"{site_url}{path}") for _ in range(OPENINGS)]
    return Cell(
        work="wallet, cold",
        clients=1,
        done=len(seconds),
        seconds=sum(seconds),
        times=percentiles(seconds),
        statuses={},
        server_errors=0,
        lost=0,
        note=f"offline, processor {CPU_SLOWDOWN} times slower",
    )


@contextmanager
def _open(chromium: BrowserType, profile: str) -> Iterator[BrowserContext]:
    context = chromium.launch_persistent_context(
        profile,
        executable_path=whole_chromium(),
        args=list(ARGUMENTS),
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def _keep_ticket(context: BrowserContext, site_url: str, event: str) -> str:
    """Buy one as a guest does; the path of its page once the phone keeps it."""
    buyer = Buyer(context.pages[0], site_url=site_url)
    buyer.hold(event, TIER)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    kept = buyer.page.locator("[data-wallet-keep-state]")
    expect(kept).to_contain_text("saved on this phone", timeout=PATIENCE_MS)
    buyer.go("/wallet")
    link = buyer.page.locator(".wallet-line").first.get_attribute("href")
    if link is None or not re.fullmatch(r"/wallet/tickets/\d+", link):
        raise CannotMeasure(f"no ticket was kept: {link}")
    return link


def _open_ticket(chromium: BrowserType, profile: str, url: str) -> float:
    with _open(chromium, profile) as context:
        context.set_offline(offline=True)
        page: Page = context.pages[0]
        page.add_init_script(_WATCH)
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.goto(url)
        milliseconds: float = page.evaluate(_PAINTED)
        return milliseconds / 1000
