"""The four pictures of the README: ``python -m e2e.readme_pictures FOLDER``.

Starts the product, buys two tickets, and keeps what a phone shows on the way.
"""

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from e2e.buyer import Buyer
from e2e.walk_in import open_shop
from tests.box_office import FESTIVAL

EMAIL = "nora@example.com"
# Not where the event is: its page then says both times.
ELSEWHERE = "America/New_York"
MOST_BYTES = 120_000
COLOURS = (256, 192, 128, 96, 64)
# The page as it is read from a place on, with no finger on it.
REST = """place => {
  document.activeElement.blur();
  scrollTo({top: place && document.querySelector(place).offsetTop - 12, behavior: 'instant'});
}"""


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m e2e.readme_pictures FOLDER\n")
        return 2
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with open_shop() as shop:
        buyer = shop.new_buyer(timezone_id=ELSEWHERE)
        choose(buyer)
        take_picture(buyer, folder / "event.png")
        buyer.go_on()
        buyer.type_email(EMAIL)
        take_picture(buyer, folder / "checkout.png")
        buyer.go_to_pay(EMAIL).pay()
        buyer.expect_tickets(2)
        take_picture(buyer, folder / "order.png")
        night = shop.new_buyer(timezone_id=ELSEWHERE, color_scheme="dark")
        choose(night)
        take_picture(night, folder / "event-dark.png", place="#picker")
    return 0


def choose(buyer: Buyer) -> None:
    buyer.open_event(FESTIVAL)
    buyer.choose("Full festival", 2)
    expect(buyer.total).to_contain_text("$321.99")


def take_picture(buyer: Buyer, path: Path, *, place: str = "") -> None:
    """What the phone shows from ``place`` on, in as many colours as its size allows."""
    page = buyer.page
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)
    page.evaluate(REST, place)
    shot = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    for colours in COLOURS:
        shot.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return
    raise ValueError(f"{path.name} stays larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
