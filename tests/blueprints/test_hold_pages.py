from tests.factories import make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import checkouts
from webapp.models import Checkout, CheckoutStatus


def checkout_at(url) -> Checkout:
    db.session.expire_all()
    return checkouts.get_checkout(reference=url.rsplit("/", 1)[1])


def test_more_time_is_granted_and_runs_out(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))
    before = checkout_at(url).expires_at

    answers = [browser.send(f"{url}/extension") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [*[303] * 10, 409]
    assert (checkout_at(url).expires_at - before).total_seconds() == 10 * 5 * 60
    assert "cannot be extended again" in browser.words()


def test_refused_extension_is_an_alert_for_htmx(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))
    for _ in range(10):
        browser.send(f"{url}/extension")

    response = browser.send(f"{url}/extension", swap=True)

    assert response.status_code == 409
    assert response.headers["HX-Retarget"] == "#alerts"


def test_lapsed_hold_says_so_and_comes_back_with_one_tap(browser, clock):
    event = make_event()
    tier = make_tier(event)
    url = browser.hold(event, (tier, 2))
    clock.advance(minutes=16)

    browser.open(url)
    assert "Your time ran out" in browser.words()
    response = browser.send(f"{url}/renewal", email="guest@example.com", name="Ada", phone="")

    assert (response.status_code, response.location) == (303, url)
    checkout = checkout_at(url)
    assert checkout.is_open(now=clock())
    assert checkout.contact_email == "guest@example.com"


def test_renewal_without_places_left_says_what_is_left(browser, clock):
    event = make_event()
    tier = make_tier(event, capacity=2)
    url = browser.hold(event, (tier, 2))
    clock.advance(minutes=16)
    make_checkout((tier, 1), now=clock())

    response = browser.send(f"{url}/renewal")

    assert response.status_code == 409
    assert "only 1 left" in browser.words()


def test_cancellation_gives_the_tickets_back(browser):
    event = make_event()
    tier = make_tier(event, capacity=1)
    url = browser.hold(event, (tier, 1))

    response = browser.send(f"{url}/cancellation")

    assert (response.status_code, response.location) == (303, f"/e/{event.slug}")
    assert checkout_at(url).status is CheckoutStatus.CANCELLED
    browser.open(url)
    assert "This checkout was cancelled" in browser.words()
