"""QR codes, for screens as SVG and for paper as dark runs."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import segno

# A cracked screen in the sun: a quarter of the symbol may be unreadable.
ERROR_LEVEL = "Q"
# The standard's quiet zone; scanners miss symbols with less.
QUIET_MODULES = 4


def qr_svg(code: str, *, title: str = "") -> str:
    """Inline SVG of ``code``, black on white whatever the page's colours are.

    ``title`` is what a screen reader says; without one the image is decoration.
    Sized by the class ``qr``, never by a style attribute.
    """
    svg = io.BytesIO()
    _symbol(code).save(
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


def print_qr(code: str) -> PrintedQr:
    """The symbol of ``code`` for a page: vector rectangles stay sharp at any size."""
    rows = _symbol(code).matrix
    runs = (run for index, row in enumerate(rows) for run in _dark_runs(index, row))
    return PrintedQr(size=len(rows) + 2 * QUIET_MODULES, runs=tuple(runs))


def group_code(code: str) -> str:
    """A ticket code in groups of four, as a person reads it aloud."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def _symbol(code: str) -> segno.QRCode:
    return segno.make_qr(code, error=ERROR_LEVEL)


def _dark_runs(index: int, row: bytearray) -> Iterator[DarkRun]:
    column = QUIET_MODULES
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield DarkRun(column=column, row=index + QUIET_MODULES, length=length)
        column += length
