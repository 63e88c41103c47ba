import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.blueprints.browser import Browser
from tests.fakes import FrozenClock
from tests.transfers import Handover


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
def friend(app: Flask) -> Browser:
    """Another phone, of somebody who has bought nothing."""
    return Browser(app)


@pytest.fixture
def handover(app: Flask, clock: FrozenClock) -> Handover:
    """A paid order whose first ticket may change hands."""
    return Handover.begin(clock)
