"""A tap that comes before the page has everything it needs is not lost."""

from playwright.sync_api import expect

HTMX = "**/vendor/htmx*"


class Gate:
    """Keeps requests waiting until a test lets them go."""

    def __init__(self, page, pattern):
        self._waiting = []
        self._is_open = False
        page.route(pattern, self._arrive)

    def _arrive(self, route):
        if self._is_open:
            route.continue_()
        else:
            self._waiting.append(route)

    def open(self):
        self._is_open = True
        for route in self._waiting:
            route.continue_()


def test_tap_before_htmx_is_there_is_counted_and_priced(buyer, programme):
    show = programme.put_on()
    gate = Gate(buyer.page, HTMX)
    buyer.page.goto(f"{buyer.site_url}/e/{show.slug}", wait_until="commit")

    buyer.button("One more: Entry").click()
    expect(buyer.quantity("Entry")).to_have_value("1")
    gate.open()

    expect(buyer.total).to_contain_text("$34.17")


def test_number_changed_before_htmx_is_there_reaches_the_checkout(buyer, programme):
    show = programme.put_on()
    reference = buyer.hold(show.slug)
    gate = Gate(buyer.page, HTMX)
    buyer.page.goto(f"{buyer.site_url}/checkout/{reference}", wait_until="commit")

    buyer.button("One more: Entry").click()
    gate.open()

    expect(buyer.page.locator("#summary")).to_contain_text("$66.15")
    assert programme.count_taken(show) == 2


def test_buttons_without_their_script_are_not_offered(buyer, programme):
    show = programme.put_on()
    buyer.page.route("**/js/stepper.js*", lambda route: route.fulfill(body=""))

    buyer.open_event(show.slug)

    expect(buyer.quantity("Entry")).to_be_visible()
    expect(buyer.page.locator("[data-step]").first).to_be_hidden()
