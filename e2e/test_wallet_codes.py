"""A code can be read off every phone: whole on the first screen, in every scheme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.phone import Phone, page_box
from e2e.qr_reading import count_quiet_modules, has_zbar, read_with_zbar, read_with_zxing
from e2e.ticket_buying import TicketBuying

SMALLEST_MODULE_PX = 6
SIGNED_MODULES = 45
QUIET_MODULES = 4
VIEWPORTS = [(320, 568), (360, 640), (390, 844), (412, 915), (844, 390), (768, 1024), (1280, 800)]
# Not the Playwright words for it: "no-preference" would leave the first one out.
SCHEMES = ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"})
_MODULES = "svg => svg.viewBox.baseVal.width"


@pytest.mark.skipif(not has_zbar(), reason="zbar is not installed (Debian: libzbar0)")
def test_two_decoders_read_what_a_screen_shows(phone, tickets):
    expect_readable_codes(phone, tickets, [read_with_zxing, read_with_zbar])


@pytest.mark.skipif(has_zbar(), reason="both decoders were asked")
def test_one_decoder_reads_what_a_screen_shows(phone, tickets):
    expect_readable_codes(phone, tickets, [read_with_zxing])


def expect_readable_codes(
    phone: Phone, tickets: TicketBuying, decoders: list[Callable[[bytes], str]]
) -> None:
    """Whole without scrolling and read by each decoder, on every screen and in every scheme."""
    bought = tickets.buy(
        3, title="The very long night of the brass bands in the courtyard behind the old mill"
    )
    phone.keep(bought.link)
    with phone.network.dead():
        for width, height in VIEWPORTS:
            phone.page.set_viewport_size({"width": width, "height": height})
            phone.go(bought.path(2))
            expect(phone.qr).to_be_visible()
            for scheme in SCHEMES:
                phone.page.emulate_media(**({"color_scheme": "light"} | scheme))
                where = f"{width} x {height}, {scheme}"
                box = phone.qr.bounding_box()
                assert box, where
                window = page_box(phone.page)
                assert box["x"] >= 0, where
                assert box["y"] >= 0, where
                assert box["x"] + box["width"] <= window["width"], where
                assert box["y"] + box["height"] <= window["height"], where
                modules = phone.qr.evaluate(_MODULES)
                # Widths are chosen for the signed ticket; a smaller symbol has larger modules.
                assert box["width"] / max(modules, SIGNED_MODULES) >= SMALLEST_MODULE_PX, where
                assert box["width"] == pytest.approx(box["height"]), where
                picture = phone.page.screenshot()
                assert [read(picture) for read in decoders] == [bought.text(2)] * len(decoders)
                assert (
                    count_quiet_modules(picture, box, scale=2, modules=modules - 2 * QUIET_MODULES)
                    >= QUIET_MODULES
                ), where
            phone.page.emulate_media(forced_colors="none")


def test_quiet_zone_and_panel_stay_white_in_the_dark(phone, tickets):
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.page.emulate_media(color_scheme="dark")
    phone.go(bought.path())

    panel = phone.page.locator(".wallet-stub")

    expect(panel).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(panel).to_have_css("color", "rgb(0, 0, 0)")
