"""A checkout goes on on another device, while its tickets can be held, and nobody else's does."""

import re

import pytest

from jobs.runtime import perform
from tests.blueprints.browser import Browser, text_of
from tests.factories import make_event, make_tier
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import checkouts, outbox
from webapp.models import EmailMessage, Outbox, OutboxStatus

EMAIL = "guest@example.com"


@pytest.fixture
def tier(app):
    return make_tier(make_event(title="Fête in the yard"))


@pytest.fixture
def url(browser, tier):
    return browser.hold(tier.event, (tier, 2))


def link_on(page: str) -> str:
    return re.search(r'href="http://localhost:8000(/continue/[^"]+)"', page)[1]


def sent_numbers() -> list[tuple[int, str]]:
    db.session.expire_all()
    rows = db.session.query(EmailMessage).order_by(EmailMessage.id)
    return [(email.sequence, email.recipient) for email in rows]


def test_page_and_fragment_share_code_and_link(browser, url):
    page = browser.open(f"{url}/handover")
    fragment = browser.open(f"{url}/handover", swap=True)

    assert link_on(page.text) == link_on(fragment.text)
    assert "<svg" in fragment.text
    assert "<html" not in fragment.text
    assert "The link works until 12:05" in text_of(fragment.text).replace("\u202f", " ")


def test_link_opens_this_checkout_with_everything_typed(app, browser, url):
    browser.send(f"{url}/draft", email="guest@exa", name="Ada")
    other = Browser(app)

    opened = other.open(link_on(browser.open(f"{url}/handover").text))
    page = other.open(opened.location)

    assert (opened.status_code, opened.location) == (303, url)
    assert 'value="guest@exa"' in page.text


def test_link_carries_nothing_about_a_person(browser, url):
    browser.send(f"{url}/draft", email=EMAIL, name="Ada", phone="+1 303 555 0100")

    link = link_on(browser.open(f"{url}/handover").text)

    assert re.fullmatch(r"/continue/[0-9a-f]{20}\.[0-9a-f]{64}", link)


def test_altered_link_opens_nothing(app, browser, url):
    link = link_on(browser.open(f"{url}/handover").text)

    last = "0" if link[-1] != "0" else "1"

    assert Browser(app).open(link[:-1] + last).status_code == 404
    assert Browser(app).open(link.replace("/continue/", "/c/")).status_code == 404


def test_link_ends_with_the_time_that_tickets_can_be_held(app, browser, url, clock):
    link = link_on(browser.open(f"{url}/handover").text)

    clock.advance(minutes=64)
    in_time = Browser(app).open(link)
    clock.advance(minutes=1)
    late = Browser(app).open(link)

    assert (in_time.status_code, late.status_code) == (303, 410)
    assert "worked only while the tickets could be held" in text_of(late.text)


def test_mail_goes_to_the_typed_address_and_opens_the_checkout(app, browser, url, mailer):
    browser.send(f"{url}/draft", email=EMAIL)

    answer = browser.send(f"{url}/handover", swap=True, number=1, email="other@example.com")
    perform(work_of(outbox.SEND_EMAIL).id)

    assert "on its way to g\u2060…\u2060@example.com" in text_of(answer.text)
    (mail,) = mailer.sent.values()
    assert mail.to == EMAIL
    assert mail.subject == "Your checkout for Fête in the yard"
    path = re.search(r"http://localhost:8000(/continue/\S+)", mail.text)[1]
    assert path in mail.html
    assert Browser(app).open(path).location == url


def test_mail_whose_link_opens_nothing_any_more_is_not_sent(browser, url, mailer, clock):
    browser.send(f"{url}/draft", email=EMAIL)
    browser.send(f"{url}/handover", number=1)
    clock.advance(hours=2)

    perform(work_of(outbox.SEND_EMAIL).id)

    assert mailer.calls == 0
    assert work_of(outbox.SEND_EMAIL).status is OutboxStatus.DONE


def test_mail_speaks_the_language_of_the_checkout(app, browser, url, mailer):
    browser.send(f"{url}/draft", email=EMAIL)
    checkouts.get_checkout(reference=url.rsplit("/", 1)[1]).locale = "de"
    db.session.commit()

    browser.send(f"{url}/handover", number=1)
    perform(work_of(outbox.SEND_EMAIL).id)

    (mail,) = mailer.sent.values()
    assert 'lang="de"' in mail.html
    assert "Mittwoch" in mail.html


def test_one_request_makes_one_mail(browser, url):
    browser.send(f"{url}/draft", email=EMAIL)

    for _ in range(2):
        browser.send(f"{url}/handover", number=1)
    again = browser.open(f"{url}/handover").text
    browser.send(f"{url}/handover", number=2)

    assert 'name="number" value="2"' in again
    assert sent_numbers() == [(1, EMAIL), (2, EMAIL)]
    assert db.session.query(Outbox).filter_by(kind=outbox.SEND_EMAIL).count() == 2


def test_number_made_up_by_the_browser_sends_the_next_mail_only(browser, url):
    browser.send(f"{url}/draft", email=EMAIL)

    for number in ("99", "-5", "x"):
        browser.send(f"{url}/handover", number=number)

    assert sent_numbers() == [(1, EMAIL)]


def test_fourth_mail_is_refused(browser, url):
    browser.send(f"{url}/draft", email=EMAIL)

    answers = [browser.send(f"{url}/handover", number=number) for number in range(1, 5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert len(sent_numbers()) == 3


def test_one_address_gets_six_mails_an_hour_from_all_checkouts(browser, tier, clock):
    answers = []
    for _ in range(3):
        own = browser.hold(tier.event, (tier, 1))
        browser.send(f"{own}/draft", email=EMAIL)
        answers += [browser.send(f"{own}/handover", number=number) for number in (1, 2, 3)]
        browser.send(f"{own}/cancellation")

    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 3


def test_spellings_of_one_address_share_its_mails(browser, tier):
    answers = []
    for email in (EMAIL, EMAIL.upper(), EMAIL.title()):
        own = browser.hold(tier.event, (tier, 1))
        browser.send(f"{own}/draft", email=email)
        answers += [browser.send(f"{own}/handover", number=number) for number in (1, 2, 3)]
        browser.send(f"{own}/cancellation")

    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 3


@pytest.mark.parametrize("typed", ["", "guest@exa"])
def test_mail_without_an_address_asks_for_it(browser, url, typed):
    browser.send(f"{url}/draft", email=typed)

    answer = browser.send(f"{url}/handover", swap=True, number=1)

    assert answer.status_code == 422
    assert "Type your email into the checkout first" in text_of(answer.text)
    assert sent_numbers() == []


def test_paid_checkout_hands_nothing_over(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")
    browser.open(f"{url}/return")

    assert browser.open(f"{url}/handover").location == f"{url}/return"
