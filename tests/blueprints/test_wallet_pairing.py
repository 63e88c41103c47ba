"""A pairing code: eight characters that bring the tickets to another phone, once."""

import logging
import re

import pytest
from limits import parse
from sqlalchemy import select

from blueprints import wallet_pairing
from blueprints.rate_limits import RATES
from tests.blueprints.browser import Browser, let_in
from tests.blueprints.phones_of_wallet import make_code, redeem
from tests.blueprints.sites import limited_app
from tests.blueprints.wallets import (
    WALLET,
    contents,
    keep,
    keep_by_link,
    kept_ids,
    new_phone,
    order_of,
    pass_on,
    ticket_ids,
)
from tests.issued import make_order
from webapp.database import db
from webapp.domain.wallets import delete_old_rows
from webapp.models import PairingCode
from webapp.transaction import transaction


def test_code_brings_the_tickets_to_another_phone(app, browser, clock):
    order = make_order(clock)
    keep(browser, order)
    code = make_code(browser)
    other = new_phone(app)

    answer = redeem(other, code)

    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4}", code)
    assert (answer.status_code, answer.location) == (303, WALLET)
    assert contents(other)["wallet"] == contents(browser)["wallet"]
    assert kept_ids(other) == set(ticket_ids(order))
    # A copy, and not what opens the order's page.
    assert other.open(f"/orders/{order.number}").status_code == 404


def test_wallet_without_tickets_takes_a_code_at_once(app, browser, clock):
    """The app on a home screen starts empty, and links in mails open elsewhere."""
    order = make_order(clock)
    keep(browser, order)
    code = make_code(browser)
    other = new_phone(app)
    page = other.open("/wallet")

    answer = other.send("/wallet/pairing", code=code)

    assert "X-Wallet-Document" not in page.headers
    assert 'action="/wallet/pairing"' in page.text
    assert (answer.status_code, kept_ids(other)) == (303, set(ticket_ids(order)))


def test_codes_are_said_to_bring_later_tickets_too(browser, clock):
    keep(browser, make_order(clock))

    browser.open("/wallet/pairing")
    pages = [browser.page, browser.send("/wallet/pairing-codes").text]

    assert all("Tickets that you get later show there, too." in page for page in pages)


def test_code_works_as_people_type_it(app, browser, clock):
    keep(browser, make_order(clock))
    code = make_code(browser)
    typed = code.lower().replace(" ", "-").replace("0", "o").replace("1", "l")

    assert redeem(new_phone(app), f" {typed} ").status_code == 303


def test_code_works_once(app, browser, clock):
    keep(browser, make_order(clock))
    code = make_code(browser)
    redeem(new_phone(app), code)
    late = new_phone(app)

    answer = redeem(late, code)

    assert answer.status_code == 422
    assert "This code does not work." in answer.text
    assert late.client.get("/wallet/contents").status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(599, 303), (600, 422)])
def test_code_ends_after_ten_minutes(app, browser, clock, seconds, status):
    keep(browser, make_order(clock))
    code = make_code(browser)
    clock.advance(seconds=seconds)

    assert redeem(new_phone(app), code).status_code == status


def test_new_code_ends_the_one_before(app, browser, clock):
    keep(browser, make_order(clock))
    first, second = make_code(browser), make_code(browser)

    assert redeem(new_phone(app), first).status_code == 422
    assert redeem(new_phone(app), second).status_code == 303


def test_only_who_has_tickets_makes_codes(app, browser, clock):
    browser.open("/wallet/pairing")

    answer = browser.send("/wallet/pairing-codes")

    assert answer.status_code == 401
    assert db.session.scalars(select(PairingCode)).all() == []


def test_code_is_stored_as_a_keyed_digest(browser, clock):
    keep(browser, make_order(clock))
    code = make_code(browser).replace(" ", "")

    row = db.session.scalars(select(PairingCode)).one()

    assert code not in row.code_hash
    assert re.fullmatch("[0-9a-f]{64}", row.code_hash)


def test_code_is_in_no_address_and_in_no_log(app, browser, clock, caplog):
    keep(browser, make_order(clock))
    with caplog.at_level(logging.DEBUG):
        code = make_code(browser)
        answer = redeem(new_phone(app), code)
    written = " ".join(str(vars(record)) for record in caplog.records)

    assert caplog.records
    assert code.split()[0] not in answer.location
    assert code not in written
    assert code.replace(" ", "") not in written


