"""Nothing scrolls sideways, is cut off or lies on something else, however narrow or large."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

NARROW = {"width": 320, "height": 640}
LARGE = "200%"
_TEXT_SIZE = "size => { document.documentElement.style.fontSize = size; }"
_FAULTS = """() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 90)}`);
  const edge = element => Math.round(element.getBoundingClientRect().right);
  const isHidden = element =>
    !element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const isTiny = element => element.offsetWidth <= 1 || element.offsetHeight <= 1;

  // The widest elements without children, when the page scrolls sideways.
  const excess = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (excess > 0) {
    const leaves = [...document.querySelectorAll('body *')].filter(e => !e.childElementCount);
    leaves.sort((one, other) => edge(other) - edge(one));
    leaves.slice(0, 3).forEach(e => say(`${excess} px too wide, at ${edge(e)} px`, e));
  }

  // Text that reaches out of a box which cuts off what does not fit.
  for (const element of document.querySelectorAll('body *')) {
    const style = getComputedStyle(element);
    const clips = [style.overflowX, style.overflowY].some(v => v === 'hidden' || v === 'clip');
    if (!clips || isHidden(element) || isTiny(element)) continue;
    const box = element.getBoundingClientRect();
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (!text.data.trim() || isHidden(text.parentElement) || isTiny(text.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const isCut = [...range.getClientRects()].some(r => r.width > 1 &&
        (r.right > box.right + 1 || r.left < box.left - 1 || r.bottom > box.bottom + 1));
      if (isCut) say('text is cut off', text.parentElement);
    }
  }
  for (const button of document.querySelectorAll('button, .button')) {
    if (!isHidden(button) && !isTiny(button) && button.scrollWidth > button.clientWidth + 1) {
      say('the words do not fit', button);
    }
  }

  // Controls that lie on each other; what sticks to the window's edge may pass over others.
  const floats = element => {
    for (let e = element; e && e !== document.body; e = e.parentElement) {
      if (['fixed', 'sticky'].includes(getComputedStyle(e).position)) return e;
    }
    return null;
  };
  const kinds = 'a[href], button, input, select, textarea, summary';
  const controls = [...document.querySelectorAll(kinds)]
    .filter(e => !isHidden(e) && !isTiny(e))
    .flatMap(e => [...e.getClientRects()].map(box => ({element: e, box, layer: floats(e)})));
  controls.forEach((one, index) => controls.slice(index + 1).forEach(other => {
    if (one.element === other.element || one.layer !== other.layer) return;
    if (one.element.contains(other.element) || other.element.contains(one.element)) return;
    const [a, b] = [one.box, other.box];
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const what = `lies on ${other.element.outerHTML.slice(0, 60)}`;
    if (width > 2 && height > 2) say(what, one.element);
  }));
  return faults;
}"""


def find_layout_faults(page: Page) -> list[str]:
    """On the narrowest phone, with text twice as large, and both; the page is left as it was."""
    faults = [f"at 200 %: {fault}" for fault in _faults(page, size=LARGE)]
    with _narrow(page):
        faults += [f"at 320 px: {fault}" for fault in _faults(page)]
        faults += [f"at 320 px and 200 %: {fault}" for fault in _faults(page, size=LARGE)]
    return faults


def _faults(page: Page, *, size: str = "") -> list[str]:
    with text_size(page, size):
        found: list[str] = page.evaluate(_FAULTS)
    return found


@contextmanager
def text_size(page: Page, size: str) -> Iterator[None]:
    page.evaluate(_TEXT_SIZE, size)
    yield
    page.evaluate(_TEXT_SIZE, "")


@contextmanager
def _narrow(page: Page) -> Iterator[None]:
    before: Any = page.viewport_size
    page.set_viewport_size(NARROW)
    yield
    page.set_viewport_size(before)
