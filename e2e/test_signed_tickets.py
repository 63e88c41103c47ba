"""The symbol of a ticket as a phone shows it, read back by a reader and a verifier."""

import base64

import pytest
import zxingcpp
from PIL import Image

from e2e.buyer import Buyer
from tests.box_office import FESTIVAL, BoxOffice
from webapp.domain.signed_tickets import TicketBody, VerifyingKey, read_genuine

MODULES = 45  # with the quiet zone


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def any_buyer(request, new_buyer) -> Buyer:
    return new_buyer(java_script_enabled=request.param)


def read_ticket(buyer: Buyer, box_office: BoxOffice, path) -> TicketBody:
    """What a door reads from the first ticket on the screen."""
    buyer.page.locator(".ticket").first.screenshot(path=path)
    with Image.open(path) as shown:
        (found,) = zxingcpp.read_barcodes(shown)
    answer = box_office.http.get(f"{box_office.site_url}/.well-known/yardpass-ticket-keys.json")
    keys = {
        key["key_no"]: VerifyingKey(base64.urlsafe_b64decode(key["public_key"] + "="))
        for key in answer.json()["keys"]
    }
    return read_genuine(found.text, keys=keys)


def test_a_ticket_is_read_from_every_phone_and_scheme(new_buyer, box_office, tmp_path):
    buyer = new_buyer()
    buyer.hold(FESTIVAL, "Day 2 pass", 1)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)

    read = set()
    for width in (320, 360, 412):
        buyer.page.set_viewport_size({"width": width, "height": 640})
        for look in (
            {"color_scheme": "light"},
            {"color_scheme": "dark"},
            {"forced_colors": "active"},
        ):
            buyer.page.emulate_media(**look)
            read.add(read_ticket(buyer, box_office, tmp_path / "ticket.png"))
            side = buyer.page.locator(".ticket svg.qr").first.bounding_box()["width"]
            assert side / MODULES >= (6 if width >= 360 else 5)

    assert len(read) == 1


def test_a_buyer_replaces_a_code(any_buyer, box_office, tmp_path):
    buyer = any_buyer
    buyer.hold(FESTIVAL, "Day 2 pass", 1)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    before = read_ticket(buyer, box_office, tmp_path / "before.png")
    code = buyer.page.locator(".ticket-code").inner_text()

    buyer.page.get_by_text("Replace the code").click()
    buyer.button("Make a new code").click()
    buyer.page.get_by_text("This is a new code").wait_for()

    after = read_ticket(buyer, box_office, tmp_path / "after.png")
    assert (after.ticket_id, after.revision) == (before.ticket_id, before.revision + 1)
    assert buyer.page.locator(".ticket-code").inner_text() != code
