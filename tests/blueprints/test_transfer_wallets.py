"""A ticket that changes hands leaves one wallet and may be given on from another."""

from tests.blueprints.browser import text_of
from tests.blueprints.test_order_pages import let_in
from tests.blueprints.test_transfer_pages import FORM, accept, make_link, page_of
from tests.transfers import FRIEND
from webapp.domain import ticket_access
from webapp.extensions import signer


def test_wallet_of_the_giver_shows_no_code_any_more(browser, friend, handover):
    let_in(browser, handover.order)
    browser.send(f"/wallet/orders/{handover.order.number}")
    address = f"/wallet/tickets/{handover.ticket_id}"
    before = browser.open(address)
    assert f'href="{page_of(handover)}"' in before.text
    assert "qr-modules" in before.text

    accept(friend, make_link(browser, handover))

    after = browser.open(address)
    assert after.status_code == 200
    assert "Given away" in text_of(after.text)
    for secret in ("qr-modules", handover.ticket.code, "Grace", FRIEND):
        assert secret not in after.text.replace(" ", "")


def test_friend_gives_it_on_from_the_own_wallet(browser, friend, handover):
    accept(friend, make_link(browser, handover))
    sealed = ticket_access.seal_ticket_link(signer(), handover.ticket)
    assert f'href="/t/{sealed}/transfer"' in friend.open(f"/t/{sealed}").text
    friend.open(FORM)
    assert friend.send("/wallet/tickets", link=sealed).status_code == 303
    with friend.client.session_transaction() as session:
        session.pop("tickets")

    assert friend.open(page_of(handover)).status_code == 200
    handover.give_to("alan@example.com", "Alan Example")

    assert friend.open(page_of(handover)).status_code == 409
    assert "Given away" in text_of(friend.open(f"/wallet/tickets/{handover.ticket_id}").text)
