"""Whatever an organizer writes stays within a narrow page, and keeps its direction."""

import re

from playwright.sync_api import expect

from e2e.buyer import Buyer
from e2e.conftest import NewBuyer
from e2e.programme import Programme, TierSpec
from e2e.reflow import NARROW, find_layout_faults

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfest"
TITLE = f"{LONG_WORD} an der Uferpromenade mit Musik, Licht und sehr vielen weiteren Worten"
HEBREW = "מנוי לכל ימי הפסטיבל"
ARABIC = "قاعة الاحتفالات الكبرى"


def expect_no_layout_faults(buyer: Buyer) -> None:
    buyer.page.wait_for_load_state()
    assert find_layout_faults(buyer.page) == []


def test_no_page_of_a_purchase_is_broken_by_long_words(
    programme: Programme, new_buyer: NewBuyer
) -> None:
    show = programme.put_on(
        TierSpec("Nachmittagsveranstaltungsermäßigungsberechtigtenkarte", price_cents=123456789),
        TierSpec(HEBREW),
        title=TITLE,
        tagline=f"https://example.org/{LONG_WORD.lower()}/{LONG_WORD.lower()}",
        description=f"Plain words.\n\n{LONG_WORD * 3}",
        venue_name=ARABIC,
        venue_address=f"{LONG_WORD} 12, {ARABIC}",
    )
    buyer = new_buyer(viewport=NARROW)

    buyer.go("/")
    expect_no_layout_faults(buyer)
    buyer.open_event(show.slug)
    expect_no_layout_faults(buyer)
    buyer.choose(HEBREW)
    buyer.go_on()
    expect_no_layout_faults(buyer)
    reference = buyer.reference
    buyer.go_to_pay().leave()
    expect(buyer.page).to_have_url(re.compile("/cancelled$"))
    expect_no_layout_faults(buyer)
    buyer.go(f"/checkout/{reference}")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    expect_no_layout_faults(buyer)


def test_price_stands_behind_a_name_that_is_read_from_the_right(
    programme: Programme, buyer: Buyer
) -> None:
    show = programme.put_on(TierSpec(HEBREW))
    buyer.hold(show.slug, HEBREW)

    # Where each begins: both may go on in the next line.
    begins = "element => element.getClientRects()[0].toJSON()"
    label = buyer.page.locator(".line label")
    name = label.locator("bdi").evaluate(begins)
    price = label.locator(".quiet").evaluate(begins)

    is_below = price["top"] > (name["top"] + name["bottom"]) / 2
    assert is_below or price["left"] >= name["right"]
