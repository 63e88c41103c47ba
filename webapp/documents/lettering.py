"""Type for paper: fonts that come along, so that every name can be printed."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection

FONTS_DIR = Path(__file__).with_name("fonts")


@dataclass(frozen=True, slots=True)
class Faces:
    """A font in two weights, both with the same signs."""

    regular: Path
    bold: Path


# A cut of the next ones (deploy/cut_fonts.py) with what nearly every order is written in.
# A document opens its fonts anew, and the whole ones took longer than all else of a mail.
LATIN = Faces(FONTS_DIR / "DejaVuSans-Latin.ttf", FONTS_DIR / "DejaVuSans-Bold-Latin.ttf")
# Greek, Cyrillic, Vietnamese, Hebrew, Arabic, Armenian, Georgian and more.
WHOLE = Faces(FONTS_DIR / "DejaVuSans.ttf", FONTS_DIR / "DejaVuSans-Bold.ttf")
# For what the first font lacks, the common ones first. Each is opened only when
# a text needs it: the big ones take a while.
FALLBACKS = {
    "thai": FONTS_DIR / "NotoSansThai-Regular.ttf",
    "devanagari": FONTS_DIR / "NotoSansDevanagari-Regular.ttf",
    # Before the Korean one, whose Chinese signs are empty.
    "chinese-japanese": FONTS_DIR / "DroidSansFallbackFull.ttf",
    "korean": FONTS_DIR / "NanumSquareR.ttf",
}
# Letters, figures and stops of a keyboard, and the quotation marks of Latin-1.
SIMPLE_SIGNS = frozenset({*range(0x20, 0x7F), 0xAB, 0xBB})
# Shown for a sign that no font of ours has, rather than an empty box or a crash.
UNKNOWN_SIGN = "?"

FAMILY = "sheet"


class Lettering:
    """The fonts of one document, ready for all the signs of ``text``."""

    def __init__(self, pdf: FPDF, *, text: str) -> None:
        self._pdf = pdf
        signs = set(map(ord, text))
        is_latin = signs.isdisjoint(_beyond_latin())
        faces = LATIN if is_latin else WHOLE
        self._signs = font_signs(faces.regular)
        # Nothing else is read out of a font. Simple signs always are: among them is what
        # we add ourselves, and the other half of brackets that right-to-left text turns.
        wanted = [*(signs | SIMPLE_SIGNS)]
        pdf.add_font(FAMILY, "", faces.regular, unicode_range=wanted)
        pdf.add_font(FAMILY, "B", faces.bold, unicode_range=wanted)
        needed = signs - self._signs
        added = []
        for family, font in FALLBACKS.items():
            if needed & font_signs(font):
                pdf.add_font(family, "", font, unicode_range=wanted)
                added.append(family)
                self._signs |= font_signs(font)
                needed -= self._signs
        pdf.set_fallback_fonts(added, exact_match=False)
        # Latin letters stand beside each other as they are, from left to right.
        self._is_plain = is_latin and not added
        self._shapes = not self._is_plain and find_spec("uharfbuzz") is not None

    def use(
        self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = (0, 0, 0)
    ) -> None:
        """Set what is printed next in ``size`` points."""
        self._pdf.set_font(FAMILY, "B" if bold else "", size)
        self._pdf.set_text_color(*colour)
        if self._shapes:
            self._pdf.set_text_shaping(use_shaping_engine=True)

    def printable(self, text: str) -> str:
        """``text`` with unknown signs replaced, in the order in which it is seen.

        Without a shaping engine the writing of right-to-left languages is put
        in order here; Arabic letters then stand unjoined.
        """
        known = "".join(sign if ord(sign) in self._signs else _stand_in(sign) for sign in text)
        if self._is_plain or self._shapes or not known:
            return known
        direction = auto_detect_base_direction(known)
        if direction is TextDirection.LTR and not _has_rtl(known):
            return known
        return BidiParagraph(text=known, base_direction=direction).get_reordered_string()


def _stand_in(sign: str) -> str:
    # Joiners and selectors are not seen by themselves.
    return UNKNOWN_SIGN if sign.isprintable() and not sign.isspace() else ""


def _has_rtl(text: str) -> bool:
    return any("\u0590" <= sign <= "\u08ff" for sign in text)


@cache
def _beyond_latin() -> frozenset[int]:
    return font_signs(WHOLE.regular) - font_signs(LATIN.regular)


@cache
def font_signs(font: Path) -> frozenset[int]:
    """The code points that a font file has signs for."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
