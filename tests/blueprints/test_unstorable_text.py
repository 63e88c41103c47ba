"""NUL characters and halves of characters: refused wherever they come in."""

import pytest

from tests.blueprints.api_calls import CHECKOUTS, basket, bearer, opened, url_of
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.models import Checkout

UNSTORABLE = ["a\0b", "a\ud800b"]


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=10)


@pytest.mark.parametrize("field", ["form_key", "source", "utm_campaign", "a\0name"])
def test_form_with_a_nul_is_refused(browser, tier, field):
    slug = tier.event.slug
    browser.open(f"/e/{slug}")
    fields = {f"quantity-{tier.id}": 1, "form_key": "k", field: "a\0b"}

    response = browser.send(f"/e/{slug}/checkouts", **fields)

    assert response.status_code == 400
    assert "That request was not understood" in browser.words()
    assert db.session.query(Checkout).count() == 0


@pytest.mark.parametrize("field", ["email", "name", "phone"])
@pytest.mark.parametrize("part", ["contact", "payment", "renewal"])
def test_contact_with_a_nul_is_refused(browser, tier, part, field):
    url = browser.hold(tier.event, (tier, 1))

    assert browser.send(f"{url}/{part}", **{field: "a\0b"}).status_code == 400


def test_nul_in_a_part_of_a_multipart_form_is_refused(browser, tier):
    url = browser.hold(tier.event, (tier, 1))

    response = browser.client.post(
        f"{url}/contact", data={"name": "a\0b"}, content_type="multipart/form-data"
    )

    assert response.status_code == 400


@pytest.mark.parametrize("query", ["a%00=1", "q=1&q=%00"])
def test_nul_anywhere_in_the_query_is_refused(client, query):
    assert client.get(f"/?{query}").status_code == 400


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize("member", ["event", "code", "source", "campaign", "contact", "unknown"])
def test_api_refuses_it_in_every_member(client, tier, member, text):
    value = {"email": text, "name": text, "phone": text} if member == "contact" else text

    response = client.post(CHECKOUTS, json=basket(tier) | {member: value})

    assert response.status_code == 422
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("text", UNSTORABLE)
def test_api_refuses_it_as_a_name_of_a_member(client, tier, text):
    response = client.post(CHECKOUTS, json=basket(tier) | {text: 1})

    assert response.status_code == 422
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("text", UNSTORABLE)
def test_api_refuses_it_in_changes(client, tier, text):
    checkout = opened(client, tier, contact={"email": "a@example.com"})
    contact = client.put(
        url_of(checkout, "/contact"), json={"email": text}, headers=bearer(checkout)
    )
    provider = client.post(
        url_of(checkout, "/payment"), json={"provider": text}, headers=bearer(checkout)
    )

    assert (contact.status_code, provider.status_code) == (422, 422)
