"""The same purchase in the other two engines: Firefox's, and the one of Safari."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.firefox.options import Options as FirefoxOptions
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.options import Options as WebKitOptions
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from e2e.buyer import EMAIL
from e2e.marionette import Marionette
from tests.box_office import GOOD_CARD
from tests.waiting import wait_until

PRICE = "$34.17"
NARROW = (390, 844)
NOT_THERE = (NoSuchElementException, StaleElementReferenceException)
_FOREIGN = "return performance.getEntriesByType('resource').map(e => new URL(e.name).origin)"


@pytest.fixture
def firefox(tmp_path) -> Iterator[WebDriver]:
    binary = shutil.which("firefox-esr") or shutil.which("firefox")
    if binary is None:
        pytest.skip("Firefox is not installed (Debian: firefox-esr)")
    driver = webdriver.Remote(
        command_executor=Marionette(binary, profile=tmp_path), options=FirefoxOptions()
    )
    yield driver
    driver.quit()


@pytest.fixture
def display() -> Iterator[str]:
    """A screen that nobody sees; WebKitGTK knows no other way to draw."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed (Debian: xvfb)")
    reading, writing = os.pipe()
    with subprocess.Popen(
        [server, "-displayfd", str(writing), "-screen", "0", "800x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(writing)
        with os.fdopen(reading) as numbers:
            yield f":{numbers.readline().strip()}"
        process.terminate()


@pytest.fixture
def webkit(display, monkeypatch) -> Iterator[WebDriver]:
    driver_path = shutil.which("WebKitWebDriver")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if driver_path is None or not browsers:
        pytest.skip("WebKitGTK's driver is not installed (Debian: webkit2gtk-driver)")
    options = WebKitOptions()
    options.binary_location = str(browsers[-1])
    options.add_argument("--automation")
    service = WebKitService(driver_path, env=os.environ | {"DISPLAY": display})
    driver = webdriver.WebKitGTK(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture(params=["firefox", "webkit"])
def driver(request) -> WebDriver:
    found: WebDriver = request.getfixturevalue(request.param)
    found.set_window_size(*NARROW)
    return found


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
        seconds=40,
    )
    assert len(driver.find_elements(By.CSS_SELECTOR, ".ticket svg[role=img]")) == 1
    assert origins(driver) == {box_office.site_url}


def seek(driver: WebDriver, selector: str) -> WebElement:
    """The element, as soon as it is there."""

    def look() -> WebElement | None:
        found = driver.find_elements(By.CSS_SELECTOR, selector)
        return found[0] if found else None

    return wait_until(look, what=selector)


def press(driver: WebDriver, *names: str) -> None:
    """Press the button whose words begin like that, clear of the bars at the window's edges."""

    def look() -> WebElement | None:
        buttons = driver.find_elements(By.CSS_SELECTOR, "button")
        return next((each for each in buttons if text_of(driver, each).startswith(names)), None)

    button = wait_until(look, what=f"a button {names}")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def words(driver: WebDriver, selector: str) -> str:
    try:
        return text_of(driver, driver.find_element(By.CSS_SELECTOR, selector))
    except NOT_THERE:
        return ""


def text_of(driver: WebDriver, element: WebElement) -> str:
    """The words as they were written: the style may show them in capitals."""
    return str(driver.execute_script("return arguments[0].textContent.trim()", element))


def value(driver: WebDriver, selector: str) -> str:
    return str(driver.execute_script("return arguments[0].value", seek(driver, selector)))


def focus(driver: WebDriver) -> str:
    """The element that has the focus, as HTML without what is in it."""
    return str(driver.execute_script("return document.activeElement.cloneNode().outerHTML"))


def origins(driver: WebDriver) -> set[str]:
    """Whom the page asked for anything."""
    return set(driver.execute_script(_FOREIGN))
