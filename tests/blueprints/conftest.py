import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.blueprints.browser import Browser
from tests.blueprints.pass_phones import Phone, take
from tests.issued import make_order
from webapp.domain import orders
from webapp.models import WalletPass


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or program without cookies; each test has its own."""
    return app.test_client()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A buyer's browser that faults every page which is not in order."""
    app.extensions["event_pages"].pages.clear()
    return Browser(app)


@pytest.fixture
def phone(with_passes, client) -> Phone:
    return Phone(client)


@pytest.fixture
def wallet_pass(with_passes, clock) -> WalletPass:
    return take(orders.list_tickets(order_id=make_order(clock).id)[0], clock)


@pytest.fixture
def friend(app: Flask) -> Browser:
    """Another phone, of somebody who has bought nothing."""
    return Browser(app)
