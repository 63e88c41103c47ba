"""What people read is what they pay."""

import pytest

from webapp.formats import money_text


@pytest.mark.parametrize(
    ("currency", "locale", "text"),
    [
        ("USD", "en", "$1,552.52"),
        ("EUR", "de", "1.552,52\N{NO-BREAK SPACE}€"),
        # Nobody has coins of these hundredths any more; the gateway takes them all the same.
        ("RSD", "en", "RSD1,552.52"),
        ("MMK", "es", "1.552,52\N{NO-BREAK SPACE}MMK"),
    ],
)
def test_money_is_shown_to_the_hundredth(currency, locale, text):
    assert money_text(155252, currency=currency, locale=locale) == text
