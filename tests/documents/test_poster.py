"""Posters: always the same for the same event, never like the next one, safe to show anywhere."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from webapp.documents import poster_lettering
from webapp.documents.poster import poster_svg
from webapp.documents.poster_art import COMPOSITIONS, LETTERED
from webapp.documents.poster_colours import DEFAULT_COLOUR, mix_inks
from webapp.documents.poster_picture import poster_png

NASTY = "</title><script>alert(1)</script> & \"Rock 'n' Roll\""
ELEMENTS = {"svg", "title", "defs", "path", "clipPath", "circle", "polygon", "use", "g"}


def make_svg(**fields: str) -> str:
    return poster_svg(**({"slug": "show", "title": "Yard night", "colour": "#1d6a6a"} | fields))


def make_png(**fields: str) -> bytes:
    facts = {"when": "Wednesday, March 31, 2027", "where": "The yard"}
    return poster_png(
        **({"slug": "show", "title": "Yard night", "colour": "#1d6a6a"} | facts | fields)
    )


def test_same_event_has_the_same_poster_and_another_one_another():
    assert make_svg() == make_svg()
    assert make_svg(slug="other") != make_svg()
    assert make_svg(colour="#5b2bb3") != make_svg()


def test_slugs_lead_to_every_composition():
    slugs = [f"show-{number}" for number in range(60)]
    chosen = {
        composition
        for composition in COMPOSITIONS
        for slug in slugs
        if make_svg(slug=slug) == make_svg(slug=slug, composition=composition)
    }

    assert chosen == set(COMPOSITIONS)


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_poster_is_shapes_only(composition):
    root = ET.fromstring(make_svg(title=NASTY, composition=composition))  # noqa: S314 - our own
    elements = list(root.iter())

    assert {each.tag.rpartition("}")[2] for each in elements} <= ELEMENTS
    assert not [
        name for each in elements for name in each.attrib if name == "style" or name[:2] == "on"
    ]
    assert all(each.get("href", "#").startswith("#") for each in elements)
    assert root.findtext("{*}title") == NASTY


@pytest.mark.parametrize("title", ["Ночь музыки", "🎉", "東京"])
def test_title_that_the_display_face_lacks_is_not_lettered(title):
    for number in range(40):
        svg = make_svg(slug=f"show-{number}", title=title)

        assert "<use" not in svg


@pytest.mark.parametrize("colour", ["", "red", '#fff" onload="x', "#12345", "#1234567"])
def test_colour_that_is_none_counts_as_the_default(colour):
    assert mix_inks(colour, turn=55) == mix_inks(DEFAULT_COLOUR, turn=55)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#00ff00", "#0000ff"])
def test_every_colour_gives_inks_that_differ(colour):
    inks = mix_inks(colour, turn=75)
    values = [inks.deep, inks.shade, inks.main, inks.pop, inks.glow, inks.pale]

    assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in values)
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    "title",
    ["Yard night", "Ночь музыки", "東京", "x" * 300, "Donaudampfschifffahrt " * 12, "a", ""],
)
def test_picture_is_a_png_of_the_size_that_networks_ask_for(title):
    with Image.open(BytesIO(make_png(title=title))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))


def test_picture_shows_name_date_and_place():
    pictures = {
        make_png(),
        make_png(title="Yard day"),
        make_png(when="Thursday"),
        make_png(where="Elsewhere"),
    }

    assert len(pictures) == 4


def test_lettered_compositions_are_known():
    assert set(COMPOSITIONS) > LETTERED


def test_posters_that_are_asked_for_at_once_are_drawn_as_alone():
    titles = [f"{first} night" for first in "ABCDEFGH"]
    expected = [poster_lettering.outline(title, 400.0) for title in titles]
    switch = sys.getswitchinterval()
    start = Barrier(len(titles))

    def draw(title: str) -> str:
        start.wait()
        return poster_lettering.outline(title, 400.0)

    # As in a process that has just begun: nothing of the face is read yet.
    for kept in (poster_lettering.outline, poster_lettering._font, poster_lettering._signs):
        kept.cache_clear()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(len(titles)) as threads:
            drawn = list(threads.map(draw, titles))
    finally:
        sys.setswitchinterval(switch)

    assert drawn == expected
