"""Pictures of events: where they are, how long they may be kept, who may not see them."""

import re
from dataclasses import replace

import pytest

from blueprints import posters
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.models import EventStatus


def address_of(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, page
    return found[1].replace("&amp;", "&")


@pytest.fixture
def event():
    event = make_event(title="Harbour <concert>", tagline="Songs & salt")
    make_tier(event, price_cents=3000)
    return event


def test_page_reserves_the_space_of_its_poster(browser, event):
    for path in ("/", f"/e/{event.slug}"):
        image = address_of(browser.open(path).text, r"(<img[^>]+>)")

        assert 'width="1200" height="900"' in image
        assert 'alt=""' in image


def test_poster_is_kept_for_ever_under_the_address_of_its_state(browser, event):
    address = address_of(browser.open(f"/e/{event.slug}").text, r'<img[^>]+src="([^"]+)"')

    exact = browser.client.get(address)
    bare = browser.client.get(address.partition("?")[0])

    assert exact.mimetype == "image/svg+xml"
    assert "immutable" in exact.headers["Cache-Control"]
    assert "max-age=31536000" in exact.headers["Cache-Control"]
    assert bare.headers["Cache-Control"] == "public, max-age=300"
    assert bare.data == exact.data


def test_poster_that_is_known_is_not_sent_again(browser, event):
    first = browser.client.get(f"/e/{event.slug}/poster.svg")

    again = browser.client.get(
        f"/e/{event.slug}/poster.svg", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status_code, again.data) == (304, b"")


def test_event_that_was_called_off_keeps_its_pictures(browser, event):
    event.status = EventStatus.CANCELLED
    db.session.commit()
    page = browser.open(f"/e/{event.slug}").text

    address = address_of(page, r'<img[^>]+src="([^"]+)"')

    assert browser.client.get(address).status_code == 200
    assert browser.client.get(f"/e/{event.slug}/poster.png").status_code == 200


def test_changed_event_has_new_addresses(app, event):
    with app.test_request_context():
        before = posters.poster_url(event), posters.picture_url(event)
        event.title = "Harbour festival"
        after = posters.poster_url(event), posters.picture_url(event)

    assert before[0] != after[0]
    assert before[1] != after[1]


def test_page_names_itself_and_its_picture_by_full_address(app, browser, event):
    page = browser.open(f"/e/{event.slug}").text
    site_url = app.extensions["settings"].site_url

    assert address_of(page, r'rel="canonical" href="([^"]+)"') == f"{site_url}/e/{event.slug}"
    assert address_of(page, r'og:url" content="([^"]+)"') == f"{site_url}/e/{event.slug}"
    assert 'property="og:title" content="Harbour &lt;concert&gt;"' in page
    assert "· Songs & salt" in address_of(page, r'name="description" content="([^"]+)"')
    picture = address_of(page, r'og:image" content="([^"]+)"')
    response = browser.client.get(picture.removeprefix(site_url))
    assert response.mimetype == "image/png"
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_picture_is_drawn_once_and_a_crowd_of_events_does_not_fill_the_memory(
    app, browser, event, monkeypatch
):
    monkeypatch.setattr(posters, "MAX_PICTURES", 2)
    cache = app.extensions["poster_pictures"]
    cache.pictures.clear()

    for show in (event, make_event(), make_event()):
        browser.client.get(f"/e/{show.slug}/poster.png")
        browser.client.get(f"/e/{show.slug}/poster.png")

    assert len(cache.pictures) == 2


def test_draft_has_no_pictures(browser):
    draft = make_event(status=EventStatus.DRAFT)

    for name in ("poster.svg", "poster.png"):
        assert browser.client.get(f"/e/{draft.slug}/{name}").status_code == 404


def test_pictures_set_no_cookie(browser, event):
    browser.open(f"/e/{event.slug}")

    for name in ("poster.svg", "poster.png"):
        assert "Set-Cookie" not in browser.client.get(f"/e/{event.slug}/{name}").headers


def test_poster_of_the_event_page_names_the_lowest_price_that_can_be_bought(browser, event):
    make_tier(event, price_cents=1000, capacity=0)

    browser.open(f"/e/{event.slug}")

    assert "from $34.17 incl. fees Choose tickets" in browser.words()


def test_style_guide_shows_every_part_in_both_schemes(browser):
    page = browser.open("/styleguide").text

    for sign in ("guide-light", "guide-dark", "poster-accent", "language", "sunburst"):
        assert sign in page
    for address in re.findall(r'(?:src|href)="(/styleguide/[^"]+)"', page):
        assert browser.client.get(address).status_code == 200


@pytest.mark.parametrize("path", ["", "/schemes.css", "/posters/tiles-c2412d.svg"])
def test_style_guide_is_not_there_in_production(client, app, monkeypatch, path):
    production = replace(app.extensions["settings"], app_env="production")
    monkeypatch.setitem(app.extensions, "settings", production)

    assert client.get(f"/styleguide{path}").status_code == 404


def test_sample_of_an_unknown_composition_is_not_there(client):
    assert client.get("/styleguide/posters/nothing-c2412d.svg").status_code == 404
