"""What a page must be for everybody: judged by axe-core, by width and by size of text."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Literal

from playwright.sync_api import Page

# WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NARROW = {"width": 320, "height": 640}
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
# The widest elements without children that matter, when the page scrolls sideways.
_OVERFLOW = """() => {
  const excess = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (excess <= 0) return [];
  const edge = element => Math.round(element.getBoundingClientRect().right);
  const leaves = [...document.querySelectorAll('body *')].filter(e => !e.childElementCount);
  leaves.sort((one, other) => edge(other) - edge(one));
  return leaves.slice(0, 3).map(e => `${excess} px, at ${edge(e)} px: ${e.outerHTML.slice(0, 90)}`);
}"""
_TEXT_SIZE = "size => { document.documentElement.style.fontSize = size; }"


def find_faults(page: Page) -> list[str]:
    """Everything wrong with the page as it stands, in words; the page is left as it was."""
    return [*_rule_faults(page), *_width_faults(page)]


@contextmanager
def colours(page: Page, scheme: Literal["light", "dark"]) -> Iterator[None]:
    page.emulate_media(color_scheme=scheme)
    yield
    page.emulate_media(color_scheme="light")


@contextmanager
def text_size(page: Page, size: str) -> Iterator[None]:
    page.evaluate(_TEXT_SIZE, size)
    yield
    page.evaluate(_TEXT_SIZE, "")


def _rule_faults(page: Page) -> list[str]:
    page.evaluate(_AXE)
    faults = []
    for scheme in SCHEMES:
        with colours(page, scheme):
            found = page.evaluate(_RUN, RULES)
        faults += [
            f"{scheme}: {violation['id']} at {node['target']}: {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
    return faults


def _width_faults(page: Page) -> list[str]:
    """Nothing scrolls sideways: not on the narrowest phone, not with text twice as large."""
    before: Any = page.viewport_size
    page.set_viewport_size(NARROW)
    faults = [f"too wide at 320 px: {element}" for element in page.evaluate(_OVERFLOW)]
    page.set_viewport_size(before)
    with text_size(page, "200%"):
        faults += [f"too wide at 200 %: {element}" for element in page.evaluate(_OVERFLOW)]
    return faults
