import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.blueprints.browser import Browser


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or program without cookies; each test has its own."""
    return app.test_client()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A buyer's browser that faults every page which is not in order."""
    app.extensions["event_pages"].pages.clear()
    return Browser(app)
