"""Phones with wallets: browsers that keep orders, and what they find in them."""

from typing import Any

from flask import Flask

from tests.blueprints.browser import Browser, let_in
from tests.factories import make_tier
from tests.issued import give_away, make_issued_order, make_order
from webapp.database import db
from webapp.domain import orders, ticket_access
from webapp.extensions import signer
from webapp.models import Event, Order, Ticket

TOKEN_COOKIE = "yardpass-wallet"
HERE_COOKIE = "yardpass-wallet-here"
# With a query, so that the browser's worker lets it through.
WALLET = "/wallet?now="
JSON = {"Accept": "application/json"}


def keep(browser: Browser, order: Order) -> None:
    """Open the order by its link and keep it on this phone."""
    let_in(browser, order)
    answer = browser.send(f"/wallet/orders/{order.number}")
    assert (answer.status_code, answer.location) == (303, WALLET)


def new_phone(app: Flask, order: Order | None = None) -> Browser:
    """Another phone, with the order kept on it if there is one."""
    phone = Browser(app)
    if order is not None:
        keep(phone, order)
    return phone


def contents(browser: Browser) -> dict[str, Any]:
    answer = browser.client.get("/wallet/contents")
    assert answer.status_code == 200, answer.text
    return answer.json


def kept_ids(browser: Browser) -> set[int]:
    return {entry["id"] for entry in contents(browser)["tickets"]}


def ticket_ids(order: Order) -> list[int]:
    return [ticket.id for ticket in orders.list_tickets(order_id=order.id)]


def change_ticket(ticket_id: int, **values: object) -> Ticket:
    """Change a ticket's row, as other parts of the box office do."""
    ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
    for name, value in values.items():
        setattr(ticket, name, value)
    db.session.commit()
    return ticket


def pass_on(ticket_id: int, *, email: str = "friend@example.com", name: str = "Bo") -> Ticket:
    """The same as :func:`give_away`, by the id."""
    ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
    give_away(ticket, email, name=name)
    return ticket


def cookies(browser: Browser) -> dict[str, str]:
    """What the browser would send, by name."""
    return {
        name: cookie.value
        for name in ("yardpass", TOKEN_COOKIE, HERE_COOKIE)
        if (cookie := browser.client.get_cookie(name)) is not None
    }


def drop_here(browser: Browser) -> None:
    """What the page's script does without a network."""
    browser.client.delete_cookie(HERE_COOKIE)


def buy(event: Event, *, quantity: int, clock) -> Order:
    return make_issued_order((make_tier(event), quantity), now=clock())


def change_event(order: Order, **values: object) -> None:
    event = db.session.get_one(Event, order.event_id, populate_existing=True)
    for name, value in values.items():
        setattr(event, name, value)
    db.session.commit()


def document_of(browser, ticket_id: int) -> str:
    answer = browser.open(f"/wallet/tickets/{ticket_id}")
    assert answer.headers["X-Wallet-Document"] == "ticket"
    return answer.text


def link_of(ticket_id: int) -> str:
    ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
    return f"/t/{ticket_access.seal_ticket_link(signer(), ticket)}"


def keep_by_link(browser: Browser, ticket_id: int, **fields: str):
    link = link_of(ticket_id)
    browser.open(link)
    return browser.send("/wallet/tickets", link=link.removeprefix("/t/"), **fields)


def order_of(clock, email: str) -> Order:
    order = make_order(clock)
    order.contact_email = email
    db.session.commit()
    return order


def status_of(browser: Browser, ticket_id: int) -> int:
    return browser.open(f"/wallet/tickets/{ticket_id}").status_code
