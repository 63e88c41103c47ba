"""The gateway's hosted payment page, as the sandbox serves it."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.box_office import GOOD_CARD


class PaymentPage:
    """Where the buyer types a card; no part of the site."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @property
    def url(self) -> str:
        return self._page.url

    @property
    def session(self) -> str:
        """The gateway's own name for this payment."""
        return urlsplit(self._page.url).path.rsplit("/", 1)[1]

    def wait(self) -> "PaymentPage":
        expect(self._page.get_by_role("heading", name="Pay by card")).to_be_visible()
        return self

    def pay(self, card: str = GOOD_CARD) -> None:
        self._page.get_by_label("Card number").fill(card)
        self._page.get_by_role("region", name="Pay by card").get_by_role("button").click()

    def expect_decline(self) -> None:
        expect(self._page.get_by_role("alert")).to_contain_text("declined")

    def confirm_with_bank(self) -> None:
        self._page.get_by_role("button", name="Complete authentication").click()

    def leave(self) -> None:
        """The gateway's own way back."""
        self._page.get_by_role("link", name="Back to the shop").click()
