"""Faces made ready once, for all documents that are written in the same signs.

Cutting a font down to the signs of a document and packing it was two thirds of what a
document costs. Texts without shaping need no more of a font than their signs, so the next
document in the same signs takes the packed face as it is.
"""

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.output import OutputProducer, PDFFont
from fpdf.syntax import PDFContentStream, PDFObject

# What is kept is small; the sets of accents that a language uses are few.
KEPT_SETS = 64
UNREAD_TABLES = frozenset({"name", "OS/2"})

Packed = tuple[list[Any], dict[int, Any]]


@dataclass(frozen=True, slots=True)
class ReadyFaces:
    """Fonts by fpdf's own key, and their objects in a file; shared, so only ever read."""

    fonts: dict[str, TTFFont]
    packed: Packed

    def dress(self, pdf: FPDF) -> None:
        """Give a new document these fonts. It may print no other sign than they were made for."""
        pdf.fonts.update(self.fonts)

    def output(self, pdf: FPDF) -> bytes:
        """The finished file of a document that was dressed in these."""

        class Producer(OutputProducer):
            def _add_fonts(producer, *_: Any) -> dict[int, Any]:  # noqa: N805 - two selves
                # Copies, as a document numbers its objects; what they hold is not copied.
                objects, by_index = deepcopy(self.packed)
                for one in objects:
                    producer._add_pdf_obj(one, "fonts")
                return by_index

        return bytes(pdf.output(output_producer_class=Producer) or b"")


class _Recorder(OutputProducer):
    """Keeps the objects of the fonts that fpdf makes."""

    packed: Packed

    def _add_fonts(self, *resources: Any) -> dict[int, Any]:
        first = len(self.pdf_objs)
        by_index: dict[int, Any] = super()._add_fonts(*resources)
        type(self).packed = (self.pdf_objs[first:], by_index)
        return by_index


@lru_cache(maxsize=KEPT_SETS)
def make_ready(family: str, regular: Path, bold: Path, signs: frozenset[int]) -> ReadyFaces:
    """Two weights of a family with all of ``signs``, which both fonts have."""

    class Recorder(_Recorder):
        """Of this document alone: others may be made at the same time."""

    pdf = FPDF()
    for style, path in (("", regular), ("B", bold)):
        pdf.add_font(family, style, path, unicode_range=sorted(signs))
    pdf.add_page()
    fonts = {key: font for key, font in pdf.fonts.items() if isinstance(font, TTFFont)}
    for font in fonts.values():
        # Outlines are then copied as they are, rather than each measured again.
        font.ttfont.recalcBBoxes = False
        # No reader of a PDF asks for them (ISO 32000, 9.9).
        for table in set(font.ttfont.keys()) & UNREAD_TABLES:
            del font.ttfont[table]
        for sign in sorted(signs):
            font.subset.pick(sign)
    pdf.output(output_producer_class=Recorder)
    objects, by_index = Recorder.packed
    return ReadyFaces(fonts, (_squeezed(objects), by_index))


def _squeezed(objects: list[PDFObject]) -> list[PDFObject]:
    """The same objects with the tables for searching and copying text compressed."""
    streams: dict[PDFObject, PDFObject] = {}
    for font in objects:
        table = getattr(font, "to_unicode", None)
        if isinstance(font, PDFFont) and isinstance(table, PDFContentStream):
            font.to_unicode = PDFContentStream(table.content_stream(), compress=True)
            streams[table] = font.to_unicode
    return [streams.get(one, one) for one in objects]
