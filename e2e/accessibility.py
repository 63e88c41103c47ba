"""What a page must be for everybody: judged by axe-core, in light and in dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Literal

from playwright.sync_api import Page

from e2e.reflow import find_layout_faults

# WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# What a scheme of colours can break; everything else is the same in both.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
_RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
# Colours that fade into each other are neither of the two; endless animations have no end.
_SETTLE = """() => document.getAnimations()
  .filter(animation => Number.isFinite(animation.effect.getComputedTiming().endTime))
  .forEach(animation => animation.finish())"""


def find_faults(page: Page) -> list[str]:
    """Everything wrong with the page as it stands, in words; the page is left as it was."""
    return [*_rule_faults(page), *find_layout_faults(page)]


@contextmanager
def colours(page: Page, scheme: Literal["light", "dark"]) -> Iterator[None]:
    page.emulate_media(color_scheme=scheme)
    page.evaluate(_SETTLE)
    yield
    if scheme != "light":
        page.emulate_media(color_scheme="light")
        page.evaluate(_SETTLE)


def _rule_faults(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    faults = []
    for scheme in SCHEMES:
        with colours(page, scheme):
            found = page.evaluate(_RUN, RULES if scheme == "light" else COLOUR_RULES)
        faults += [
            f"{scheme}: {violation['id']} at {node['target']}: {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
    return faults
