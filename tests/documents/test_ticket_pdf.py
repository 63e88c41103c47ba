"""Tickets on paper: complete, the same every time, and printable for every name."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pypdf
import pytest
from babel.dates import format_datetime
from fontTools.ttLib import TTFont

from webapp.documents.lettering import FALLBACKS, LATIN, WHOLE
from webapp.documents.ticket_pdf import tickets_pdf
from webapp.documents.ticket_sheets import SheetLabels, TicketSheet

MADE_AT = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)
SHEET = TicketSheet(
    event_title="Evening & Night",
    when="Wednesday, March 31, 2027, 12:00 PM MDT",
    where="The Hall, 1 Example Street",
    tier_name="Balcony",
    holder_name="Ada Example",
    serial_number="EVE001",
    code="7KQ2M9XW4HT8B3RC",
    qr_text="0" + "31415926535897932384" * 9 + "2718281828459045235",
    order_number="EVE-20270301-0001",
    labels=SheetLabels(
        "Name", "Ticket number", "Order", "", "Show this code.", "Sold by Harbour Nights"
    ),
)


def texts_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_each_ticket_has_a_page_that_says_everything():
    second = replace(SHEET, serial_number="EVE002", code="0123456789ABCDEF")

    first_page, second_page = texts_of(tickets_pdf([SHEET, second], title="T", made_at=MADE_AT))

    for fact in (
        "Evening & Night",
        "Wednesday, March 31, 2027, 12:00 PM MDT",
        "The Hall, 1 Example Street",
        "Balcony",
        "Ada Example",
        "EVE001",
        "7KQ2 M9XW 4HT8 B3RC",
        "EVE-20270301-0001",
        "Sold by Harbour Nights",
    ):
        assert fact in first_page
    assert "0123 4567 89AB CDEF" in second_page


def test_the_same_tickets_are_the_same_bytes():
    first, second = (tickets_pdf([SHEET], title="T", made_at=MADE_AT) for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    "name",
    ["Łukasz Żółć", "Ирина Ёлкина", "王小明", "さくら", "김민준", "Ngọc Ánh", "Άννα", "ดาว", "नमन"],
)
def test_names_of_many_scripts_are_printed(name):
    (page,) = texts_of(tickets_pdf([replace(SHEET, holder_name=name)], title="T", made_at=MADE_AT))

    assert name in page


@pytest.mark.parametrize("name", ["مريم علي", "מיכל לוי", "🎉🎟️", "สมชาย", "x" * 500, "\u200d"])
def test_no_name_stops_the_printing(name):
    pdf = tickets_pdf([replace(SHEET, holder_name=name)], title="T", made_at=MADE_AT)

    assert "EVE001" in texts_of(pdf)[0]


def test_a_void_ticket_shows_no_code():
    void = replace(SHEET, labels=replace(SHEET.labels, void="No longer valid."))

    (page,) = texts_of(tickets_pdf([void], title="T", made_at=MADE_AT))

    assert "No longer valid." in page
    assert "7KQ2" not in page


def test_every_font_draws_what_it_is_chosen_for():
    """An empty glyph would print a blank where the text says that there is a name."""
    samples = {"thai": "ด", "devanagari": "न", "chinese-japanese": "王明さカ", "korean": "김민준"}

    for family, signs in samples.items():
        with TTFont(FALLBACKS[family]) as font:
            names = [font.getBestCmap()[ord(sign)] for sign in signs]
            outlines = [font["glyf"][name].numberOfContours for name in names]
        assert all(outlines), family


@pytest.mark.parametrize("locale", ["en", "es", "de", "fr", "pl", "nb"])
def test_an_ordinary_ticket_is_a_small_file(locale):
    """Neither accents nor the special spaces of dates may bring the whole fonts in."""
    when = format_datetime(MADE_AT, "full", locale=locale)
    sheet = replace(
        SHEET, when=when, holder_name="Zoë Müller-Łącka", tier_name="\u201cHall\u201d \u2013 10 €"
    )

    assert len(tickets_pdf([sheet], title="T", made_at=MADE_AT)) < 18_000


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_the_small_latin_faces_are_cut_from_the_whole_ones(weight):
    """Somebody who replaces the whole fonts must cut the small ones anew."""
    with TTFont(getattr(LATIN, weight)) as small, TTFont(getattr(WHOLE, weight)) as whole:
        of_small, of_whole = (
            {sign: font["hmtx"][name] for sign, name in font.getBestCmap().items()}
            for font in (small, whole)
        )

    assert of_small.items() <= of_whole.items()
    assert {*map(ord, "azAZ09\u00e9\u0142\u2013\u20ac")} <= of_small.keys()


def test_both_weights_of_a_face_have_the_same_latin_letters():
    with TTFont(LATIN.regular) as regular, TTFont(LATIN.bold) as bold:
        assert regular.getBestCmap().keys() == bold.getBestCmap().keys()
