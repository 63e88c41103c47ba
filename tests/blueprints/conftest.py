import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.blueprints.browser import Browser
from tests.blueprints.pass_phones import Phone, take
from tests.blueprints.phones_of_wallet import join
from tests.blueprints.wallets import keep
from tests.factories import make_code, make_event, make_tier
from tests.fakes import FrozenClock
from tests.issued import make_order
from webapp.domain import orders
from webapp.models import Code, CodeKind, Event, Order, Tier, WalletPass


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


@pytest.fixture
def event(app: Flask) -> Event:
    return make_event()


@pytest.fixture
def tier(event: Event) -> Tier:
    return make_tier(event, name="Floor", price_cents=10_000)


@pytest.fixture
def hidden(event: Event) -> Tier:
    """A tier that a code has to open."""
    return make_tier(event, name="Backstage", is_hidden=True)


@pytest.fixture
def access(event: Event, hidden: Tier) -> Code:
    """The code that opens the hidden tier, and takes nothing off."""
    return make_code(
        event,
        text="CREW-2027",
        kind=CodeKind.ACCESS,
        percent_basis_points=0,
        opened_tiers=[hidden],
    )


@pytest.fixture
def order(app: Flask, clock: FrozenClock) -> Order:
    """A paid order with two tickets."""
    return make_order(clock)


@pytest.fixture
def owner(browser: Browser, order: Order) -> Browser:
    """A phone that keeps the order."""
    keep(browser, order)
    return browser


@pytest.fixture
def guest(app: Flask, owner: Browser) -> Browser:
    """A phone that was let into the owner's wallet by a code."""
    return join(app, owner)
