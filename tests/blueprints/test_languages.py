"""Which language a page speaks: the switch's, else the browser's, else English."""

import pytest

from tests.blueprints.api_calls import assert_problem
from tests.blueprints.browser import Browser, text_of
from tests.factories import make_event, make_tier
from webapp.catalogues import LANGUAGES
from webapp.database import db
from webapp.models import Checkout

COOKIE = "yardpass-language"


def speak(browser: Browser, accept: str) -> Browser:
    """The browser of somebody who reads these languages."""
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = accept
    return browser


def language_of(browser: Browser, url: str = "/") -> str:
    browser.open(url)
    return browser.page.partition('<html lang="')[2][:2]


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("de-AT", "de"),
        ("fr;q=1.0,de;q=0.3,en;q=0.2", "de"),
        ("en-GB,de;q=0.8", "en"),
        ("fr,it", "en"),
        ("*", "en"),
        ("", "en"),
        ("nonsense;;q=x", "en"),
    ],
)
def test_browser_chooses_the_language(browser, accept, language):
    assert language_of(speak(browser, accept)) == language


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ["miércoles, 31 de marzo de 2027", "34,17\xa0US$", "Elige tus"]),
        ("de", ["Mittwoch, 31. März 2027", "34,17\xa0$", "Wähle deine Tickets"]),
        ("en", ["Wednesday, March 31, 2027", "$34.17", "Choose your tickets"]),
    ],
)
def test_event_page_writes_words_dates_and_money_in_one_language(browser, language, words):
    event = make_event()
    make_tier(event)

    speak(browser, language).open(f"/e/{event.slug}")

    for word in words:
        assert word in browser.page


def test_event_page_is_shared_only_among_readers_of_one_language(app, browser):
    event = make_event()
    make_tier(event)
    url = f"/e/{event.slug}"

    seen = [language_of(speak(Browser(app), accept), url) for accept in ("de", "es", "de", "en")]

    assert seen == ["de", "es", "de", "en"]


def test_switch_shows_the_same_page_and_is_remembered(browser):
    event = make_event()
    make_tier(event)
    url = f"/e/{event.slug}"

    switched = browser.open(f"{url}?lang=de")

    assert (switched.status_code, switched.location) == (303, url)
    assert language_of(browser, url) == "de"
    assert language_of(speak(browser, "es"), "/") == "de"
    cookie = browser.client.get_cookie(COOKIE)
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("de", True, "Lax")


def test_switch_is_at_the_foot_of_every_page_in_its_own_words(browser):
    browser.open("/")

    foot = browser.page.partition('<nav id="languages"')[2].partition("</nav>")[0]
    assert text_of("<nav" + foot).split() == ["English", "Español", "Deutsch"]
    for code in LANGUAGES:
        assert f'href="?lang={code}" lang="{code}" hreflang="{code}"' in foot
    assert foot.count("aria-current") == 1


def test_switch_keeps_what_else_the_address_asks_for(browser):
    with_all = browser.client.get("/?month=2027-03&q=caf%C3%A9&lang=es")
    from_page = browser.client.get(
        "/?lang=es", headers={"Referer": "http://localhost/?q=son&lang=de"}
    )
    from_elsewhere = browser.client.get("/?lang=es", headers={"Referer": "http://x.example/?q=1"})

    assert with_all.location == "/?month=2027-03&q=caf%C3%A9"
    assert from_page.location == "/?q=son"
    assert from_elsewhere.location == "/"


@pytest.mark.parametrize("lang", ["fr", "", "de/../..", "https://evil.example", "EN"])
def test_unknown_language_changes_nothing(browser, lang):
    answer = browser.open(f"/?lang={lang}")

    assert answer.status_code == 200
    assert browser.client.get_cookie(COOKIE) is None


@pytest.mark.parametrize(
    "path", ["//evil.example/?lang=de", "/%2F/evil.example?lang=de", "/\\evil.example?lang=de"]
)
def test_switch_never_leads_to_another_site(browser, path):
    answer = browser.client.get(path, base_url="http://localhost")

    location = answer.headers.get("Location", "/")
    assert location.startswith(("/", "http://localhost/"))
    assert not location.startswith(("//", "/\\"))


def test_switch_survives_a_referrer_that_is_no_address(browser):
    switched = browser.client.get("/?lang=de", headers={"Referer": "http://["})

    assert (switched.status_code, switched.location) == (303, "/")


def test_forged_cookie_speaks_no_language(browser):
    browser.client.set_cookie(COOKIE, "../../etc")

    assert language_of(speak(browser, "es")) == "es"


def test_page_that_answered_a_form_leads_to_one_that_can_be_opened(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))

    browser.send(f"{url}/payment", email="not an address")
    switched = browser.open(f"{url}/payment?lang=de")

    assert switched.status_code == 303
    assert browser.open(switched.location).location == url


def test_unknown_address_is_told_in_the_readers_language(browser):
    speak(browser, "es").open("/nothing/at/all")
    assert "Página no encontrada" in browser.words()

    assert browser.open("/nothing/at/all?lang=de").location == "/"
    browser.open("/nothing/at/all")
    assert "Seite nicht gefunden" in browser.words()


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/nothing", "/healthz", "/metrics"])
def test_programs_have_no_switch(client, path):
    answer = client.get(f"{path}?lang=de")

    assert answer.status_code != 303
    assert "Set-Cookie" not in answer.headers


def test_refusal_and_field_fault_speak_the_readers_language(browser):
    event = make_event()
    tier = make_tier(event, max_per_order=4)
    speak(browser, "de")

    many = browser.open(f"/e/{event.slug}/total?quantity-{tier.id}=5", swap=True)
    url = browser.hold(event, (tier, 1))
    browser.send(f"{url}/payment", email="")

    assert text_of(many.text) == "Wähle eine Zahl von 1 bis 4."
    assert "Gib die E-Mail-Adresse ein, an die wir deine Tickets schicken sollen." in browser.page


def test_two_forms_of_a_number_are_told_apart(browser):
    event = make_event()
    tier = make_tier(event, capacity=1)
    speak(browser, "es").open(f"/e/{event.slug}")

    browser.choose(event, (tier, 2))

    assert "Solo queda 1. Hemos ajustado la cantidad." in browser.words()


def test_pages_tell_caches_what_their_language_depends_on(browser):
    vary = browser.open("/").headers["Vary"]

    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in vary.split(",")}


def test_programs_are_answered_in_the_language_they_ask_for(client):
    client.set_cookie(COOKIE, "de")

    answer = client.get("/api/v1/events/nothing", headers={"Accept-Language": "es"})

    document = assert_problem(answer, 404, "not_found")
    assert document["detail"].startswith("No lo encontramos.")
    assert "Accept-Language" in answer.headers["Vary"]


def test_checkout_follows_the_language_that_the_buyer_pays_in(browser):
    event = make_event()
    url = speak(browser, "es").hold(event, (make_tier(event), 1))
    checkout = db.session.query(Checkout).one()
    assert checkout.locale == "es"

    browser.open(f"{url}?lang=de")
    browser.open(url)
    browser.send(f"{url}/payment", email="ada@example.com")

    db.session.expire_all()
    assert db.session.query(Checkout).one().locale == "de"
