"""The way of tickets onto a phone, to another one, and off it again."""

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import expect

from e2e.buyer import Buyer
from e2e.party import Party
from e2e.programme import TierSpec
from webapp.clock import utc_now
from webapp.models import EventStatus, TicketStatus


def carrying(party: Party) -> Iterator[str]:
    """A wallet and its tickets in every state, pairing and removal."""
    buyer, programme = party.buyer, party.programme
    buyer.go("/wallet")
    buyer.expect_heading("No tickets on this phone yet")
    yield "wallet-none"
    show = programme.put_on(
        TierSpec("Front row"),
        title="Rooftop cinema: three short films and a long night",
        venue_note="Ring twice at the green gate, then take the stairs on the left.",
        starts_at=utc_now() + timedelta(days=3),
        ends_at=utc_now() + timedelta(days=3, hours=4),
    )
    number = _buy(buyer, show.slug, "Front row", 4)
    _keep(buyer)
    yield "order-kept"
    first, second, third, _ = programme.ticket_ids(number)
    later = programme.put_on(title="Courtyard jazz")
    _buy(buyer, later.slug, "Entry", 1)
    _keep(buyer)
    buyer.go(f"/wallet/tickets/{second}")
    expect(buyer.qr_codes).to_have_count(1)
    yield "wallet-ticket"
    programme.change_ticket(first, status=TicketStatus.VOID, voided_at=utc_now())
    programme.change_ticket(third, holder_no=2, holder_email="bo@example.com")
    buyer.go(f"/wallet/tickets/{first}")
    expect(buyer.page.get_by_text("No longer valid")).to_be_visible()
    yield "wallet-ticket-void"
    buyer.go(f"/wallet/tickets/{third}")
    expect(buyer.page.get_by_text("Given away")).to_be_visible()
    yield "wallet-ticket-given"
    past = programme.put_on(title="Spring opening")
    _buy(buyer, past.slug, "Entry", 1)
    _keep(buyer)
    programme.change_event(
        past, starts_at=utc_now() - timedelta(days=5), ends_at=utc_now() - timedelta(days=4)
    )
    programme.change_event(later, status=EventStatus.CANCELLED)
    buyer.go("/wallet")
    expect(buyer.page.get_by_role("heading", name="Past")).to_be_visible()
    yield "wallet"
    buyer.page.get_by_role("link", name="Courtyard jazz").or_(
        buyer.page.locator(".wallet-event", has_text="Courtyard jazz").get_by_role("link")
    ).first.click()
    expect(buyer.page.get_by_text("This event is cancelled")).to_be_visible()
    yield "wallet-ticket-cancelled"
    yield from _pairing(party)
    friend = party.new_buyer()
    link = programme.ticket_link(second)
    friend.go(link)
    expect(friend.qr_codes).to_have_count(1)
    yield from _others(party, link)


def _pairing(party: Party) -> Iterator[str]:
    buyer = party.buyer
    buyer.go("/wallet/pairing")
    yield "pairing"
    buyer.page.get_by_label("Pairing code").fill("ABCD 1234")
    buyer.button("Show the tickets here").click()
    expect(buyer.page.locator(".fault")).to_be_visible()
    yield "pairing-wrong"
    buyer.button("Make a code").click()
    buyer.expect_heading("Enter this on the other phone")
    yield "pairing-code"
    code = buyer.page.locator(".wallet-pairing-code").inner_text()
    for _ in range(2):
        joining = party.new_buyer()
        joining.go("/wallet/pairing")
        joining.page.get_by_label("Pairing code").fill(code)
        joining.button("Show the tickets here").click()
        joining.expect_heading("Your tickets")
        buyer.go("/wallet/pairing")
        buyer.button("Make a code").click()
        code = buyer.page.locator(".wallet-pairing-code").inner_text()
    buyer.go("/wallet/pairing")
    expect(buyer.button("Remove from all other phones")).to_be_visible()
    yield "pairing-copies"
    buyer.button("Remove from that phone").first.click()
    expect(buyer.page.get_by_text("Removed. What is saved there goes")).to_be_visible()
    yield "pairing-copy-removed"


def _others(party: Party, link: str) -> Iterator[str]:
    """Somebody else's tickets, and the end."""
    buyer, programme = party.buyer, party.programme
    other = programme.put_on(title="Cellar reading")
    _buy(buyer, other.slug, "Entry", 1, email="bo@example.com")
    keep = buyer.button("Keep on this phone")
    if keep.is_visible():
        keep.click()
        buyer.expect_heading("Whose phone is this?")
        yield "wallet-whose"
    buyer.go("/wallet/removal")
    yield "wallet-removal"
    buyer.button("Remove from this phone").click()
    buyer.expect_heading("Removed")
    yield "wallet-removed"
    buyer.go(link)
    expect(buyer.qr_codes).to_have_count(1)
    yield "ticket-link"


def _buy(buyer: Buyer, slug: str, tier: str, count: int, email: str = "ada@example.com") -> str:
    """Buy, and answer the order's number."""
    buyer.hold(slug, tier, count)
    buyer.page.get_by_label("Name").fill("Ada Example")
    buyer.go_to_pay(email).pay()
    buyer.expect_tickets(count)
    return buyer.order_number


def _keep(buyer: Buyer) -> None:
    """Wait until the page's script has kept the order; then see it as it is from now on."""
    expect(buyer.page.get_by_role("link", name="Open your tickets")).to_be_visible()
    number = buyer.order_number
    buyer.go(f"/orders/{number}")
    expect(buyer.page.get_by_role("link", name="Open your tickets")).to_be_visible()
