"""The session cookie: set when the session changed, and never for programs or files."""

import pytest

from tests.blueprints.browser import Browser
from tests.factories import make_event, make_tier

PROGRAM_ENDPOINTS = {"static", "api", "webhooks", "security", "health"}


@pytest.fixture
def visitor(browser: Browser) -> Browser:
    """A browser that holds a ticket, and so has a session."""
    event = make_event()
    browser.hold(event, (make_tier(event), 1))
    return browser


def test_page_that_changes_nothing_sends_no_cookie_again(visitor):
    for path in ("/", "/nothing"):
        assert "Set-Cookie" not in visitor.client.get(path).headers


def test_no_route_for_programs_and_no_file_sets_a_cookie(app, visitor):
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in PROGRAM_ENDPOINTS:
            continue
        path = str(rule).replace("<path:filename>", "css/tokens.css")
        for method in sorted(rule.methods):
            for client in (visitor.client, app.test_client()):
                with client.open(path, method=method) as response:
                    assert "Set-Cookie" not in response.headers, (method, path)
                tried += 1

    assert tried > 50


@pytest.mark.parametrize("path", ["/static/nothing.css", "/api/v1/nothing", "/webhooks/nothing"])
def test_unknown_address_of_programs_sets_no_cookie(app, visitor, path):
    for client in (visitor.client, app.test_client()):
        assert "Set-Cookie" not in client.get(path).headers
