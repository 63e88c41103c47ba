"""Type for paper: fonts that come along, so that every name can be printed."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import ascii_letters, digits

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection
from fpdf.fonts import TTFFont

from webapp.documents.ready_faces import ReadyFaces, make_ready

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
# In every document, needed or not, so that most are written in the same signs.
ORDINARY_SIGNS = frozenset(map(ord, f"{ascii_letters}{digits} .,:-?\N{NO-BREAK SPACE}\u202f"))
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
        needed = signs - self._signs
        fallbacks = []
        for family, font in FALLBACKS.items():
            if needed & font_signs(font):
                fallbacks.append(family)
                self._signs |= font_signs(font)
                needed -= self._signs
        # Latin letters stand beside each other as they are, from left to right.
        self._is_plain = is_latin and not fallbacks
        self._shapes = not self._is_plain and find_spec("uharfbuzz") is not None
        self._ready: ReadyFaces | None = None
        if self._is_plain:
            wanted = frozenset(signs & self._signs) | ORDINARY_SIGNS
            self._ready = make_ready(FAMILY, faces.regular, faces.bold, wanted)
            self._ready.dress(pdf)
        else:
            self._add_fonts(faces, fallbacks, signs | SIMPLE_SIGNS)

    def output(self) -> bytes:
        """The finished document."""
        return self._ready.output(self._pdf) if self._ready else bytes(self._pdf.output())

    def _add_fonts(self, faces: Faces, fallbacks: list[str], signs: set[int]) -> None:
        # Nothing else is read out of a font. Simple signs always are: among them is what
        # we add ourselves, and the other half of brackets that right-to-left text turns.
        wanted = [*signs]
        self._pdf.add_font(FAMILY, "", faces.regular, unicode_range=wanted)
        self._pdf.add_font(FAMILY, "B", faces.bold, unicode_range=wanted)
        for family in fallbacks:
            self._pdf.add_font(family, "", FALLBACKS[family], unicode_range=wanted)
        self._pdf.set_fallback_fonts(fallbacks, exact_match=False)
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                # Outlines are then copied as they are, rather than each measured again.
                font.ttfont.recalcBBoxes = False

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
