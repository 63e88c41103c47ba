"""Nothing jumps: space is kept for pictures, and fonts that come late change no line."""

import pytest
from playwright.sync_api import Page, Route

from e2e.programme import TierSpec

MOST_SHIFT = 0.05
_WATCH = """
window.shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""
_PICTURED = (
    "() => Promise.all([...document.images].filter(i => i.loading !== 'lazy').map(i => i.decode()))"
)
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_LOADED = (
    "() => document.fonts.ready.then(() => [...document.fonts].some(f => f.status === 'loaded'))"
)


def open_with_late_fonts(page: Page, url: str) -> float:
    """Show the page in its fallback faces, then let the fonts come; answer the shift (CLS)."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/*.woff2", hold)
    page.goto(url, wait_until="domcontentloaded")
    page.evaluate(_PICTURED)
    page.evaluate(_PAINTED)
    assert held, "the page asked for no font"
    for route in held:
        route.continue_()
    page.unroute("**/*.woff2")
    assert page.evaluate(_LOADED)
    page.evaluate(_PAINTED)
    return float(page.evaluate("() => window.shift"))


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_jumps_when_pictures_and_fonts_come_late(new_buyer, programme, width):
    buyer = new_buyer(viewport={"width": width, "height": 800}, is_mobile=False)
    show = programme.put_on(
        TierSpec("Front row"), TierSpec("Back row, under the balcony"), tagline="One night only"
    )
    buyer.page.add_init_script(_WATCH)
    checkout = f"/checkout/{buyer.hold(show.slug, 'Front row')}"

    shifts = {
        path: open_with_late_fonts(buyer.page, f"{buyer.site_url}{path}")
        for path in ("/", f"/e/{show.slug}", checkout)
    }

    assert {path: shift for path, shift in shifts.items() if shift > MOST_SHIFT} == {}
