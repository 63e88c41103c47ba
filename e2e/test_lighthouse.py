"""What Lighthouse says of the pages on the way to a ticket: scores that are no times.

Its score of performance is one of time, and so for ``make lighthouse`` and not for a test.
"""

import pytest

from e2e.lighthouse_run import (
    NOT_OF_PRIVATE_PAGES,
    WANTED,
    CannotFetch,
    cookies_of,
    fetch_lighthouse,
    judge,
)
from tests.box_office import FESTIVAL

LEAST = {name: score for name, score in WANTED.items() if name != "performance"}


@pytest.fixture(scope="module", autouse=True)
def lighthouse():
    try:
        fetch_lighthouse()
    except CannotFetch as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("path", ["/", f"/e/{FESTIVAL}"], ids=["list", "event"])
def test_public_page_scores(box_office, tmp_path, path):
    verdict = judge(f"{box_office.site_url}{path}", report=tmp_path / "page", categories=LEAST)

    assert below_least(verdict) == {}, verdict.faults


def test_checkout_scores_as_the_buyer_sees_it(buyer, programme, tmp_path):
    buyer.hold(programme.put_on().slug)

    verdict = judge(
        buyer.page.url,
        report=tmp_path / "page",
        categories=LEAST,
        skipped=NOT_OF_PRIVATE_PAGES,
        cookies=cookies_of(buyer.page.context),
    )

    assert below_least(verdict) == {}, verdict.faults


def below_least(verdict):
    return {name: score for name, score in verdict.scores.items() if score < LEAST[name]}
