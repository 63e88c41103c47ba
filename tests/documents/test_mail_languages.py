"""Mails and tickets in the buyer's language, wherever and whenever they are made."""

import io
import re

import pypdf
import pytest
from babel.messages.extract import extract_from_dir

from deploy.translations import KEYWORDS, SOURCES, TRANSLATED
from jobs.runtime import perform
from tests.box_office import ROOT
from tests.purchases import work_of
from webapp.database import db
from webapp.documents.order_mail import compose_mail
from webapp.documents.order_sheets import order_pdf
from webapp.domain import emails, outbox
from webapp.models import EmailMessage, Order
from webapp.transaction import transaction

FACTS = {
    "es": ("miércoles, 31 de marzo de 2027", "66,15\xa0US$", "Cargos"),
    "de": ("Mittwoch, 31. März 2027", "66,15\xa0$", "Gebühren"),
}
SUBJECTS = {
    ("es", emails.ORDER_CONFIRMATION): "Tus entradas para",
    ("de", emails.ORDER_CONFIRMATION): "Deine Tickets für",
    ("es", emails.PAYMENT_FAILED): "Tu pago no se ha completado",
    ("de", emails.PAYMENT_FAILED): "Deine Zahlung hat nicht geklappt",
    ("es", emails.ORDER_REFUNDED): "Tu reembolso para",
    ("de", emails.ORDER_REFUNDED): "Deine Erstattung für",
}


def english_phrases() -> set[str]:
    """What mails say in English, between the places of names and amounts."""
    phrases: set[str] = set()
    folder = ROOT / "templates" / "mail"
    for _, _, message, _, _ in extract_from_dir(folder, SOURCES["templates"], keywords=KEYWORDS):
        for text in [message] if isinstance(message, str) else message:
            phrases.update(part.strip(" .:,") for part in re.split(r"%\(\w+\)s", text))
    return {phrase for phrase in phrases if len(phrase) > len("Order")}


@pytest.fixture(params=TRANSLATED)
def language(request) -> str:
    return request.param


@pytest.fixture
def order(paid_order, language) -> Order:
    """A paid order with its tickets, of a buyer who reads ``language``."""
    paid_order.locale = language
    db.session.commit()
    perform(work_of(outbox.ISSUE_TICKETS).id)
    db.session.expire_all()
    return db.session.get_one(Order, paid_order.id)


@pytest.mark.parametrize("kind", emails.KINDS)
def test_every_kind_of_mail_is_whole_in_the_buyers_language(order, language, clock, kind):
    with transaction():
        emails.queue_email(order_id=order.id, kind=kind, now=clock(), trace_id="0" * 32)
    email = db.session.query(EmailMessage).filter_by(kind=kind).one()

    mail = compose_mail(email)

    assert f'<html lang="{language}">' in mail.html
    assert mail.subject.startswith(SUBJECTS.get((language, kind), mail.subject))
    for text in (mail.subject, mail.text, mail.html):
        assert [phrase for phrase in english_phrases() if phrase in text] == []


def test_phrases_of_mails_are_known():
    """Else the test above would look for nothing."""
    assert len(english_phrases()) > 25
    assert "Open your tickets" in english_phrases()


def test_confirmation_writes_dates_and_money_as_its_reader_does(order, language, mailer):
    perform(work_of(outbox.SEND_EMAIL).id)

    (mail,) = mailer.sent.values()
    for body in (mail.text, mail.html):
        for fact in FACTS[language]:
            assert fact in body


def test_paper_tickets_speak_the_buyers_language(order, language):
    pages = pypdf.PdfReader(io.BytesIO(order_pdf(order))).pages
    text = " ".join(pages[0].extract_text().split())

    date, _, _ = FACTS[language]
    assert date in text
    assert {"es": "Muestra este código", "de": "Zeig diesen Code"}[language] in text
    assert "Show this code" not in text
