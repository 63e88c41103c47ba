"""The same purchase in the other two engines: Firefox's, and the one of Safari."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from e2e.buyer import EMAIL
from e2e.engines import ENGINES, open_engine, press, seek, words
from tests.box_office import GOOD_CARD
from tests.waiting import wait_until

PRICE = "$34.17"
_FOREIGN = "return performance.getEntriesByType('resource').map(e => new URL(e.name).origin)"


@pytest.fixture(params=ENGINES)
def driver(request, tmp_path) -> Iterator[WebDriver]:
    with open_engine(request.param, tmp_path) as driver:
        yield driver


# Selenium itself connects to WebKitGTK in a way that it warns of.
@pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")
def test_guest_buys_in_every_engine(driver, box_office, programme):
    """A fault in the form on the way: the swap, the focus and what was typed are checked, too."""
    show = programme.put_on()
    driver.get(f"{box_office.site_url}/e/{show.slug}")
    seek(driver, "button[data-step='1']").click()
    wait_until(lambda: PRICE in words(driver, "#total"), what=lambda: words(driver, "main"))
    press(driver, "Continue")
    wait_until(lambda: words(driver, "h1") == "Checkout", what="the checkout")
    seek(driver, "#email").send_keys("ada@example")

    press(driver, "Pay")

    wait_until(lambda: "Check your details" in words(driver, "main"), what="the fault")
    wait_until(lambda: "tabindex" in focus(driver), what="the focus on the news")
    assert value(driver, "#email") == "ada@example"
    assert origins(driver) == {box_office.site_url}

    seek(driver, "#email").clear()
    seek(driver, "#email").send_keys(EMAIL)
    press(driver, "Pay")
    seek(driver, "#number").clear()
    seek(driver, "#number").send_keys(GOOD_CARD)
    press(driver, "Pay", "Book")

    wait_until(
        lambda: words(driver, "h1") == "You are going!",
        what=lambda: words(driver, "body"),
        seconds=90,
    )
    assert len(driver.find_elements(By.CSS_SELECTOR, ".ticket svg[role=img]")) == 1
    assert origins(driver) == {box_office.site_url}


def value(driver: WebDriver, selector: str) -> str:
    return str(driver.execute_script("return arguments[0].value", seek(driver, selector)))


def focus(driver: WebDriver) -> str:
    """The element that has the focus, as HTML without what is in it."""
    return str(driver.execute_script("return document.activeElement.cloneNode().outerHTML"))


def origins(driver: WebDriver) -> set[str]:
    """Whom the page asked for anything."""
    return set(driver.execute_script(_FOREIGN))
