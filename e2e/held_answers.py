"""Requests that a test lets through, late or never, so that no race is left to chance."""

from contextlib import suppress

from playwright.sync_api import Error, Page, Route, expect

from tests.waiting import wait_until


class HeldAnswers:
    """Keeps what the page asks at some addresses waiting, until a test answers it.

    A held question that the page has given up meanwhile is let go of silently.
    """

    def __init__(self, page: Page, pattern: str, *, times: int | None = None) -> None:
        self._page = page
        self._waiting: list[Route] = []
        self._come = 0
        self._is_over = False
        if times is None:
            page.route(pattern, self._arrive)
        else:
            page.route(pattern, self._arrive, times=times)

    def wait(self, count: int = 1) -> None:
        """Until so many were asked, counted from the beginning."""

        def has_come() -> bool:
            # Routes arrive only while the driver is at work.
            self._page.evaluate("0")
            return self._come >= count

        wait_until(has_come, what=f"{count} requests")

    def answer(self) -> None:
        """Let the oldest one go on to the server."""
        with suppress(Error):
            self._waiting.pop(0).continue_()

    def answer_changed(self, old: str, new: str) -> None:
        """Hand on the server's answer to the oldest one with other words in it."""
        route = self._waiting.pop(0)
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(old, new))

    def refuse(self, status: int, **headers: str) -> None:
        """Let the oldest one be told something else than what the server would say."""
        self._waiting.pop(0).fulfill(status=status, headers=headers, body="<p>Try again.</p>")

    def fail(self) -> None:
        """Let the oldest one end as without a network."""
        with suppress(Error):
            self._waiting.pop(0).abort("connectionreset")

    def end(self) -> None:
        """Stand in the way of nothing that comes from now on."""
        self._is_over = True

    def _arrive(self, route: Route) -> None:
        if self._is_over:
            route.continue_()
            return
        self._come += 1
        self._waiting.append(route)


def wake(page: Page) -> None:
    """The tab is looked at again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def expect_agreement(page: Page, *, total: str, quantity: str) -> None:
    """Field, summary and button say the same."""
    expect(page.get_by_role("spinbutton")).to_have_value(quantity)
    expect(page.locator("#summary")).to_contain_text(total)
    expect(page.locator("#pay-button")).to_contain_text(total.removeprefix("$"))
