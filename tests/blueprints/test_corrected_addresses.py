"""A buyer who mistyped the address corrects it once its mail came back, and nobody else can."""

import pytest

from tests.blueprints.bought import buy_ticket
from tests.blueprints.browser import Browser, let_in, text_of
from tests.purchases import find_order
from webapp.database import db
from webapp.domain import access, emails
from webapp.domain.resends import MOST_MAILS
from webapp.extensions import signer
from webapp.models import AuditEntry, Delivery, EmailMessage, EmailStatus, Order, Ticket
from webapp.transaction import transaction


def confirmations() -> list[EmailMessage]:
    db.session.expire_all()
    return db.session.query(EmailMessage).order_by(EmailMessage.sequence).all()


def come_back(clock, delivery: Delivery = Delivery.BOUNCED) -> None:
    """All mails went out, and this became of them."""
    with transaction():
        for mail in confirmations():
            emails.mark_sent(email_message_id=mail.id, provider_message_id="m", now=clock())
            mail.delivery = delivery


@pytest.fixture
def order(app, browser, gateway, ports, clock) -> Order:
    """Bought in ``browser`` by somebody who mistyped the address."""
    return buy_ticket(
        browser, email="mistyped@example.com", gateway=gateway, ports=ports, clock=clock
    )


@pytest.fixture
def location(browser, order, clock) -> str:
    """The page of the order, whose mail came back."""
    come_back(clock)
    browser.open(f"/orders/{order.number}")
    return f"/orders/{order.number}"


def test_order_is_mailed_to_the_right_address_once_for_two_clicks(browser, order, location):
    assert "If it is wrong, correct it below." in browser.words()

    answers = [browser.send(f"{location}/address", email=" Right@Example.com ") for _ in range(2)]
    browser.open(location)

    assert [answer.status_code for answer in answers] == [303, 303]
    assert [mail.recipient for mail in confirmations()] == [
        "mistyped@example.com",
        "right@example.com",
    ]
    assert find_order(order.number).contact_email == "right@example.com"
    assert "Mailing to r" in browser.words()
    assert "Correct the address" not in browser.words()
    (entry,) = db.session.query(AuditEntry).filter_by(action="email_corrected")
    assert entry.details == {"refused_by": "bounced"}


def test_news_that_comes_into_an_open_page_leads_to_the_form(browser, order, clock):
    location = f"/orders/{order.number}"
    browser.open(location)
    come_back(clock)

    fragment = browser.open(f"{location}/mail?round=1", swap=True)

    assert "below" not in text_of(fragment.text).split("If it is wrong")[1]
    assert f'<a href="{location}">Correct the address</a>' in fragment.text


def test_same_address_may_be_tried_again(browser, location, order):
    browser.send(f"{location}/address", email="mistyped@example.com")

    assert [mail.sequence for mail in confirmations()] == [1, 2]


@pytest.mark.parametrize("typed", ["", "nobody", "a@b"])
def test_faulty_address_is_told_at_its_field_and_kept(browser, location, typed):
    answer = browser.send(f"{location}/address", email=typed)

    assert answer.status_code == 422
    assert 'id="address-fault"' in browser.page
    assert f'value="{typed}"' in browser.page
    assert len(confirmations()) == 1


@pytest.mark.parametrize("delivery", [Delivery.UNKNOWN, Delivery.DELIVERED, Delivery.COMPLAINED])
def test_address_that_mail_arrives_at_is_not_changed(browser, order, clock, delivery):
    come_back(clock, delivery)
    browser.open(f"/orders/{order.number}")
    assert "Correct the address" not in browser.words()

    answer = browser.send(f"/orders/{order.number}/address", email="right@example.com")

    assert answer.status_code == 409
    assert "only after a mail to it came back" in browser.words()
    assert find_order(order.number).contact_email == "mistyped@example.com"


def test_whoever_was_let_in_by_a_link_cannot_change_the_address(app, browser, order, clock):
    come_back(clock)
    friend = Browser(app)
    location = let_in(friend, order)
    assert "Correct the address" not in friend.words()

    answer = friend.send(f"{location}/address", email="eve@example.com")

    assert answer.status_code == 404
    assert find_order(order.number).contact_email == "mistyped@example.com"


def test_stranger_cannot_change_the_address(app, order, clock):
    come_back(clock)
    stranger = Browser(app)
    stranger.open("/find-tickets")

    answer = stranger.send(f"/orders/{order.number}/address", email="eve@example.com")

    assert answer.status_code == 404


def test_corrections_have_an_end(browser, location, order, clock):
    for number in range(MOST_MAILS - 1):
        browser.send(f"{location}/address", email=f"try-{number}@example.com")
        come_back(clock)

    answer = browser.send(f"{location}/address", email="once-more@example.com")

    assert answer.status_code == 429
    assert len(confirmations()) == MOST_MAILS


