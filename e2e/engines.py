"""The other two engines, Firefox's and the one of Safari, and how to look at their pages."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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

from e2e.marionette import Marionette
from tests.waiting import wait_until

ENGINES = ("firefox", "webkit")
NOT_THERE = (NoSuchElementException, StaleElementReferenceException)
_NARROW = (390, 844)


@contextmanager
def open_engine(name: str, profile: Path) -> Iterator[WebDriver]:
    """A browser of that engine; the test is skipped where it is not installed."""
    with ExitStack() as stack:
        open_it = _open_firefox if name == "firefox" else _open_webkit
        driver = open_it(stack, profile)
        stack.callback(driver.quit)
        driver.set_window_size(*_NARROW)
        yield driver


def _open_firefox(_stack: ExitStack, profile: Path) -> WebDriver:
    binary = shutil.which("firefox-esr") or shutil.which("firefox")
    if binary is None:
        pytest.skip("Firefox is not installed (Debian: firefox-esr)")
    return webdriver.Remote(
        command_executor=Marionette(binary, profile=profile), options=FirefoxOptions()
    )


def _open_webkit(stack: ExitStack, _profile: Path) -> WebDriver:
    driver_path = shutil.which("WebKitWebDriver")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if driver_path is None or not browsers:
        pytest.skip("WebKitGTK's driver is not installed (Debian: webkit2gtk-driver)")
    display = stack.enter_context(_open_display())
    options = WebKitOptions()
    options.binary_location = str(browsers[-1])
    options.add_argument("--automation")
    service = WebKitService(driver_path, env=os.environ | {"DISPLAY": display})
    return webdriver.WebKitGTK(options=options, service=service)


@contextmanager
def _open_display() -> Iterator[str]:
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
    """What an element says, empty while it is not there."""
    try:
        return text_of(driver, driver.find_element(By.CSS_SELECTOR, selector))
    except NOT_THERE:
        return ""


def text_of(driver: WebDriver, element: WebElement) -> str:
    """The words as they were written: the style may show them in capitals."""
    return str(driver.execute_script("return arguments[0].textContent.trim()", element))
