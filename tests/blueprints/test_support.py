"""A person can be reached from every page, and first of all where somebody is stuck."""

import pytest

from tests.blueprints.browser import let_in
from tests.factories import make_event, make_tier
from tests.issued import make_order
from webapp.models import OrderStatus

ADDRESS = '<a href="mailto:tickets@example.com">tickets@example.com</a>'


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def foot_of(page: str) -> str:
    return page[page.index("<footer") :]


def test_foot_of_every_page_names_the_address(browser):
    for path in ("/", f"/e/{make_event().slug}", "/find-tickets", "/nowhere"):
        assert ADDRESS in foot_of(browser.open(path).text)


def test_error_page_names_it_where_one_reads(browser):
    assert ADDRESS in main_of(browser.open("/nowhere").text)


def test_waiting_page_names_it_where_one_reads(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))
    browser.send(f"{url}/payment", email="guest@example.com")

    assert ADDRESS in main_of(browser.open(f"{url}/return").text)


def test_order_page_names_it_with_the_number_of_the_order(browser, clock):
    order = make_order(clock)

    let_in(browser, order)

    link = f'href="mailto:tickets@example.com?subject=Order%20{order.number}"'
    assert link in main_of(browser.page)


@pytest.mark.parametrize(
    "status", [OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.FAILED]
)
def test_order_without_tickets_names_it_as_well(browser, clock, status):
    let_in(browser, make_order(clock, status))

    assert ADDRESS in main_of(browser.page)
