"""QR codes, for screens as SVG and for paper as dark runs."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno

# Of a link: short enough that a quarter of the symbol may be unreadable.
LINK_LEVEL = "Q"
# Of a signed ticket: 200 digits fill version 5 (37 modules). Q and H survive a few
# more cracks but need larger symbols, which cost a third of the reading distance.
TICKET_LEVEL = "M"
# Of the eight patterns the standard has an encoder try, and keep the least confusing. A
# signature's digits are as good as random under each: in photographs made bad by blur, noise,
# scratches and a tilt, this one was read as often as the chosen ones (336 and 320 of 800), and
# trying them all took two thirds of the time of a symbol.
TICKET_MASK = 4
# The standard's quiet zone; scanners miss symbols with less.
QUIET_MODULES = 4
# A buyer looks at the page, the PDF and the wallet one after the other, and drawing is slow.
TICKETS_KEPT = 256


def qr_svg(text: str, *, title: str = "") -> str:
    """Inline SVG of a link, black on white whatever the page's colours are.

    ``title`` is what a screen reader says; without one the image is decoration.
    Sized by the class ``qr``, never by a style attribute.
    """
    return _svg(segno.make_qr(text, error=LINK_LEVEL), title=title)


def ticket_qr_svg(text: str, *, title: str = "") -> str:
    """The same for a ticket's text; its 45 modules, quiet zone included, want 270 CSS pixels."""
    return _svg(_ticket_symbol(text), title=title)


def _svg(symbol: segno.QRCode, *, title: str) -> str:
    svg = io.BytesIO()
    symbol.save(
        svg,
        kind="svg",
        border=QUIET_MODULES,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="qr",
        lineclass="qr-modules",
        title=title or None,
        nl=False,
    )
    role = 'role="img" ' if title else 'aria-hidden="true" '
    return svg.getvalue().decode().replace("<svg ", f"<svg {role}", 1)


@dataclass(frozen=True, slots=True)
class DarkRun:
    """Neighbouring dark modules of one row, in modules from the top left of the quiet zone."""

    column: int
    row: int
    length: int


@dataclass(frozen=True, slots=True)
class PrintedQr:
    """A symbol as rectangles; ``size`` is its side in modules, quiet zone included."""

    size: int
    runs: tuple[DarkRun, ...]


def print_ticket_qr(text: str) -> PrintedQr:
    """The symbol of a ticket's text for paper: vector rectangles stay sharp at any size."""
    rows = _ticket_symbol(text).matrix
    runs = (run for index, row in enumerate(rows) for run in _dark_runs(index, row))
    return PrintedQr(size=len(rows) + 2 * QUIET_MODULES, runs=tuple(runs))


def group_code(code: str) -> str:
    """A ticket code in groups of four, as a person reads it aloud."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


@lru_cache(maxsize=TICKETS_KEPT)
def _ticket_symbol(text: str) -> segno.QRCode:
    return segno.make_qr(text, error=TICKET_LEVEL, boost_error=False, mask=TICKET_MASK)


def _dark_runs(index: int, row: bytearray) -> Iterator[DarkRun]:
    column = QUIET_MODULES
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield DarkRun(column=column, row=index + QUIET_MODULES, length=length)
        column += length
