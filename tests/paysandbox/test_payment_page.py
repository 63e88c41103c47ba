"""The hosted page as a browser without JavaScript sees it."""

import re
from html.parser import HTMLParser

import pytest


class PageFaults(HTMLParser):
    """Inline code, repeated ids and fields without a label."""

    def __init__(self):
        super().__init__()
        self.faults, self.ids, self.labelled, self.fields = [], set(), set(), set()
        self.headings = 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "script" or "style" in attributes or tag == "style":
            self.faults.append(f"inline {tag}")
        if any(name.startswith("on") for name in attributes):
            self.faults.append(f"inline handler on {tag}")
        if (found := attributes.get("id")) in self.ids:
            self.faults.append(f"id {found} twice")
        elif found:
            self.ids.add(found)
        if tag == "label" and "for" in attributes:
            self.labelled.add(attributes["for"])
        if tag == "input" and attributes.get("type") != "checkbox":
            self.fields.add(attributes["id"])
        self.headings += tag == "h1"


def check_page(page):
    parser = PageFaults()
    parser.feed(page.text)
    assert parser.faults == []
    assert parser.fields <= parser.labelled
    assert parser.headings == 1
    assert '<html lang="en">' in page.text
    assert "Sandbox: no real money" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")


@pytest.fixture
def session(open_session):
    return open_session(
        submit_type="book",
        custom_text={"submit": {"message": "Seats held until 20:15."}},
        customer_email="bo@example.com",
    )


def test_page_shows_the_order_and_every_way_to_pay(session, http):
    page = http.get(session.url)

    check_page(page)
    assert page.status_code == 200
    for text in (
        "2 \N{MULTIPLICATION SIGN} Day ticket",
        "Book 30.00 EUR",
        "Seats held until 20:15.",
        'value="4242 4242 4242 4242"',
        'value="4000000000009995"',
        "Bank debit (delayed)",
        'value="bo@example.com"',
        'href="http://127.0.0.1:5000/basket"',
    ):
        assert text in page.text


def test_policy_lets_the_form_lead_back_to_the_shop(session, http):
    policy = http.get(session.url).headers["Content-Security-Policy"]

    assert policy.endswith("form-action 'self' http://127.0.0.1:5000")


def test_card_form_pays_and_leads_to_the_success_page(session, http, control):
    answer = http.post(
        session.url,
        data={"number": "4242 4242 4242 4242", "email": "new@example.com"},
        allow_redirects=False,
    )

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:5000/done?session={session.id}"
    assert control.get("ledger")["captured"] == 3000


def test_decline_is_said_in_place_and_the_page_stays_usable(session, http, gateway):
    page = http.post(session.url, data={"instrument": "4000000000009995"})

    check_page(page)
    assert page.status_code == 402
    assert 'role="alert"' in page.text
    assert "Your card has insufficient funds." in page.text
    assert gateway.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert "insufficient funds" in http.get(session.url).text


def test_number_that_is_no_test_card_is_said_in_place(session, http):
    page = http.post(session.url, data={"number": "1234"})

    assert (page.status_code, "card number is incorrect" in page.text) == (402, True)


@pytest.mark.parametrize(
    ("result", "location"),
    [("complete", "http://127.0.0.1:5000/done?session={id}"), ("fail", "/c/pay/{id}")],
)
def test_bank_page_leads_on_or_back(session, http, result, location):
    asked = http.post(session.url, data={"instrument": "4000002760003184"}, allow_redirects=False)
    page = http.get(asked.headers["Location"])
    check_page(page)

    answer = http.post(page.url, data={"result": result}, allow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["Location"] == location.format(id=session.id)


def test_expired_and_finished_pages_say_so(session, open_session, http, gateway, control):
    finished = open_session()
    control.pay(finished.id)
    gateway.v1.checkout.sessions.expire(session.id)

    expired_page = http.get(f"{control.url}/c/pay/{session.id}")
    finished_page = http.get(f"{control.url}/c/pay/{finished.id}")

    for page in (expired_page, finished_page):
        check_page(page)
    assert (expired_page.status_code, "has expired" in expired_page.text) == (410, True)
    assert "already done" in finished_page.text
    pay_late = http.post(f"{control.url}/c/pay/{session.id}", data={"instrument": "pm_card_visa"})
    assert pay_late.status_code == 410
    assert control.get("ledger")["captured"] == 3000


def test_saved_card_is_offered_paid_with_and_removed(open_session, gateway, http, control):
    customer = gateway.v1.customers.create({"email": "mia@example.com"})
    options = {"payment_method_save": "enabled", "payment_method_remove": "enabled"}
    first, second, third = (
        open_session(customer=customer.id, saved_payment_method_options=options) for _ in range(3)
    )
    http.post(
        first.url, data={"number": "4242424242424242", "save_card": "1"}, allow_redirects=False
    )

    page = http.get(second.url)
    saved = re.search(r'name="instrument" value="(pm_\w+)"', page.text)[1]
    paid = http.post(second.url, data={"instrument": saved}, allow_redirects=False)
    http.post(third.url, data={"remove": saved})

    assert "Visa ending in 4242" in page.text
    assert paid.status_code == 303
    assert gateway.v1.customers.payment_methods.list(customer.id).data == []
    assert "Visa ending in 4242" not in http.get(third.url).text


def test_bank_debit_button_finishes_the_visit(session, http, gateway):
    answer = http.post(session.url, data={"instrument": "bank_debit"}, allow_redirects=False)

    assert answer.status_code == 303
    assert gateway.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_names_from_the_shop_are_escaped(open_session, http):
    line = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 500,
            "product_data": {"name": "<script>alert(1)</script>"}}}  # fmt: skip

    page = http.get(open_session(line_items=[line]).url)

    assert "<script>" not in page.text


def test_unknown_page_is_a_404(http, control):
    assert http.get(f"{control.url}/c/pay/cs_missing").status_code == 404
    assert http.get(f"{control.url}/static/sandbox.css").status_code == 200


def test_bank_page_of_a_session_that_ran_out_takes_no_money(session, http, gateway, control):
    asked = http.post(session.url, data={"instrument": "4000002760003184"}, allow_redirects=False)
    control.post("clock", advance_s=24 * 3600)

    page = http.post(asked.headers["Location"], data={"result": "complete"})

    assert "nothing to confirm" in page.text
    assert control.get("ledger")["captured"] == 0
    assert gateway.v1.checkout.sessions.retrieve(session.id).status == "expired"
