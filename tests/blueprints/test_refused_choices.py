"""A choice that is refused as a whole: the picker again, the choice kept, and a way on."""

from dataclasses import replace

from tests.factories import make_event, make_tier

EMAIL = "guest@example.com"


def choose_again(browser, event, tier, quantity):
    browser.open(f"/e/{event.slug}")
    return browser.choose(event, (tier, quantity))


def test_silent_gateway_keeps_the_choice_and_leads_to_the_checkout(browser, event, tier, gateway):
    url = browser.hold(event, (tier, 1))
    browser.send(f"{url}/payment", email=EMAIL)
    gateway.is_down = True

    answer = choose_again(browser, event, tier, 3)

    assert answer.status_code == 503
    assert "The payment page is not answering right now." in browser.words()
    assert 'value="3"' in answer.text
    assert f'<a href="{url}">Continue your checkout</a>' in answer.text


def test_money_on_its_way_keeps_the_choice_and_leads_to_what_becomes_of_it(
    browser, event, tier, gateway
):
    url = browser.hold(event, (tier, 1))
    browser.send(f"{url}/payment", email=EMAIL)
    gateway.pay("cs_test_1")

    answer = choose_again(browser, event, tier, 3)

    assert answer.status_code == 409
    assert "Your payment is already on its way." in browser.words()
    assert 'value="3"' in answer.text
    assert f'<a href="{url}/return">See how your payment stands</a>' in answer.text


def test_too_many_open_checkouts_are_named_with_the_way_to_each(
    app, browser, event, tier, monkeypatch
):
    own = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(own, open_checkouts_per_client=1))
    url = browser.hold(event, (tier, 1))
    other = make_event(title="Quay Nights")
    floor = make_tier(other)

    answer = choose_again(browser, other, floor, 2)

    assert answer.status_code == 429
    assert 'value="2"' in answer.text
    assert f'<a href="{url}">Continue your checkout: {event.title}</a>' in answer.text
