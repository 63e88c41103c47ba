"""Ways past every page and state that a buyer can meet, stop by stop.

A tour yields the name of each stop while the buyer's page shows it; whoever
walks along looks at the page, or takes its picture.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus

from playwright.sync_api import expect

from e2e.party import Party, Tour
from e2e.programme import Show, TierSpec
from e2e.tour_after import following_up
from e2e.tour_edges import arriving, breaking, owing
from e2e.tour_transfer import accepting, giving
from e2e.tour_wallet import carrying
from tests.box_office import CHALLENGE_CARD, DECLINED_CARD, FESTIVAL
from webapp.domain.money_back import REFUND_FAILED
from webapp.models import EventStatus

SILENT_GATEWAY = {"path": "/v1/checkout/sessions*", "nth": "every", "effect": "500"}


def choosing(party: Party) -> Iterator[str]:
    """The list of events, one event, a choice and what may be wrong with it."""
    buyer = party.buyer
    buyer.go("/")
    yield "events"
    buyer.go("/?q=no+such+evening")
    yield "events-none-found"
    buyer.open_event(FESTIVAL)
    yield "event"
    buyer.page.get_by_text("Price in detail").first.click()
    buyer.choose("Full festival", 2)
    expect(buyer.total).to_contain_text("$321.99")
    yield "event-chosen"
    buyer.quantity("Full festival").fill("0")
    expect(buyer.total).to_contain_text("Choose")
    buyer.button("Continue").click()
    expect(buyer.page.locator("#picker-faults")).to_be_visible()
    yield "event-nothing-chosen"
    show = party.programme.put_on(
        TierSpec("Front row", places=1),
        TierSpec("Middle row", places=4),
        TierSpec("Back row, under the balcony", 1234, places=300),
        TierSpec("Last minute", opens_in_days=20),
        TierSpec("Keep the yard alive", places=None),
        tagline="One night under the chestnut trees",
        description="Bring a coat.\n\nDoors open an hour before.",
    )
    party.new_buyer().hold(show.slug, "Front row")
    buyer.open_event_when(show.slug, "Sold out")
    buyer.choose("Middle row", 4)
    yield "event-tier-states"
    party.new_buyer().hold(show.slug, "Middle row", 2)
    buyer.button("Continue").click()
    expect(buyer.page.locator("#picker-faults")).to_be_visible()
    yield "event-shortage"
    buyer.hold(show.slug, "Middle row")
    buyer.open_event(show.slug)
    expect(buyer.page.get_by_role("link", name="Continue your checkout")).to_be_visible()
    yield "event-own-checkout"


def holding(party: Party) -> Iterator[str]:
    """The checkout, its faults, its clock and its end."""
    buyer = party.buyer
    show = party.programme.put_on(
        TierSpec("Front row", places=4), TierSpec("Keep the yard alive", places=None)
    )
    buyer.open_event(show.slug)
    buyer.choose("Front row", 2)
    buyer.amount("Keep the yard alive").fill("12.5")
    buyer.go_on()
    reference = buyer.reference
    yield "checkout"
    buyer.page.locator("#attendees > summary").click()
    buyer.page.get_by_label("I am one of them").check()
    buyer.page.get_by_label("Ticket 2: Front row").fill("Bob Example")
    buyer.page.get_by_text("Continue on another device").click()
    expect(buyer.page.get_by_role("img", name="QR code")).to_be_visible()
    yield "checkout-names-and-handover"
    buyer.go(f"/checkout/{reference}/handover")
    yield "handover"
    buyer.button("Mail me the link").click()
    expect(buyer.page.get_by_text("Type your email into the checkout first")).to_be_visible()
    yield "handover-without-email"
    buyer.go(f"/checkout/{reference}")
    buyer.type_email("ada@example")
    buyer.page.get_by_label("Phone").fill("12")
    buyer.page.get_by_label("Name").click()
    expect(buyer.page.locator("#contact-faults .alert")).to_be_visible()
    yield "checkout-typed-wrong"
    buyer.pay_button.click()
    expect(buyer.page).to_have_url(re.compile("/payment$"))
    yield "checkout-sent-wrong"
    buyer.go(f"/checkout/{reference}")
    party.new_buyer().hold(show.slug, "Front row")
    buyer.quantity("Front row").fill("4")
    buyer.quantity("Front row").press("Enter")
    expect(buyer.page.locator("#summary").get_by_role("alert")).to_be_visible()
    yield "checkout-shortage"
    yield from _refusing(party)
    party.programme.pass_time(reference, minutes=14)
    buyer.go(f"/checkout/{reference}")
    expect(buyer.page.locator(".countdown.is-short")).to_be_visible()
    yield "checkout-last-minute"
    party.programme.pass_time(reference, minutes=1)
    buyer.go(f"/checkout/{reference}")
    yield "checkout-time-over"
    buyer.button("Try again").click()
    buyer.button("Cancel and give the tickets back").click()
    buyer.expect_heading(show.title)
    buyer.go(f"/checkout/{reference}")
    yield "checkout-cancelled"


def _refusing(party: Party) -> Iterator[str]:
    """A checkout's code that is not answered, then refused."""
    buyer = party.buyer
    alert = party.programme.render_error(HTTPStatus.SERVICE_UNAVAILABLE, is_fragment=True)
    headers = {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML", "HX-Reselect": "#alert"}
    buyer.page.route(
        "**/code", lambda route: route.fulfill(status=503, headers=headers, body=alert), times=1
    )
    buyer.page.get_by_text("Have a code?").click()
    buyer.page.get_by_label("Promotion or access code").fill("no such code")
    buyer.button("Use code").click()
    expect(buyer.page.locator("#alerts")).not_to_be_empty()
    yield "checkout-not-answered"
    buyer.button("Use code").click()
    expect(buyer.page.get_by_text("We do not know this code.")).to_be_visible()
    yield "checkout-code-refused"


def paying(party: Party) -> Iterator[str]:
    """The gateway's page, and every way away from it."""
    buyer, box_office = party.buyer, party.box_office
    reference = buyer.hold(party.programme.put_on().slug, quantity=2)
    box_office.sandbox("POST", "faults", [SILENT_GATEWAY])
    buyer.type_email()
    buyer.pay_button.click()
    expect(buyer.page.get_by_text("is not answering right now")).to_be_visible()
    yield "checkout-gateway-silent"
    box_office.sandbox("POST", "faults", [])
    payment = buyer.go_to_pay()
    yield "gateway"
    payment.pay(DECLINED_CARD)
    payment.expect_decline()
    yield "gateway-declined"
    payment.pay(CHALLENGE_CARD)
    expect(buyer.page.get_by_role("heading", name="Confirm with your bank")).to_be_visible()
    yield "gateway-bank"
    buyer.go(f"/checkout/{reference}/cancelled")
    yield "payment-left"
    buyer.page.get_by_role("link", name="Change tickets or details").click()
    buyer.expect_heading("Checkout")
    yield "checkout-paying"
    box_office.sandbox("POST", "deliveries", {"mode": "manual"})
    payment = buyer.go_to_pay()
    box_office.sandbox("POST", "faults", [SILENT_GATEWAY])
    payment.pay()
    buyer.expect_heading("Getting your tickets")
    yield "waiting"
    buyer.go(f"/checkout/{reference}/return?round=20")
    expect(buyer.page.get_by_text("This takes longer than usual")).to_be_visible()
    yield "waiting-long"


def owning(party: Party) -> Iterator[str]:
    """The order, the mail, and what strangers are shown."""
    buyer, box_office = party.buyer, party.box_office
    show = party.programme.put_on(TierSpec("Front row"), TierSpec("Back row", 0))
    buyer.open_event(show.slug)
    buyer.choose("Front row", 2)
    buyer.choose("Back row")
    buyer.go_on()
    buyer.page.get_by_label("Name").fill("Ada Example")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(3)
    yield "order"
    number = buyer.order_number
    mail = box_office.wait_for_mails(number)[0]
    buyer.page.goto(f"{box_office.sandbox_url}/mail")
    yield "inbox"
    # On a page of its own: where the inbox shows it, no script may run, the judge's neither.
    buyer.page.goto("about:blank")
    buyer.page.set_content(mail["html"])
    yield "mail"
    buyer.go(f"/orders/{number}x")
    yield "unknown"
    party.programme.change_event(show, status=EventStatus.CANCELLED)
    buyer.go(f"/orders/{number}")
    yield "order-called-off"
    party.programme.change_event(show, status=EventStatus.PUBLISHED)
    with party.programme.order_as(number, status="expired"):
        buyer.go(f"/orders/{number}")
    yield "order-paid-too-late"
    with party.programme.order_as(number, status="needs_review", review_reason=REFUND_FAILED):
        buyer.go(f"/orders/{number}")
    yield "order-refund-failed"
    _refund(party, show, "partially_refunded", amount=1000)
    buyer.go(f"/orders/{number}")
    yield "order-partially-refunded"
    _refund(party, show, "refunded")
    buyer.go(f"/orders/{number}")
    expect(buyer.page.get_by_text("No longer valid").first).to_be_visible()
    yield "order-refunded"
    buyer.hold(show.slug, "Front row")
    session = buyer.go_to_pay().session
    pending = party.programme.order_numbers(show)[-1]
    buyer.go(f"/orders/{pending}")
    yield "order-pending"
    box_office.gateway.v1.checkout.sessions.expire(session)
    party.programme.wait_for_status(pending, "expired")
    buyer.go(f"/orders/{pending}")
    yield "order-expired"


def _refund(party: Party, show: Show, status: str, **part: int) -> None:
    """Send the money of the show's first order back, as staff do at the gateway."""
    number = party.programme.order_numbers(show)[0]
    sessions = party.box_office.gateway.v1.checkout.sessions.list({"limit": 100}).data
    paid = next(session for session in sessions if session.client_reference_id == number)
    party.box_office.sandbox("POST", "refund", payment_intent=paid.payment_intent, **part)
    party.programme.wait_for_status(number, status)


TOURS: tuple[Tour, ...] = (
    arriving,
    choosing,
    holding,
    paying,
    owning,
    following_up,
    giving,
    accepting,
    carrying,
    owing,
    breaking,
)
