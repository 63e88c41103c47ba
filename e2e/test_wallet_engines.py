"""Tickets open without a server in Firefox's engine and in the one of Safari, too."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from e2e.engines import ENGINES, open_engine, seek, words
from tests.waiting import wait_until

_HAS_WORKER = """
navigator.serviceWorker.getRegistration().then(found => { window.isReady = !!found?.active; });
return window.isReady"""
_REMOVE = "document.querySelector('[data-wallet-remove]').click()"


@pytest.fixture(params=ENGINES)
def driver(request, tmp_path) -> Iterator[WebDriver]:
    with open_engine(request.param, tmp_path) as driver:
        yield driver


# Selenium itself connects to WebKitGTK in a way that it warns of.
@pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")
def test_tickets_open_without_a_server_in_every_engine(driver, network, tickets):
    """Kept by opening the order, shown with the server dead, removed with it dead, too."""
    bought = tickets.buy(2)
    driver.get(f"{network.url}{bought.link}")
    wait_until(
        lambda: "saved on this phone" in words(driver, "[data-wallet-keep-state]"),
        what=lambda: words(driver, "#order-keep"),
    )
    driver.get(f"{network.url}/wallet")
    expect_state(driver, "Saved on this phone")
    wait_until(lambda: has_worker(driver), what="the worker")

    with network.dead():
        driver.get(f"{network.url}{bought.path(2)}")
        seek(driver, "#wallet-page svg[role=img]")
        expect_state(driver, "You are offline")
        assert bought.show.title in words(driver, "h1")
        driver.get(f"{network.url}/")
        wait_until(lambda: words(driver, "h1") == "You are offline", what="the offline page")
        driver.get(f"{network.url}/wallet")
        assert len(driver.find_elements(By.CSS_SELECTOR, ".wallet-line")) == 2

        driver.execute_script(_REMOVE)

        wait_until(lambda: words(driver, "h1") == "Removed from this phone", what="the removal")
        driver.get(f"{network.url}{bought.path(2)}")
        assert words(driver, "h1") == "Not saved on this phone"


def expect_state(driver: WebDriver, said: str) -> None:
    wait_until(lambda: said in words(driver, "#wallet-state"), what=lambda: words(driver, "main"))


def has_worker(driver: WebDriver) -> bool:
    """Whether the next page is answered by the worker."""
    return bool(driver.execute_script(_HAS_WORKER))
