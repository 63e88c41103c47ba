"""``python deploy/cut_fonts.py``: makes the small Latin faces of the PDFs from the whole ones.

To be run again by whoever replaces the whole faces; a test notices when it was forgotten.
"""

# ruff: noqa: INP001 - a program to run by hand, not a module
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS_DIR = Path(__file__).resolve().parents[1] / "webapp" / "documents" / "fonts"
WEIGHTS = ("", "-Bold")
LATIN_SIGNS = (
    *range(0x20, 0x7F),  # ASCII
    *range(0xA0, 0x180),  # Latin-1 and Latin Extended-A
    *range(0x218, 0x21C),  # Romanian
    *(0x2BB, 0x2BC),  # apostrophes within names
    *range(0x2000, 0x200B),  # spaces
    *range(0x2010, 0x2028),  # dashes, quotation marks, bullet, ellipsis
    *range(0x202F, 0x203B),  # the space within a time of day; primes, angle quotation marks
    *(0x20AC, 0x2116, 0x2122, 0x2212),  # euro, number, trade mark, minus
)
# Nothing that moves letters about: Latin is printed letter by letter.
DROPPED_TABLES = ("FFTM", "GDEF", "GPOS", "GSUB", "MATH", "gasp", "kern")
WINDOWS_UNICODE = (3, 1, 4)


def cut(weight: str) -> None:
    font = TTFont(FONTS_DIR / f"DejaVuSans{weight}.ttf", recalcTimestamp=False)
    options = Options(
        notdef_outline=True,
        recommended_glyphs=True,
        hinting=False,
        layout_features=[],
        glyph_names=False,
    )
    options.drop_tables += DROPPED_TABLES
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LATIN_SIGNS)
    subsetter.subset(font)
    # Each is read whenever the font is opened, and they all say the same.
    font["cmap"].tables = [
        table
        for table in font["cmap"].tables
        if (table.platformID, table.platEncID, table.format) == WINDOWS_UNICODE
    ]
    font.save(FONTS_DIR / f"DejaVuSans{weight}-Latin.ttf")


if __name__ == "__main__":
    for weight in WEIGHTS:
        cut(weight)
