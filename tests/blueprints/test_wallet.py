"""The wallet of one phone: what it shows, and that it shows it to nobody else."""

from tests.blueprints.browser import Browser
from tests.blueprints.test_order_pages import let_in, make_order
from webapp.domain import orders


def keep(browser: Browser, order) -> None:
    """Open the order by its link and keep it."""
    let_in(browser, order)
    answer = browser.send(f"/wallet/orders/{order.number}")
    assert (answer.status_code, answer.location) == (303, "/wallet")


def test_kept_order_shows_its_tickets_and_their_codes(browser, clock):
    order = make_order(clock)
    first, second = orders.list_tickets(order_id=order.id)

    keep(browser, order)
    wallet = browser.open("/wallet")
    page = browser.open(f"/wallet/tickets/{first.id}")

    assert wallet.headers["X-Wallet-Document"] == "list"
    assert first.serial_number in wallet.text
    assert page.headers["X-Wallet-Document"] == "ticket"
    assert page.headers["Cache-Control"] == "no-store"
    assert 'class="qr"' in page.text
    assert f"/wallet/tickets/{second.id}" in page.text
