"""The symbol that opens the door."""

import re

import pytest
import zxingcpp

from tests.documents.painting import paint_runs, paint_svg
from webapp.documents.qr import _ticket_symbol, group_code, qr_svg, ticket_qr_svg

CODE = "7KQ2M9XW4HT8B3RC"
# What a ticket's text looks like: 200 digits, the first of them a zero.
TEXT = "0" + "31415926535897932384" * 9 + "2718281828459045235"


def scan_printed(text: str) -> str:
    """Let an independent reader look at the rectangles."""
    (found,) = zxingcpp.read_barcodes(paint_runs(text))
    return found.text


def test_the_printed_symbol_scans():
    assert len(TEXT) == 200
    assert scan_printed(TEXT) == TEXT


def test_a_ticket_is_a_symbol_of_version_5_in_digits_at_level_m():
    symbol = _ticket_symbol(TEXT)

    assert (symbol.version, symbol.error, symbol.mode) == (5, "M", "numeric")


@pytest.mark.parametrize("draw", [qr_svg, ticket_qr_svg])
def test_an_svg_is_black_on_white_with_a_quiet_zone_of_four(draw):
    svg = draw(TEXT)

    assert re.findall(r'(?:fill|stroke)="(#\w+)"', svg) == ["#fff", "#000"]
    # The white lies under all of it, and the first dark row starts four modules in.
    side = re.search(r'viewBox="0 0 (\d+) \1"', svg)[1]
    assert f'd="M0 0h{side}v{side}h-{side}z"' in svg
    assert 'd="M4 4.5h7' in svg


def test_the_text_of_a_link_is_drawn_so_that_a_quarter_may_be_lost():
    (found,) = zxingcpp.read_barcodes(paint_svg(qr_svg("https://example.com/c/abc")))

    assert (found.text, found.ec_level) == ("https://example.com/c/abc", "Q")


def test_the_svg_of_a_ticket_scans():
    (found,) = zxingcpp.read_barcodes(paint_svg(ticket_qr_svg(TEXT)))

    assert found.text == TEXT


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
    assert paint_svg(ticket_qr_svg(TEXT)).tobytes() == paint_runs(TEXT).tobytes()


def test_a_code_is_read_aloud_in_groups_of_four():
    assert group_code(CODE) == "7KQ2 M9XW 4HT8 B3RC"
