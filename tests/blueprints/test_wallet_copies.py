"""A phone's copy: its two cookies, how it ends, and that two people's never mix."""

import pytest
from sqlalchemy import func, select

from tests.blueprints.browser import Browser, let_in
from tests.blueprints.sites import PRODUCTION
from tests.blueprints.wallets import (
    HERE_COOKIE,
    TOKEN_COOKIE,
    contents,
    cookies,
    drop_here,
    keep,
    kept_ids,
    new_phone,
    ticket_ids,
)
from tests.factories import make_event, make_tier
from tests.issued import make_order
from tests.page_lint import LintingClient
from webapp import create_app
from webapp.database import db
from webapp.domain import wallets
from webapp.domain.wallets import COPY_LIFETIME
from webapp.flows.reconciliation import reconcile
from webapp.models import Order, Wallet, WalletCopy


def count_copies() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(WalletCopy)) or 0


def test_credential_is_two_cookies_and_scripts_can_read_one(browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    headers = browser.send(f"/wallet/orders/{order.number}").headers.getlist("Set-Cookie")
    sent = {header.partition("=")[0]: header for header in headers}

    assert "HttpOnly" in sent[TOKEN_COOKIE]
    assert "HttpOnly" not in sent[HERE_COOKIE]
    for name in (TOKEN_COOKIE, HERE_COOKIE):
        assert "SameSite=Lax" in sent[name]
        assert "Path=/" in sent[name]
        assert "Domain" not in sent[name]


def test_on_the_internet_the_hidden_half_is_for_this_host_alone(environ, app, clock):
    order = make_order(clock)
    site = create_app(PRODUCTION | {"DATABASE_URL": environ["DATABASE_URL"]})
    site.extensions["ports"] = app.extensions["ports"]
    site.config["WTF_CSRF_ENABLED"] = False
    with site.app_context():
        sealed = wallets_link(order)
        client = LintingClient(site, site.response_class, use_cookies=True)
        base = "https://tickets.example.org"
        client.get(f"/o/{sealed}", base_url=base)
        answer = client.post(f"/wallet/orders/{order.number}", base_url=base)
        db.engine.dispose()
    sent = {each.partition("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}

    assert answer.status_code == 303
    assert {"__Host-yardpass-wallet", "yardpass-wallet-here"} <= set(sent)
    assert all("Secure" in header for header in sent.values())


def wallets_link(order: Order) -> str:
    from webapp.domain import access  # noqa: PLC0415
    from webapp.extensions import signer  # noqa: PLC0415

    return access.seal_order_link(signer(), order)


def test_neither_token_is_stored(browser, clock):
    keep(browser, make_order(clock))
    copy = db.session.scalars(select(WalletCopy)).one()

    stored = {str(getattr(copy, column.name)) for column in WalletCopy.__table__.columns}

    assert not stored & set(cookies(browser).values())


def test_removed_while_offline_ends_with_the_next_request(app, browser, clock):
    order = make_order(clock)
    keep(browser, order)
    other = new_phone(app, order)
    drop_here(browser)

    # Not even of the wallet: whatever the next person opens.
    browser.open("/")

    assert set(cookies(browser)) <= {"yardpass"}
    assert count_copies() == 1
    assert kept_ids(other) == set(ticket_ids(order))


@pytest.mark.parametrize("first", ["/", "/orders/{number}", "/wallet", "/wallet/contents"])
def test_after_an_offline_removal_the_next_person_finds_nothing(browser, clock, first):
    order = make_order(clock)
    keep(browser, order)
    drop_here(browser)

    answer = browser.open(first.format(number=order.number))

    assert answer.status_code in {200, 401, 404}
    assert order.number not in answer.text
    assert browser.open(f"/orders/{order.number}").status_code == 404
    assert browser.open(f"/orders/{order.number}/tickets.pdf").status_code == 404
    assert browser.open(f"/wallet/tickets/{ticket_ids(order)[0]}").status_code == 404


def test_after_an_offline_removal_the_checkout_is_closed_to_the_next_person(browser, clock):
    event = make_event()
    checkout = browser.hold(event, (make_tier(event), 1))
    keep(browser, make_order(clock))
    drop_here(browser)

    assert browser.open(checkout).status_code == 404


def test_half_that_scripts_can_write_ends_only_what_it_belongs_to(app, browser, clock):
    order = make_order(clock)
    let_in(browser, order)
    browser.client.set_cookie(HERE_COOKIE, "planted by a neighbour")

    assert browser.open(f"/orders/{order.number}").status_code == 200
    assert set(cookies(browser)) == {"yardpass"}


def test_lost_hidden_half_ends_the_copy(browser, clock):
    keep(browser, make_order(clock))
    browser.client.delete_cookie(TOKEN_COOKIE)

    browser.open("/wallet")

    assert count_copies() == 0
    assert set(cookies(browser)) <= {"yardpass"}


def test_removal_takes_this_copy_and_leaves_the_others(app, browser, clock):
    order = make_order(clock)
    keep(browser, order)
    other = new_phone(app, order)
    browser.open("/wallet/removal")

    answer = browser.send("/wallet/removal")

    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Removed" in answer.text
    assert set(cookies(browser)) <= {"yardpass"}
    assert browser.client.get("/wallet/contents").status_code == 401
    assert browser.open(f"/orders/{order.number}").status_code == 404
    assert kept_ids(other) == set(ticket_ids(order))


def test_removal_may_be_repeated(browser, clock):
    keep(browser, make_order(clock))
    browser.open("/wallet/removal")
    page = browser.page

    browser.send("/wallet/removal")
    browser.page = page

    assert browser.send("/wallet/removal").status_code == 200


def test_stolen_cookies_are_worth_nothing_after_removal(app, browser, clock):
    keep(browser, make_order(clock))
    stolen = cookies(browser)
    browser.open("/wallet/removal")
    browser.send("/wallet/removal")
    thief = Browser(app)
    for name in (TOKEN_COOKIE, HERE_COOKIE):
        thief.client.set_cookie(name, stolen[name])

    assert thief.client.get("/wallet/contents").status_code == 401
    assert "No longer connected" in thief.open("/wallet").text


def test_opening_once_a_day_lets_the_cookies_live_on(browser, clock):
    keep(browser, make_order(clock))
    soon = browser.client.get("/wallet/contents").headers.getlist("Set-Cookie")
    clock.advance(days=2)
    later = browser.client.get("/wallet/contents").headers.getlist("Set-Cookie")

    copy = db.session.scalars(select(WalletCopy).execution_options(populate_existing=True)).one()

    assert soon == []
    assert {each.partition("=")[0] for each in later} == {TOKEN_COOKIE, HERE_COOKIE}
    assert copy.seen_at == clock()
    assert contents(browser)["tickets"]


def test_copies_that_nobody_opened_for_long_are_forgotten(app, browser, clock, ports):
    order = make_order(clock)
    keep(browser, order)
    clock.advance(days=COPY_LIFETIME.days - 1)
    used = new_phone(app)
    with used.client.session_transaction() as session:
        session["orders"] = [f"{order.number}/1"]
    used.open("/wallet/removal")
    used.send(f"/wallet/orders/{order.number}")
    clock.advance(days=2)

    reconcile(ports=ports)

    assert count_copies() == 1
    assert used.client.get("/wallet/contents").status_code == 200
    assert "No longer connected" in browser.open("/wallet").text


def test_wallet_goes_with_its_last_copy(browser, clock, ports):
    keep(browser, make_order(clock))
    browser.open("/wallet/removal")
    browser.send("/wallet/removal")

    reconcile(ports=ports)

    assert db.session.scalars(select(Wallet)).all() == []


def test_unknown_wallets_are_left_to_whoever_has_a_copy(app, browser, clock, ports):
    keep(browser, make_order(clock))

    wallets.delete_old_rows(now=clock())

    assert count_copies() == 1