def test_reload_of_the_answer_leads_back_to_the_order(browser, location):
    reloaded = browser.open(f"{location}/address")

    assert (reloaded.status_code, reloaded.location) == (303, location)


def mail_again(order: Order, clock, delivery: Delivery) -> None:
    """Another confirmation went to the present address, and this became of that one alone."""
    with transaction():
        emails.queue_email(
            order_id=order.id,
            kind=emails.ORDER_CONFIRMATION,
            sequence=len(confirmations()) + 1,
            now=clock(),
            trace_id="0" * 32,
        )
        newest = db.session.query(EmailMessage).order_by(EmailMessage.id.desc()).first()
        emails.mark_sent(email_message_id=newest.id, provider_message_id="m", now=clock())
        newest.delivery = delivery


def codes() -> set[str]:
    db.session.expire_all()
    return {ticket.code for ticket in db.session.query(Ticket)}


@pytest.fixture
def stranger(app, order, clock) -> Browser:
    """Whose address it is: called the first mail spam and opened it, so the second did not go."""
    come_back(clock, Delivery.COMPLAINED)
    stranger = Browser(app)
    let_in(stranger, order)
    mail_again(order, clock, Delivery.SUPPRESSED)
    return stranger


def test_stranger_who_got_an_earlier_mail_is_left_with_nothing(browser, order, stranger, clock):
    old_link, old_codes = access.seal_order_link(signer(), order), codes()
    location = f"/orders/{order.number}"
    browser.open(location)
    assert "your tickets get new codes" in browser.words()

    answers = [browser.send(f"{location}/address", email="right@example.com") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert stranger.open(location).status_code == 404
    assert stranger.open(f"/o/{old_link}").status_code == 404
    assert not codes() & old_codes
    assert db.session.get_one(Order, order.id).link_version == 2
    assert browser.open(location).status_code == 200
    (entry,) = db.session.query(AuditEntry).filter_by(action="links_revoked")
    assert entry.actor == "buyer"


def test_second_click_whose_first_answer_was_lost_still_leads_to_the_order(
    browser, order, stranger
):
    location = f"/orders/{order.number}"
    browser.open(location)
    form, cookie = browser.page, browser.client.get_cookie("yardpass").value
    browser.send(f"{location}/address", email="right@example.com")
    browser.client.set_cookie("yardpass", cookie)
    assert browser.open(location).status_code == 404

    browser.page = form
    other = browser.send(f"{location}/address", email="other@example.com")
    browser.page = form
    again = browser.send(f"{location}/address", email="right@example.com")

    assert (other.status_code, again.status_code) == (404, 303)
    assert browser.open(location).status_code == 200
    assert db.session.get_one(Order, order.id).link_version == 2


def test_mailed_link_of_the_checkout_that_arrived_counts_as_well(browser, order, clock):
    with transaction():
        db.session.add(
            EmailMessage(
                checkout_id=order.checkout_id,
                kind="checkout_link",
                recipient="mistyped@example.com",
                idempotency_key="checkout_link/1",
                status=EmailStatus.SENT,
                created_at=clock(),
                sent_at=clock(),
            )
        )
    with transaction():
        (confirmation,) = db.session.query(EmailMessage).filter_by(order_id=order.id)
        emails.mark_sent(email_message_id=confirmation.id, provider_message_id="m", now=clock())
        confirmation.delivery = Delivery.BOUNCED
    browser.open(f"/orders/{order.number}")

    browser.send(f"/orders/{order.number}/address", email="right@example.com")

    assert db.session.get_one(Order, order.id, populate_existing=True).link_version == 2


def test_codes_stay_where_no_mail_arrived(browser, order, location):
    before = codes()
    assert "new codes" not in browser.words()

    browser.send(f"{location}/address", email="right@example.com")

    assert codes() == before


def test_codes_stay_where_the_same_address_is_tried_again(browser, order, stranger):
    before = codes()
    browser.open(f"/orders/{order.number}")

    browser.send(f"/orders/{order.number}/address", email="mistyped@example.com")

    assert codes() == before


def test_mail_that_waits_goes_to_the_corrected_address(browser, order, location, clock):
    with transaction():
        emails.queue_email(
            order_id=order.id, kind=emails.ORDER_REFUNDED, now=clock(), trace_id="0" * 32
        )

    browser.send(f"{location}/address", email="right@example.com")

    waiting = [mail for mail in confirmations() if mail.status is EmailStatus.QUEUED]
    assert sorted((mail.kind, mail.recipient) for mail in waiting) == [
        ("order_confirmation", "right@example.com"),
        ("order_refunded", "right@example.com"),
    ]
