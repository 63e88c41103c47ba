"""What a page's scripts and styles weigh on their way to a phone."""

import gzip
from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import Response, expect

from e2e.phone import Phone

MOST_BYTES = {"script": 8 * 1024, "stylesheet": 10 * 1024}


def expect_light(phone: Phone, path: str) -> set[str]:
    """Load a wallet page as a whole; nobody else is asked, and it is light. Answers the scripts."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    phone.page.on("response", keep)
    # With a query, so that the server answers and not the worker.
    phone.go(f"{path}?now")
    expect(phone.state).to_contain_text("Saved on this phone")
    phone.page.remove_listener("response", keep)

    weights: Counter[str] = Counter()
    scripts: set[str] = set()
    for answer in answers:
        assert answer.url.startswith(phone.network.url)
        kind = answer.request.resource_type
        if kind in MOST_BYTES and answer.ok:
            weights[kind] += len(gzip.compress(answer.body(), mtime=0))
        if kind == "script":
            scripts.add(urlsplit(answer.url).path.rsplit("/", 1)[-1])
    assert set(weights) == set(MOST_BYTES)
    assert {kind: size for kind, size in weights.items() if size > MOST_BYTES[kind]} == {}
    return scripts
