"""A buyer without a pointer: moves by Tab, and has to see where the focus is."""

from playwright.sync_api import Locator, Page

MAX_STEPS = 80
_FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    what: element.outerHTML.slice(0, 90),
    hasRing: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    isCovered: !(seen && (element.contains(seen) || seen.contains(element))),
  };
}"""


class Keyboard:
    """Walks a page by Tab and notes every stop that could not be seen."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.faults: list[str] = []

    def reach(self, target: Locator) -> None:
        """Press Tab until ``target`` has the focus."""
        for _ in range(MAX_STEPS):
            self._page.keyboard.press("Tab")
            stop = self._page.evaluate(_FOCUS)
            if not stop["hasRing"]:
                self.faults.append(f"no visible focus: {stop['what']}")
            if stop["isCovered"]:
                self.faults.append(f"focus is covered: {stop['what']}")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{MAX_STEPS} times Tab never led to {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self._page.keyboard.press("Enter")

    def type(self, target: Locator, text: str) -> None:
        self.reach(target)
        self._page.keyboard.type(text)
