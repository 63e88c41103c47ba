import pytest

from tests.blueprints.browser import Browser, let_in
from tests.issued import add_captured_payment, make_order
from webapp.database import db
from webapp.domain import access, orders
from webapp.domain.money_back import AT_GATEWAY, DUPLICATE_PAYMENT, REFUND_FAILED
from webapp.domain.refunds import note_outside_refund
from webapp.extensions import signer
from webapp.models import EventStatus, OrderStatus, Payment, Refund, RefundStatus
from webapp.transaction import transaction

WORDS = {
    OrderStatus.PENDING: "Not paid yet",
    OrderStatus.PROCESSING: "Your bank is confirming the payment",
    OrderStatus.PAID: "You are going!",
    OrderStatus.FAILED: "The payment did not go through",
    OrderStatus.EXPIRED: "Time ran out before the payment",
    OrderStatus.CANCELLED: "This order was cancelled",
    OrderStatus.PARTIALLY_REFUNDED: "Part of your money is on its way back",
    OrderStatus.REFUNDED: "Your money is on its way back",
    OrderStatus.NEEDS_REVIEW: "We are looking into your order",
}


def call_off(order):
    order.event.status = EventStatus.CANCELLED
    db.session.commit()


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_status_is_told_in_plain_words(browser, clock, status):
    let_in(browser, make_order(clock, status))

    assert WORDS[status] in browser.words()


@pytest.mark.parametrize("status", [OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.FAILED])
def test_money_that_came_too_late_is_told_of(browser, clock, status):
    order = make_order(clock, status)
    add_captured_payment(order, now=clock())

    let_in(browser, order)

    words = browser.words()
    assert "Your payment came too late" in words
    assert "The full amount goes back" in words
    assert "othing was charged" not in words
    assert "nothing is charged" not in words


@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED])
def test_event_that_was_called_off_is_told_with_what_happens_to_the_money(browser, clock, status):
    order = make_order(clock, status)
    call_off(order)

    let_in(browser, order)

    words = browser.words()
    assert "This event was cancelled" in words
    assert "Your money goes back the way you paid" in words
    assert "You are going!" not in words
    assert "Part of your money" not in words


def test_money_that_came_for_an_event_that_was_called_off_is_told_of(browser, clock):
    order = make_order(clock, OrderStatus.EXPIRED)
    add_captured_payment(order, now=clock())
    call_off(order)

    let_in(browser, order)

    words = browser.words()
    assert "This event was cancelled" in words
    assert "The full amount goes back" in words
    assert "tickets were gone" not in words


def test_refund_that_failed_is_told_of(browser, clock):
    order = make_order(clock, OrderStatus.REFUNDED)
    with transaction():
        orders.move_order(
            orders.lock_order(order_id=order.id),
            OrderStatus.NEEDS_REVIEW,
            actor="gateway",
            reason=REFUND_FAILED,
            now=clock(),
            trace_id="0" * 32,
        )

    let_in(browser, order)

    assert "Your refund did not go through" in browser.words()
    assert "reply to any mail about this order" in browser.words()


def test_money_that_was_sent_another_way_is_not_said_to_come_the_way_it_was_paid(browser, clock):
    order = make_order(clock, OrderStatus.REFUNDED)
    add_captured_payment(order, now=clock())
    payment = db.session.query(Payment).one()
    with transaction():
        note_outside_refund(payment=payment, amount_cents=order.total_cents, now=clock())

    let_in(browser, order)

    words = browser.words()
    assert "We sent it another way than you paid" in words
    assert "the way you paid, usually" not in words


def test_order_that_staff_cancelled_does_not_say_that_nothing_was_charged(browser, clock):
    order = make_order(clock, OrderStatus.NEEDS_REVIEW)
    add_captured_payment(order, now=clock())
    with transaction():
        orders.move_order(
            orders.lock_order(order_id=order.id),
            OrderStatus.CANCELLED,
            actor="staff",
            now=clock(),
            trace_id="0" * 32,
        )

    let_in(browser, order)

    assert "We cancelled this order" in browser.words()
    assert "All that you paid goes back the way you paid" in browser.words()
    assert "nothing is charged" not in browser.words()


def test_order_page_shows_tickets_and_receipt(browser, clock):
    order = make_order(clock)

    let_in(browser, order)

    words = browser.words()
    assert "2 tickets" in words
    assert browser.page.count('role="img"') == 2
    for ticket in orders.list_tickets(order_id=order.id):
        assert ticket.serial_number in words
        code = ticket.code
        assert f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}" in words
    assert "2 × Floor $60.00 Fees $6.15 Total $66.15" in words  # noqa: RUF001


def test_order_page_says_how_much_of_the_money_went_back(browser, clock):
    order = make_order(clock, OrderStatus.PARTIALLY_REFUNDED)
    add_captured_payment(order, now=clock())
    payment = db.session.query(Payment).one()
    for number, (cents, reason) in enumerate([(1000, AT_GATEWAY), (6615, DUPLICATE_PAYMENT)]):
        refund = Refund(
            order_id=order.id,
            payment_id=payment.id,
            amount_cents=cents,
            reason=reason,
            status=RefundStatus.SUCCEEDED,
            idempotency_key=f"refund-{number}",
            created_at=clock(),
        )
        db.session.add(refund)
    db.session.commit()

    let_in(browser, order)

    assert "$10.00 goes back the way you paid" in browser.words()
    assert "Total $66.15 Refunded -$10.00" in browser.words()


def test_order_page_masks_the_address(browser, clock):
    let_in(browser, make_order(clock))

    assert "guest@example.com" not in browser.page
    assert "@example.com" in browser.page


def test_order_is_stored_nowhere_and_its_address_goes_nowhere(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)

    link = f"/o/{access.seal_order_link(signer(), order)}"

    for url in (location, f"{location}/tickets.pdf", f"{location}/calendar.ics", link):
        headers = browser.open(url).headers
        assert headers["Cache-Control"] == "no-store"
        # The page has forms, and its address opens nothing.
        allowed = "same-origin" if url == location else "no-referrer"
        assert headers["Referrer-Policy"] == allowed


def test_number_alone_opens_nothing(app, browser, clock):
    order = make_order(clock)
    let_in(browser, order)
    stranger = Browser(app)

    foreign = stranger.open(f"/orders/{order.number}")
    unknown = stranger.open("/orders/EVE-20270301-9999")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text == unknown.text
    assert stranger.open(f"/orders/{order.number}/tickets.pdf").status_code == 404


def test_revoked_link_opens_nothing_even_where_it_did(browser, clock):
    order = make_order(clock)
    sealed = access.seal_order_link(signer(), order)
    location = let_in(browser, order)
    order.link_version += 1
    db.session.commit()

    assert browser.open(f"/o/{sealed}").status_code == 404
    assert browser.open(location).status_code == 404


def test_altered_link_is_not_found(browser, clock):
    sealed = access.seal_order_link(signer(), make_order(clock))

    assert browser.open(f"/o/{sealed[:-2]}zz").status_code == 404


def test_tickets_come_as_pdf_once_there_are_any(browser, clock):
    paid = let_in(browser, make_order(clock))
    pending = let_in(browser, make_order(clock, OrderStatus.PENDING, order_prefix="TWO"))

    pdf = browser.open(f"{paid}/tickets.pdf")

    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    assert browser.open(f"{pending}/tickets.pdf").status_code == 404
