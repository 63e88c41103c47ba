"""One browser for the run, a phone of its own for each test, a judge at the end of each."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from e2e.buyer import Buyer
from e2e.chromium import ARGUMENTS, quick_chromium
from e2e.network import Network
from e2e.phone import Phone
from e2e.programme import Programme
from e2e.ticket_buying import TicketBuying
from e2e.witness import NO_NETWORK, Witness
from tests.box_office import ROOT, BoxOffice
from webapp import create_app

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-US",
}
PATIENCE_MS = 30_000
RESULTS = ROOT / "test-results"
FAILED = pytest.StashKey[bool]()

expect.set_options(timeout=PATIENCE_MS)

NewBuyer = Callable[..., Buyer]
NewPhone = Callable[..., Phone]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that fails is run once more, and the summary names it.

    A browser hangs at some step once in many thousands. The rules of money, stock
    and tickets are proved without one, under tests/, where nothing is run again.
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember for the fixtures' end whether the test failed."""
    report: Any = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=quick_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session", autouse=True)
def no_reports(running_box_office: BoxOffice) -> Iterator[None]:
    """Over the whole run, no browser had to refuse anything for the policy's sake."""
    yield
    metrics = running_box_office.http.get(f"{running_box_office.site_url}/metrics").text
    reports = re.findall(r"^csp_reports_total\{.*", metrics, re.MULTILINE)
    assert [line for line in reports if not line.endswith(" 0.0")] == []


@pytest.fixture(scope="session")
def programme(running_box_office: BoxOffice) -> Iterator[Programme]:
    organizer = Programme(create_app(running_box_office.recorded_environment()))
    yield organizer
    organizer.close()


@pytest.fixture
def new_buyer(
    browser: Browser, box_office: BoxOffice, request: pytest.FixtureRequest
) -> Iterator[NewBuyer]:
    """Make buyers with a browser of their own; all of them are judged at the end.

    The second attempt of a test is traced: tracing takes a sixth of a test's time.
    """
    is_traced = getattr(request.node, "execution_count", 1) > 1
    contexts: list[BrowserContext] = []
    witnesses: list[Witness] = []

    def make(*, harmless: tuple[re.Pattern[str], ...] = (), **options: Any) -> Buyer:
        context = browser.new_context(**(PHONE | options))
        context.set_default_timeout(PATIENCE_MS)
        if is_traced:
            context.tracing.start(snapshots=True)
        contexts.append(context)
        origins = frozenset({box_office.site_url, box_office.sandbox_url})
        witnesses.append(Witness(context, origins=origins, harmless=harmless))
        return Buyer(
            context.new_page(),
            site_url=box_office.site_url,
            has_scripts=options.get("java_script_enabled", True),
        )

    yield make
    has_failed = request.node.stash.get(FAILED, True)
    faults = [fault for witness in witnesses for fault in witness.finish()]
    for number, context in enumerate(contexts):
        _close(
            context,
            keep=RESULTS / f"{_file_name(request.node.name)}-{number}",
            has_failed=has_failed,
            is_traced=is_traced,
        )
    assert faults == []


@pytest.fixture
def buyer(new_buyer: NewBuyer) -> Buyer:
    """A buyer with a phone."""
    return new_buyer()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def any_buyer(new_buyer: NewBuyer, request: pytest.FixtureRequest) -> Buyer:
    """A buyer whose browser runs JavaScript, then one whose browser does not."""
    return new_buyer(java_script_enabled=request.param)


@pytest.fixture
def network(box_office: BoxOffice) -> Iterator[Network]:
    """The way from phones to the site, for taking it away."""
    with Network(urlsplit(box_office.site_url).port or 0) as network:
        yield network


@pytest.fixture
def tickets(box_office: BoxOffice, programme: Programme) -> TicketBuying:
    return TicketBuying(box_office, programme)


@pytest.fixture
def new_phone(
    browser: Browser, network: Network, box_office: BoxOffice, request: pytest.FixtureRequest
) -> Iterator[NewPhone]:
    """Make phones that reach the site through ``network``; all are judged at the end."""
    contexts: list[BrowserContext] = []
    witnesses: list[Witness] = []

    def make(**options: Any) -> Phone:
        context = browser.new_context(**(PHONE | options))
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        origins = frozenset({network.url})
        witnesses.append(Witness(context, origins=origins, harmless=(NO_NETWORK,)))
        return Phone(context, network)

    yield make
    faults = [fault for witness in witnesses for fault in witness.finish()]
    has_failed = request.node.stash.get(FAILED, True)
    for number, context in enumerate(contexts):
        for page_number, page in enumerate(context.pages if has_failed else ()):
            name = f"{_file_name(request.node.name)}-{number}-{page_number}.png"
            _keep_picture(page, RESULTS / name)
        context.close()
    assert faults == []


@pytest.fixture
def phone(new_phone: NewPhone) -> Phone:
    return new_phone()


def _close(context: BrowserContext, *, keep: Path, has_failed: bool, is_traced: bool) -> None:
    """Close the context; of a failed test, keep what its pages looked like."""
    if has_failed:
        for number, page in enumerate(context.pages):
            _keep_picture(page, Path(f"{keep}-{number}.png"))
    if is_traced:
        context.tracing.stop(path=f"{keep}.zip" if has_failed else None)
    context.close()


def _keep_picture(page: Page, path: Path) -> None:
    """What a page of a failed test looked like; a browser that hangs has no more to say."""
    with suppress(PlaywrightError):
        page.screenshot(path=path, full_page=True)


def _file_name(test_name: str) -> str:
    return re.sub(r"\W+", "-", test_name).strip("-")
