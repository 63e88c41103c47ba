"""Pages are light: what a phone fetches to show one, and that nothing jumps on the last one."""

import gzip
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Response

from e2e.buyer import Buyer

# Bytes as gzip sends them, of everything that one page loads.
MOST_BYTES = {"script": 30 * 1024, "stylesheet": 10 * 1024}
MOST_SHIFT = 0.05
_SHIFT = """() => new Promise(done => {
  let shift = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
  }).observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(shift))));
})"""


def _list(buyer: Buyer, slug: str) -> None:
    buyer.go("/")


def _event(buyer: Buyer, slug: str) -> None:
    buyer.open_event(slug)


def _checkout(buyer: Buyer, slug: str) -> None:
    buyer.hold(slug)


def _order(buyer: Buyer, slug: str) -> None:
    buyer.hold(slug)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)


# One entry for each page that buyers see on their way.
PAGES: tuple[Callable[[Buyer, str], None], ...] = (_list, _event, _checkout, _order)


@pytest.mark.parametrize("go_there", PAGES, ids=lambda page: page.__name__.strip("_"))
def test_page_is_light_and_stands_still(buyer, programme, go_there):
    go_there(buyer, programme.put_on().slug)
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    buyer.page.on("response", keep)

    # Again, so that it is the page itself that is weighed and not the way to it.
    buyer.page.reload(wait_until="load")

    weights: Counter[str] = Counter()
    for answer in answers:
        if answer.request.resource_type in MOST_BYTES and answer.ok:
            weights[answer.request.resource_type] += len(gzip.compress(answer.body(), mtime=0))
    assert set(weights) == set(MOST_BYTES)
    assert {kind: size for kind, size in weights.items() if size > MOST_BYTES[kind]} == {}
    assert buyer.page.evaluate(_SHIFT) <= MOST_SHIFT
