"""A buyer who mistyped the address corrects it once its mail came back, and nobody else can."""

import pytest

from tests.blueprints.bought import buy_ticket
from tests.blueprints.browser import Browser, let_in
from tests.purchases import find_order
from webapp.database import db
from webapp.domain import emails
from webapp.domain.resends import MOST_MAILS
from webapp.models import AuditEntry, Delivery, EmailMessage, Order
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