def test_wrong_code_keeps_what_was_typed(browser):
    answer = redeem(browser, "ABCD 1234")

    assert answer.status_code == 422
    assert 'value="ABCD 1234"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_wrong_codes_run_out(environ, app, browser, clock, monkeypatch):
    keep(browser, make_order(clock))
    code = make_code(browser)
    monkeypatch.setattr(wallet_pairing.GUESSES, "per_buyer", parse("2 per 10 minutes"))
    limited = limited_app(environ)
    limited.extensions["ports"] = app.extensions["ports"]
    with limited.app_context():
        limited.extensions["rate_limiter"].reset()
        guesser = Browser(limited)
        statuses = [redeem(guesser, f"WRNG {number}").status_code for number in range(3)]
        right = redeem(guesser, code).status_code
        db.engine.dispose()

    assert statuses == [422, 422, 429]
    # A guess learns nothing then, not even that it was right.
    assert right == 429
    assert redeem(new_phone(app), code).status_code == 303


def test_trying_codes_has_a_rate_of_its_own():
    assert {"wallet.redeem_pairing_code", "wallet.create_pairing_code"} <= set(RATES)


def test_tickets_of_this_phone_never_go_to_whoever_made_the_code(app, browser, clock):
    """Anybody can buy with another's address and talk that person into entering a code."""
    bait, mine = order_of(clock, "ada@example.com"), order_of(clock, "ada@example.com")
    keep(browser, bait)
    victim = new_phone(app, mine)
    code = make_code(browser)

    asked = redeem(victim, code)
    redeem(victim, code, confirm="add")
    before = kept_ids(victim)
    redeem(victim, code, confirm="replace")

    assert asked.status_code == 409
    assert before == set(ticket_ids(mine))
    assert kept_ids(browser) == set(ticket_ids(bait))


def test_phone_that_has_the_same_tickets_is_joined_at_once(app, browser, clock):
    order = order_of(clock, "ada@example.com")
    keep(browser, order)
    other = new_phone(app, order)
    name = contents(browser)["wallet"]

    answer = redeem(other, make_code(browser))

    assert (answer.status_code, contents(other)["wallet"]) == (303, name)


def test_another_persons_phone_is_asked_first(app, browser, clock):
    mine, others = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    other = new_phone(app, others)
    code = make_code(browser)

    asked = redeem(other, code)
    kept_before = kept_ids(other)
    answer = redeem(other, code, confirm="replace")

    assert asked.status_code == 409
    assert 'value="add"' not in asked.text
    assert kept_before == set(ticket_ids(others))
    assert answer.status_code == 303
    assert kept_ids(other) == set(ticket_ids(mine))
    assert kept_ids(browser) == set(ticket_ids(mine))
    assert other.open(f"/orders/{others.number}").status_code == 404


def test_own_code_changes_nothing(browser, clock):
    order = make_order(clock)
    keep(browser, order)

    answer = redeem(browser, make_code(browser))

    assert answer.status_code == 303
    assert kept_ids(browser) == set(ticket_ids(order))


def test_former_holders_wallet_does_not_stand_for_the_present_ones(app, clock):
    """Both name the same ticket, and only one of them opens it."""
    ticket = ticket_ids(make_order(clock))[0]
    pass_on(ticket, email="bo@example.com")
    former = new_phone(app)
    keep_by_link(former, ticket)
    pass_on(ticket, email="cy@example.com")
    present = new_phone(app)
    keep_by_link(present, ticket)

    answer = redeem(present, make_code(former))

    assert answer.status_code == 409
    assert contents(present)["tickets"][0]["status"] == "valid"


def test_reload_of_the_page_with_the_code_makes_no_other(browser, clock):
    keep(browser, make_order(clock))
    make_code(browser)

    assert browser.open("/wallet/pairing-codes").location == "/wallet/pairing"


def test_codes_that_ended_are_deleted(browser, clock):
    keep(browser, make_order(clock))
    make_code(browser)
    clock.advance(minutes=10)

    with transaction():
        deleted = delete_old_rows(now=clock())

    assert deleted == 1
    assert db.session.scalars(select(PairingCode)).all() == []


def test_code_outlives_the_copy_that_made_it(app, browser, clock):
    """Made in the browser, removed there, entered in the app on the Home Screen."""
    order = make_order(clock)
    keep(browser, order)
    code = make_code(browser)
    browser.open("/wallet/removal")
    browser.send("/wallet/removal")
    with transaction():
        delete_old_rows(now=clock())
    app_on_home_screen = new_phone(app)

    redeem(app_on_home_screen, code)

    assert kept_ids(app_on_home_screen) == set(ticket_ids(order))
    assert let_in(browser, order)


def test_empty_wallet_of_two_phones_takes_nobodys_tickets_unasked(app, clock):
    """Who emptied a wallet and talked somebody into its code must not get their tickets."""
    bait = ticket_ids(make_order(clock))[0]
    pass_on(bait, email="thief@example.com")
    thief = new_phone(app)
    keep_by_link(thief, bait)
    pass_on(bait, email="accomplice@example.com")
    phone = new_phone(app)
    redeem(phone, make_code(thief))
    own = order_of(clock, "ada@example.com")
    let_in(phone, own)

    answer = phone.send(f"/wallet/orders/{own.number}")

    assert answer.status_code == 409
    assert not kept_ids(thief) & set(ticket_ids(own))
