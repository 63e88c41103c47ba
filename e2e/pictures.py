"""Takes pictures of a page in the sizes and colours that a designer looks at."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from e2e.accessibility import SCHEMES, colours
from e2e.reflow import LARGE, text_size

FOLDER_VARIABLE = "YARDPASS_SCREENSHOTS"
WIDTHS = {320: 640, 390: 844, 768: 1024, 1280: 900}


def take_pictures(page: Page, folder: Path, stop: str) -> None:
    """Write ``<stop>-<width>-<scheme>.png`` for each width and scheme.

    And ``<stop>-200%.png``: a phone whose owner reads text twice as large.
    """
    before: Any = page.viewport_size
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            with colours(page, scheme):
                page.screenshot(path=folder / f"{stop}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size(before)
    with text_size(page, LARGE):
        page.screenshot(path=folder / f"{stop}-200%.png", full_page=True)
