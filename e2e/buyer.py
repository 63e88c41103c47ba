"""A buyer with a phone: finds things by what they are called, as people do."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from e2e.payment_page import PaymentPage
from tests.waiting import wait_until

EMAIL = "ada@example.com"


class Buyer:
    """One page of one browser, and the way through a purchase.

    ``has_scripts`` says whether the browser runs JavaScript: without it there
    are no plus buttons, so numbers are typed.
    """

    def __init__(self, page: Page, *, site_url: str, has_scripts: bool = True) -> None:
        self.page = page
        self.site_url = site_url
        self.has_scripts = has_scripts

    @property
    def reference(self) -> str:
        """The checkout that the address bar names."""
        return urlsplit(self.page.url).path.split("/")[2]

    @property
    def order_number(self) -> str:
        """The order that the address bar names."""
        return urlsplit(self.page.url).path.removeprefix("/orders/")

    @property
    def total(self) -> Locator:
        """The live total of the picker."""
        return self.page.locator("#total")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site_url}{path}")

    def open_event(self, slug: str) -> None:
        self.go(f"/e/{slug}")

    def open_event_when(self, slug: str, words: str) -> None:
        """Look again until the page says so: it may be as old as a second."""

        def look() -> bool:
            self.open_event(slug)
            return self.page.get_by_text(words).count() > 0

        wait_until(look, what=f"{slug} to say {words}")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def quantity(self, tier: str) -> Locator:
        return self.page.get_by_role("spinbutton", name=tier)

    def amount(self, donation: str) -> Locator:
        return self.page.get_by_role("textbox", name=donation)

    def choose(self, tier: str, quantity: int = 1) -> None:
        """So many tickets: tapped one by one, or typed where nothing can be tapped."""
        if not self.has_scripts:
            self.quantity(tier).fill(str(quantity))
            return
        # The buttons wait for their script, and a thumb is slower than that.
        self.page.wait_for_load_state()
        for _ in range(quantity):
            self.button(f"One more: {tier}").click()

    def go_on(self) -> None:
        """From the picker to the checkout."""
        self.button("Continue").click()
        self.expect_heading("Checkout")
        # Until its scripts run, the page saves nothing that is typed.
        self.page.wait_for_load_state()

    def hold(self, slug: str, tier: str = "Entry", quantity: int = 1) -> str:
        """Straight to the checkout; answers its reference."""
        self.open_event(slug)
        self.choose(tier, quantity)
        self.go_on()
        return self.reference

    def type_email(self, email: str = EMAIL) -> None:
        self.page.get_by_label("Email").fill(email)

    def go_to_pay(self, email: str = EMAIL) -> PaymentPage:
        """From the checkout to the gateway's page."""
        self.type_email(email)
        self.pay_button.click()
        return self.payment_page.wait()

    @property
    def payment_page(self) -> PaymentPage:
        return PaymentPage(self.page)

    def new_tab(self) -> "Buyer":
        """The same browser with another page."""
        return Buyer(
            self.page.context.new_page(), site_url=self.site_url, has_scripts=self.has_scripts
        )

    @property
    def pay_button(self) -> Locator:
        return self.button(re.compile(r"^Pay\b"))

    def expect_heading(self, name: str) -> None:
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()

    def expect_tickets(self, count: int) -> None:
        """The order page with so many QR codes, however long the way there takes."""
        going = self.page.get_by_role("heading", name="You are going!", level=1)
        expect(going).to_be_visible()
        expect(self.qr_codes).to_have_count(count)

    @property
    def qr_codes(self) -> Locator:
        return self.page.get_by_role("img", name="QR code")
