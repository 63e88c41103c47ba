"""Another language on an event's page: what was chosen stays."""

from tests.blueprints.browser import Browser
from tests.factories import make_event, make_tier
from webapp.models import EventStatus


def switch(browser: Browser, event, language: str, **fields: object):
    return browser.send(f"/e/{event.slug}/language", lang=language, **fields)


def test_numbers_and_a_typed_code_stay_in_another_language(browser, event, tier):
    browser.open(f"/e/{event.slug}")

    answer = switch(browser, event, "de", code="early", **{f"quantity-{tier.id}": "3"})

    assert answer.status_code == 200
    assert '<html lang="de">' in answer.text
    assert 'max="10" value="3"' in answer.text
    assert 'spellcheck="false" value="early"' in answer.text


def test_language_is_kept_for_the_pages_that_follow(browser, event, tier):
    browser.open(f"/e/{event.slug}")

    switch(browser, event, "es")

    assert '<html lang="es">' in browser.open("/").text


def test_unknown_language_changes_nothing(browser, event, tier):
    browser.open(f"/e/{event.slug}")

    answer = switch(browser, event, "xx", **{f"quantity-{tier.id}": "3"})

    assert '<html lang="en">' in answer.text
    assert "Set-Cookie" not in answer.headers or "language" not in answer.headers["Set-Cookie"]


def test_reload_of_the_answer_leads_back_to_the_event(browser, event):
    answer = browser.open(f"/e/{event.slug}/language")

    assert (answer.status_code, answer.location) == (303, f"/e/{event.slug}")


def test_event_without_a_picker_has_plain_links(browser):
    event = make_event(status=EventStatus.CANCELLED)
    make_tier(event)

    page = browser.open(f"/e/{event.slug}").text

    assert 'href="?lang=de"' in page
    assert "picker-form" not in page
