"""The design system: colours that can be read, a weight that phones bear, fonts as published."""

import gzip
import hashlib
import re

import pytest

from blueprints.pwa import SHEETS as WALLET_SHEETS
from blueprints.styleguide import read_tokens
from tests.box_office import ROOT

STATIC = ROOT / "static"
SHEETS = sorted(path for path in (STATIC / "css").glob("*.css") if path.stem != "styleguide")
MAX_CSS_BYTES = 10 * 1024
# What text, and what edges and signs, are put on. WCAG 2.2: 1.4.3 and 1.4.11.
GROUNDS = ("paper", "card", "info-soft")
TEXT = 4.5
EDGE = 3.0
# Success criterion 1.4.6, where screens are read outdoors.
SUN = 7.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-quiet", "brand") for ground in GROUNDS),
    *((ink, ground, TEXT) for ink in ("good", "warn", "bad") for ground in ("paper", "card")),
    *((edge, ground, EDGE) for edge in ("line-strong", "ring") for ground in GROUNDS),
    ("ink", "bad-soft", TEXT),
    ("bad", "bad-soft", TEXT),
    ("brand-deep", "paper", TEXT),
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-deep", TEXT),
    ("on-poster", "poster", TEXT),
    ("on-poster-quiet", "poster", TEXT),
    ("poster-accent", "poster", TEXT),
]
FONT_SHA256 = {
    "anton-latin-5.3.0": "d0fa07ff63dd60cbc0e2f58e29c802dca2a5ae0276c999f59c6111ab7bbaec3b",
    "anton-latin-ext-5.3.0": "0d17b7880f389deeb6663a52fa4eadc6d9116bdda725f0aa1f3d404fbb7d3d59",
    "instrument-sans-latin-5.3.0": (
        "2ee17598a98d8a59e4df8152d015bec9ab8e4d5672cc0ab42bef806b568e3971"
    ),
    "instrument-sans-latin-ext-5.3.0": (
        "c4fcfea41f2c1cfeea9211fa43679845454a1d0e0d7e95e069c7e73c4ae302d2"
    ),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colours_can_be_told_apart(scheme, front, ground, least):
    tokens = read_tokens()[scheme]

    assert contrast(tokens[f"--{front}"], tokens[f"--{ground}"]) >= least


def test_dark_scheme_changes_every_colour_of_the_page():
    tokens = read_tokens()
    # Posters are dark in both schemes, so what stands on them stays.
    same = {
        name
        for name, value in tokens["light"].items()
        if value.startswith("#") and tokens["dark"][name] == value
    }

    assert same == {"--on-poster", "--on-poster-quiet", "--poster-accent"}


def sheets_of_the_shop() -> list[str]:
    page = (ROOT / "templates" / "base.html").read_text()
    named = re.search(r"for sheet in \(([^)]+)\)", page)
    assert named is not None
    return re.findall(r'"(\w+)"', named[1])


@pytest.mark.parametrize("names", [sheets_of_the_shop(), WALLET_SHEETS], ids=["shop", "wallet"])
def test_style_sheets_of_a_page_are_small(names):
    sheets = [STATIC / "css" / f"{name}.css" for name in names]

    size = sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in sheets)

    assert set(sheets) <= set(SHEETS)
    assert size <= MAX_CSS_BYTES


def test_no_style_names_a_colour_or_property_that_is_no_token():
    tokens = read_tokens()["light"]
    used = {name for path in SHEETS for name in re.findall(r"var\((--[a-z-]+)", path.read_text())}

    assert used - set(tokens) == set()


def test_fonts_are_the_published_ones_with_their_licences():
    folder = STATIC / "vendor" / "fonts"
    found = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.woff2")
    }

    assert found == FONT_SHA256
    assert all("SIL OPEN FONT LICENSE" in path.read_text() for path in folder.glob("*-LICENSE.txt"))
    assert len(list(folder.glob("*-LICENSE.txt"))) == 2


def test_every_icon_that_a_template_uses_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
    used = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"""icon\(["']([a-z]+)["']\)""", path.read_text())
    }

    assert used <= sprite
    assert {"calendar", "place"} <= used


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2 of two ``#rrggbb``."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["ink", "ink-quiet"])
def test_wallet_can_be_read_in_the_sun(scheme, ground, ink):
    tokens = read_tokens()[scheme]
    if scheme == "light":
        # The wallet has darker inks of its own.
        own = re.search(
            r"prefers-color-scheme: light\) \{\s*\.wallet \{([^}]*)\}",
            (STATIC / "css" / "wallet.css").read_text(),
        )
        assert own is not None
        tokens = tokens | dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", own[1]))

    assert contrast(tokens[f"--{ink}"], tokens[f"--{ground}"]) >= SUN


def test_contrast_is_the_one_that_others_compute():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ff6b6b", "#ffffff") == pytest.approx(2.78, abs=0.01)
