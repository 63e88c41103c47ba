"""Tickets on paper: one page each, with a code that scans and a code that can be read aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime

from fpdf import FPDF, Align, XPos, YPos

from webapp.documents.lettering import Lettering
from webapp.documents.qr import group_code, print_ticket_qr
from webapp.documents.ticket_sheets import SheetLabels, TicketSheet

PAGE_WIDTH_MM = 210
MARGIN_MM = 18
QR_MM = 90
BLACK = (0, 0, 0)
GREY = (85, 85, 85)


class Paper(FPDF):
    """A document that fills many rectangles at once."""

    def fill_boxes(self, boxes: Iterable[tuple[float, float, float, float]]) -> None:
        """Fill (left, top, width, height), in the document's unit, as one path.

        One by one takes ten times as long, and viewers show seams where they touch.
        """
        scale, page_height = self.k, self.h
        path = [
            f"{left * scale:.2f} {(page_height - top) * scale:.2f}"
            f" {width * scale:.2f} {-height * scale:.2f} re"
            for left, top, width, height in boxes
        ]
        self._out(" ".join([*path, "f"]))


def tickets_pdf(sheets: Sequence[TicketSheet], *, title: str, made_at: datetime) -> bytes:
    """A page for each sheet.

    ``made_at`` is the moment of issue, not of printing: the same tickets give
    the same bytes, so that a mail that is sent again is the same mail.
    """
    pdf = Paper(format="A4")
    pdf.set_creation_date(made_at)
    pdf.set_title(title)
    pdf.set_margin(MARGIN_MM)
    pdf.set_auto_page_break(auto=False)
    letters = Lettering(pdf, text="".join(map(_all_text, sheets)))
    for sheet in sheets:
        pdf.add_page()
        _print_sheet(pdf, letters, sheet)
    return letters.output()


def _print_sheet(pdf: Paper, letters: Lettering, sheet: TicketSheet) -> None:
    letters.use(22, bold=True)
    _line(pdf, letters, sheet.event_title, height=10)
    letters.use(12)
    _line(pdf, letters, sheet.when, height=6.5)
    _line(pdf, letters, sheet.where, height=6.5)
    pdf.ln(5)
    letters.use(16, bold=True)
    _line(pdf, letters, sheet.tier_name, height=8)
    pdf.ln(3)
    if sheet.holder_name:
        _fact(pdf, letters, sheet.labels.holder, sheet.holder_name)
    _fact(pdf, letters, sheet.labels.serial, sheet.serial_number)
    if sheet.order_number:
        _fact(pdf, letters, sheet.labels.order, sheet.order_number)
    pdf.ln(6)
    if sheet.labels.void:
        letters.use(16, bold=True)
        _line(pdf, letters, sheet.labels.void, height=9, align=Align.C)
        return
    _print_symbol(pdf, sheet.qr_text)
    letters.use(18, bold=True)
    _line(pdf, letters, group_code(sheet.code), height=10, align=Align.C)
    letters.use(10, colour=GREY)
    _line(pdf, letters, sheet.labels.hint, height=5.5, align=Align.C)
    _line(pdf, letters, sheet.labels.seller, height=5.5, align=Align.C)


def _fact(pdf: Paper, letters: Lettering, label: str, value: str) -> None:
    letters.use(10, colour=GREY)
    _line(pdf, letters, label, height=5)
    letters.use(13)
    _line(pdf, letters, value, height=7)


def _line(
    pdf: Paper, letters: Lettering, text: str, *, height: float, align: Align = Align.L
) -> None:
    """One paragraph, wrapped to the page; an empty text takes no room."""
    if not text:
        return
    printable = letters.printable(text)
    room = pdf.epw - 2 * pdf.c_margin
    # Looking for places to break took most of a page's time, and most texts need none.
    fits = "\n" not in printable and pdf.get_string_width(printable) <= room
    write = pdf.cell if fits else pdf.multi_cell
    write(0, height, printable, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _print_symbol(pdf: Paper, text: str) -> None:
    """The symbol as filled rectangles, centred; its quiet zone stays white."""
    symbol = print_ticket_qr(text)
    module = QR_MM / symbol.size
    left = (PAGE_WIDTH_MM - QR_MM) / 2
    top = pdf.get_y()
    pdf.set_fill_color(*BLACK)
    pdf.fill_boxes(
        (left + run.column * module, top + run.row * module, run.length * module, module)
        for run in symbol.runs
    )
    pdf.set_y(top + QR_MM + 2)


def _all_text(sheet: TicketSheet) -> str:
    return "".join([*_texts(sheet), *_texts(sheet.labels)])


def _texts(part: TicketSheet | SheetLabels) -> list[str]:
    # The symbol's text is drawn, not written: its digits need no letters.
    values = (getattr(part, field.name) for field in fields(part) if field.name != "qr_text")
    return [value for value in values if isinstance(value, str)]
