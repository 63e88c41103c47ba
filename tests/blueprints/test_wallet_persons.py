"""Two people's tickets on one phone: never mixed without a word, never left behind."""

from tests.blueprints.browser import let_in
from tests.blueprints.wallets import (
    JSON,
    contents,
    keep,
    keep_by_link,
    kept_ids,
    new_phone,
    order_of,
    ticket_ids,
)


def test_other_persons_order_is_not_added_silently(browser, clock):
    mine, other = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    let_in(browser, other)

    answer = browser.send(f"/wallet/orders/{other.number}")

    assert answer.status_code == 409
    assert "Whose phone is this?" in answer.text
    assert "ada@example.com" not in answer.text
    assert kept_ids(browser) == set(ticket_ids(mine))


def test_script_is_told_that_the_wallet_is_somebody_elses(browser, clock):
    mine, other = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    let_in(browser, other)
    token = browser.page.split('name="csrf_token" value="')[1].split('"')[0]

    answer = browser.client.post(
        f"/wallet/orders/{other.number}", headers=JSON | {"X-CSRFToken": token}
    )

    assert (answer.status_code, answer.json["code"]) == (409, "wallet_of_someone_else")
    assert kept_ids(browser) == set(ticket_ids(mine))


def test_same_person_is_known_however_the_address_is_written(browser, clock):
    first, second = order_of(clock, "Ada@Example.com"), order_of(clock, "ada@example.com")

    keep(browser, first)
    keep(browser, second)

    assert kept_ids(browser) == {*ticket_ids(first), *ticket_ids(second)}


def test_others_tickets_are_added_when_that_was_said(browser, clock):
    mine, other = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    name = contents(browser)["wallet"]
    let_in(browser, other)

    answer = browser.send(f"/wallet/orders/{other.number}", confirm="add")

    assert answer.status_code == 303
    assert kept_ids(browser) == {*ticket_ids(mine), *ticket_ids(other)}
    assert contents(browser)["wallet"] == name


def test_replacing_leaves_no_trace_of_the_other_person(app, browser, clock):
    mine, other = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    second_phone = new_phone(app, mine)
    name = contents(browser)["wallet"]
    let_in(browser, other)

    browser.send(f"/wallet/orders/{other.number}", confirm="replace")

    assert kept_ids(browser) == set(ticket_ids(other))
    # Another name: the phone's stores are others, too.
    assert contents(browser)["wallet"] != name
    assert browser.open(f"/orders/{mine.number}").status_code == 404
    assert browser.open(f"/orders/{other.number}").status_code == 200
    assert kept_ids(second_phone) == set(ticket_ids(mine))


def test_ticket_of_another_person_asks_the_same(browser, clock):
    mine, other = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    ticket_id = ticket_ids(other)[0]

    asked = keep_by_link(browser, ticket_id)
    kept_before = kept_ids(browser)
    added = keep_by_link(browser, ticket_id, confirm="add")

    assert (asked.status_code, added.status_code) == (409, 303)
    assert kept_before == set(ticket_ids(mine))
    assert kept_ids(browser) == {*ticket_ids(mine), ticket_id}


def test_unknown_answer_to_the_question_adds_nothing(browser, clock):
    mine, other = order_of(clock, "ada@example.com"), order_of(clock, "bo@example.com")
    keep(browser, mine)
    let_in(browser, other)

    answer = browser.send(f"/wallet/orders/{other.number}", confirm="yes")

    assert answer.status_code == 409
    assert kept_ids(browser) == set(ticket_ids(mine))
