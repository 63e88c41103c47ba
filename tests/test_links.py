"""Absolute addresses: the same with and without a request."""

from flask import Flask

from webapp.links import absolute_url


def test_address_is_built_from_the_settings_without_a_request(app: Flask):
    assert absolute_url("orders.open_link", sealed="a.b") == "http://localhost:8000/o/a.b"


def test_address_owes_nothing_to_the_request(app: Flask):
    with app.test_request_context("/", base_url="https://evil.example/deep"):
        url = absolute_url("events.show_event", slug="a b")

    assert url == "http://localhost:8000/e/a%20b"
