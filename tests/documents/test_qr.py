"""The symbol that opens the door."""

import io
import re

import zxingcpp
from PIL import Image, ImageDraw

from webapp.documents.qr import group_code, print_qr, qr_svg

CODE = "7KQ2M9XW4HT8B3RC"


def scan_printed(code: str) -> str:
    """Paint the rectangles and let an independent reader look at them."""
    symbol = print_qr(code)
    image = Image.new("L", (symbol.size * 8, symbol.size * 8), 255)
    pen = ImageDraw.Draw(image)
    for run in symbol.runs:
        left, top = run.column * 8, run.row * 8
        pen.rectangle((left, top, left + run.length * 8 - 1, top + 7), fill=0)
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


def test_the_printed_symbol_scans():
    assert scan_printed(CODE) == CODE


def test_the_svg_has_a_name_for_those_who_cannot_see_it():
    svg = qr_svg(CODE, title="Ticket <EVE001>")

    assert svg.startswith('<svg role="img" ')
    assert "<title>Ticket &lt;EVE001&gt;</title>" in svg


def test_the_svg_fits_into_a_strict_page():
    svg = qr_svg(CODE)

    assert 'aria-hidden="true"' in svg
    assert "<?xml" not in svg
    assert "style=" not in svg
    assert 'class="qr"' in svg


def test_the_svg_draws_the_same_modules_as_the_print():
    side = int(re.search(r'viewBox="0 0 (\d+) ', qr_svg(CODE))[1])

    assert side == print_qr(CODE).size
    assert io.StringIO(qr_svg(CODE)).read().count("<path") == 2


def test_a_code_is_read_aloud_in_groups_of_four():
    assert group_code(CODE) == "7KQ2 M9XW 4HT8 B3RC"
