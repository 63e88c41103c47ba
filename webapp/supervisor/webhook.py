"""The sandbox learns where to send its notices, the way the real gateway does."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import stripe

from webapp.embedded.settings import write_private
from webapp.notice_types import NOTICE_TYPES

ENDPOINT_FILE = "webhook.json"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A registered address, and the secret that its notices are signed with."""

    id: str
    url: str
    secret: str


def register_endpoint(home: Path, *, api_base: str, key: str, url: str) -> str:
    """The signing secret of the sandbox's notices to `url`.

    The gateway tells it only once, so it is kept in `home`; an endpoint that the sandbox still
    knows is used again. Raises :class:`stripe.StripeError` if the sandbox refuses.
    """
    client = stripe.StripeClient(key, base_addresses={"api": api_base}, max_network_retries=2)
    kept = find_kept_endpoint(home)
    if kept is not None and _still_serves(client, kept, url=url):
        return kept.secret
    if kept is not None:
        _remove(client, kept)
    created = client.v1.webhook_endpoints.create({"url": url, "enabled_events": [*NOTICE_TYPES]})
    endpoint = Endpoint(id=created.id, url=url, secret=str(created.secret))
    write_private(home / ENDPOINT_FILE, json.dumps(asdict(endpoint)) + "\n")
    return endpoint.secret


def find_kept_endpoint(home: Path) -> Endpoint | None:
    """None before the first registration, and if the file is damaged."""
    try:
        return Endpoint(**json.loads((home / ENDPOINT_FILE).read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _still_serves(client: stripe.StripeClient, kept: Endpoint, *, url: str) -> bool:
    """Whether the sandbox knows the endpoint and sends it everything that we listen for."""
    try:
        known = client.v1.webhook_endpoints.retrieve(kept.id)
    except stripe.InvalidRequestError:
        return False
    return known.url == url and set(known.enabled_events) == set(NOTICE_TYPES)


def _remove(client: stripe.StripeClient, kept: Endpoint) -> None:
    try:
        client.v1.webhook_endpoints.delete(kept.id)
    except stripe.InvalidRequestError:
        return  # it is gone already
