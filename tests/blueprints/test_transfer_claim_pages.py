"""What a friend sees who is given a ticket, and what a link opens that is over or was altered."""

import re

from blueprints.rate_limits import RATES, Rate
from tests.blueprints.browser import Browser, text_of
from tests.blueprints.transfer_pages import (
    FORM,
    SECRETS,
    accept,
    link_of,
    mailed_link,
    make_link,
    only_claim,
    page_of,
)
from tests.transfers import FRIEND
from webapp import create_app
from webapp.database import db
from webapp.domain import transfer_links, transfer_mails
from webapp.domain.transfers import find_open_transfer
from webapp.extensions import signer
from webapp.models import EventStatus


def test_friend_sees_what_is_offered_and_never_the_ticket(browser, friend, handover):
    link = make_link(browser, handover)

    friend.open(link)

    ticket = handover.ticket
    assert handover.event.title in friend.words()
    assert "Ada gives you a ticket" in friend.words()
    for secret in (*SECRETS, ticket.code, ticket.serial_number, handover.order.number):
        assert secret not in friend.page
    for private in (handover.order.contact_email, "Ada Example", "guest@"):
        assert private not in friend.page


def test_opening_the_mailed_link_accepts_nothing(browser, friend, handover):
    link = make_link(browser, handover)
    friend.open(link)
    friend.send(f"{link}/claims", name="Grace", email=FRIEND)

    for _ in range(3):
        answer = friend.open(mailed_link(only_claim()))
        assert answer.status_code == 200

    assert "Accept the ticket" in friend.words()
    assert handover.ticket.holder_no == 1
    for secret in (*SECRETS, handover.ticket.code):
        assert secret not in friend.page


def test_mailed_link_leads_back_to_the_ticket_afterwards(browser, friend, handover):
    accept(friend, make_link(browser, handover))

    friend.open(mailed_link(only_claim()))

    assert "This ticket is yours" in friend.words()
    sealed = re.search(r'href="(/t/[^"]+)"', friend.page)[1]
    assert friend.open(sealed).status_code == 200


def test_altered_links_are_not_found(friend, handover):
    transfer = handover.offer()
    claim = handover.claim(transfer)
    good = {
        "/transfers/": transfer_links.seal_transfer_link(signer(), transfer),
        "/claims/": transfer_links.seal_claim_link(signer(), claim),
    }
    friend.open(f"/transfers/{good['/transfers/']}")

    for prefix, sealed in good.items():
        reference, _, digest = sealed.partition(".")
        other = good["/claims/" if prefix == "/transfers/" else "/transfers/"]
        forged = (
            reference,
            f"{reference}.",
            f"{reference}.{digest[:-1]}",
            f"{reference}.{digest[::-1]}",
            f"{reference}.{other.partition('.')[2]}",
            f"{reference}.é",
            other,
        )
        for text in forged:
            assert friend.open(f"{prefix}{text}").status_code == 404
    friend.open(FORM)
    answer = friend.send(f"/claims/{good['/transfers/']}/acceptance", name="Eve")
    assert answer.status_code == 404
    assert handover.ticket.holder_no == 1


def test_link_that_the_whole_world_has_accepts_nothing_without_a_mailbox(friend, handover):
    link = f"/transfers/{transfer_links.seal_transfer_link(signer(), handover.offer())}"
    friend.open(link)

    answer = friend.send(f"{link}/claims", name="Eve", email="eve@example.com")

    assert answer.status_code == 303
    assert "/claims/" not in friend.open(answer.location).text.replace(f"{link}/claims", "")
    assert handover.ticket.holder_no == 1


def test_every_end_has_a_page_of_its_own(browser, friend, handover, clock):
    link = make_link(browser, handover)
    friend.open(link)
    endings = []

    def note():
        answer = friend.open(link)
        endings.append((answer.status_code, re.search(r"<h1>([^<]+)", answer.text)[1]))

    browser.send(f"{page_of(handover)}/withdrawal", number=1)
    note()
    handover.offer()
    link = link_of(handover)
    handover.event.status = EventStatus.CANCELLED
    db.session.commit()
    note()
    handover.event.status = EventStatus.PUBLISHED
    db.session.commit()
    clock.advance(days=31)
    note()
    clock.advance(days=-31)
    handover.accept(handover.claim(find_open_transfer(ticket=handover.ticket)))
    note()

    assert endings == [
        (410, "This link was withdrawn"),
        (410, "This ticket is no longer valid"),
        (410, "It is too late to accept this ticket"),
        (410, "This ticket was accepted already"),
    ]


def test_press_that_comes_too_late_changes_nothing(browser, friend, handover):
    link = make_link(browser, handover)
    friend.open(link)
    friend.send(f"{link}/claims", name="Grace", email=FRIEND)
    mailed = mailed_link(only_claim())
    friend.open(mailed)
    browser.send(f"{page_of(handover)}/withdrawal", number=1)

    answer = friend.send(f"{mailed}/acceptance", name="Grace")

    assert answer.status_code == 410
    assert "This link was withdrawn" in text_of(answer.text)
    assert handover.ticket.holder_no == 1


def test_name_is_asked_for_when_an_invited_friend_accepts(friend, handover):
    handover.offer()
    mailed = mailed_link(handover.invite())
    friend.open(mailed)

    answer = friend.send(f"{mailed}/acceptance", name=" ")

    assert answer.status_code == 422
    assert "Enter the name of the person who comes." in text_of(answer.text)
    assert friend.send(f"{mailed}/acceptance", name="Grace").status_code == 303


def test_nothing_typed_is_lost_when_enough_mails_were_sent(browser, friend, handover):
    link = make_link(browser, handover)
    transfer = find_open_transfer(ticket=handover.ticket)
    for number in range(transfer_mails.MOST_UNINVITED_FOR_TRANSFER):
        handover.claim(transfer, f"friend{number}@example.com")
    friend.open(link)

    answer = friend.send(f"{link}/claims", name="Grace Example", email=FRIEND)

    assert answer.status_code == 429
    assert "Look into the spam folder" in text_of(answer.text)
    assert 'value="Grace Example"' in answer.text
    assert f'value="{FRIEND}"' in answer.text


def test_nothing_typed_is_lost_when_the_form_was_sent_too_often(
    environ, app, handover, monkeypatch
):
    monkeypatch.setitem(RATES, "transfers.create_claim", Rate("1 per hour"))
    sealed = transfer_links.seal_transfer_link(signer(), handover.offer())
    limited = create_app(environ | {"RATELIMIT_ENABLED": "1"})
    with limited.app_context():
        limited.extensions["rate_limiter"].reset()
    friend = Browser(limited)
    friend.open(f"/transfers/{sealed}")
    assert friend.send(f"/transfers/{sealed}/claims", name="", email="").status_code == 422

    answer = friend.send(f"/transfers/{sealed}/claims", name="Grace Example", email=FRIEND)

    with limited.app_context():
        db.engine.dispose()
    assert answer.status_code == 429
    assert "Wait a minute" in text_of(answer.text)
    assert 'value="Grace Example"' in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_friends_behind_one_address_do_not_use_up_each_others_tries(friend, handover):
    sealed = transfer_links.seal_transfer_link(signer(), handover.offer())
    friend.open(f"/transfers/{sealed}")

    with friend.client.session_transaction() as session:
        assert session["buyer"]
