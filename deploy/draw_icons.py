"""Draws the icons of the home screen from static/icon.svg: ``python -m deploy.draw_icons``.

They are kept in static/icons: nobody needs a browser to run the site. Run it
again when icon.svg changed.
"""

# ruff: noqa: INP001 - a program beside the others of this folder, no package

import os
import re
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

STATIC = Path(__file__).resolve().parent.parent / "static"
FOLDER = STATIC / "icons"
SIZES = (192, 512)
APPLE_SIZE = 180
# Launchers cut a maskable icon to any shape within the middle four fifths.
MASKABLE_SHARE = 0.8


def main() -> None:
    """Write every icon anew."""
    art = (STATIC / "icon.svg").read_text(encoding="utf-8")
    ground = re.search(r'<rect[^>]* fill="(#\w+)"', art)
    if ground is None:
        raise SystemExit("icon.svg has no ground to fill the edges with")
    square = art.replace(' rx="7"', "")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("YARDPASS_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox"],
        )
        page = browser.new_page()
        for size in SIZES:
            draw(page, art, FOLDER / f"any-{size}.png", size=size)
            draw(
                page,
                square,
                FOLDER / f"maskable-{size}.png",
                size=size,
                ground=ground[1],
                share=MASKABLE_SHARE,
            )
        # An iPhone cuts the corners itself, and shows what is transparent in black.
        draw(page, square, FOLDER / "apple-touch.png", size=APPLE_SIZE, ground=ground[1])
        browser.close()


def draw(
    page: Page, art: str, path: Path, *, size: int, ground: str = "transparent", share: float = 1
) -> None:
    """One square picture with the art in the middle, as wide as ``share`` of it."""
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>body {{ margin: 0; display: grid; place-items: center; height: {size}px;"
        f" background: {ground}; }} svg {{ width: {round(size * share)}px; display: block; }}"
        f"</style>{art}"
    )
    page.screenshot(path=path, omit_background=True)


if __name__ == "__main__":
    main()
