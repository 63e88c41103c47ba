"""What people type for a donation is read as they mean it, or asked back."""

import pytest

from blueprints.forms.amounts import UnclearAmount, read_amount
from tests.factories import make_donation, make_event


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("12", 1200),
        ("12,5", 1250),
        ("12,50", 1250),
        ("12.50", 1250),
        ("0,50", 50),
        ("1250", 125_000),
        ("1.250,00", 125_000),
        ("1,250.00", 125_000),
        ("1 250", 125_000),
        ("1 250,00", 125_000),
        ("1\N{NO-BREAK SPACE}250,00", 125_000),
        ("1\N{NARROW NO-BREAK SPACE}250,00", 125_000),
        ("1'250.00", 125_000),
        ("1\N{RIGHT SINGLE QUOTATION MARK}250.5", 125_050),
        ("1.250.000", 125_000_000),
        ("1,250,000.00", 125_000_000),
    ],
)
def test_amount_is_read_as_it_is_meant(typed, cents):
    assert read_amount(typed) == cents


@pytest.mark.parametrize("typed", ["1.250", "1,250", "12.500", "0,500"])
def test_amount_that_can_be_read_in_two_ways_is_asked_back(typed):
    with pytest.raises(UnclearAmount, match="without a sign between thousands"):
        read_amount(typed)


@pytest.mark.parametrize(
    "typed",
    ["", "-5", "+5", "$5", "5 $", "1e3", "12,", ",5", "12 50", "1.250.00", "1,250,00", "1.25.000",
     "1 250.000", "12,505", "1..5", "\N{ARABIC-INDIC DIGIT FIVE}", "12345678", "five"],
)  # fmt: skip
def test_what_is_no_amount_is_asked_back(typed):
    with pytest.raises(UnclearAmount):
        read_amount(typed)


def test_unclear_amount_is_told_at_its_field_and_stays_there(browser):
    event = make_event()
    gift = make_donation(event)
    browser.open(f"/e/{event.slug}")

    answer = browser.choose(event, (gift, "1.250"))

    assert answer.status_code == 422
    assert "Type the amount without a sign between thousands" in browser.words()
    assert 'value="1.250"' in answer.text


def test_field_of_an_amount_takes_both_decimal_signs_in_every_browser(browser):
    event = make_event()
    gift = make_donation(event)

    page = browser.open(f"/e/{event.slug}").text

    assert f'name="amount-{gift.id}" type="text" inputmode="decimal"' in page


def test_amount_comes_back_with_the_decimal_sign_of_the_reader(browser):
    event = make_event()
    gift = make_donation(event)
    url = browser.hold(event, (gift, "12.50"))

    browser.client.get("/?lang=de")

    assert f'id="amount-{gift.id}"' in browser.open(url).text
    assert 'value="12,50"' in browser.page
