"""Absolute addresses, always from SITE_URL: a request's Host header is the caller's word."""

from flask import current_app

from webapp.extensions import settings


def absolute_url(endpoint: str, **values: object) -> str:
    """The full address of a view, for mails, the gateway and the API. Needs no request."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{settings().site_url}{path}"
