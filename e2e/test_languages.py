"""A buyer who reads another language: pages, switch, paper and mail follow."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.accessibility import find_faults


def expect_language(page: Page, code: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", code)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def spanish_buyer(new_buyer, request):
    return new_buyer(locale="es-MX", java_script_enabled=request.param)


def test_spanish_buyer_switches_to_german_at_the_checkout_and_gets_a_german_mail(
    spanish_buyer, box_office, programme
):
    buyer, page = spanish_buyer, spanish_buyer.page
    buyer.open_event(programme.put_on().slug)
    expect_language(page, "es")
    buyer.quantity("Entry").fill("2")
    buyer.button("Continuar").click()
    buyer.expect_heading("Compra")
    expect(page.get_by_text("Reservadas hasta")).to_be_visible()
    page.get_by_label("Nombre").fill("Grace")

    page.get_by_role("link", name="Deutsch").click()

    buyer.expect_heading("Kasse")
    expect_language(page, "de")
    assert "lang=" not in page.url
    page.get_by_label("E-Mail").fill("grace@example.com")
    buyer.button(re.compile("bezahlen$")).click()
    buyer.payment_page.wait().pay()
    buyer.expect_heading("Du bist dabei!")
    expect(page.get_by_role("img", name="QR-Code von Ticket")).to_have_count(2)
    mail = box_office.wait_for_mails(buyer.order_number)[0]
    assert mail["subject"].startswith("Deine Tickets für Courtyard evening")
    assert "Anybody who has this link" not in str(mail)


def test_browser_that_was_not_asked_gets_mail_in_its_own_language(new_buyer, box_office, programme):
    buyer = new_buyer(locale="es-ES")
    buyer.open_event(programme.put_on().slug)
    buyer.quantity("Entry").fill("1")
    buyer.button("Continuar").click()
    buyer.page.get_by_label("Correo electrónico").fill("ada@example.com")
    buyer.button(re.compile("^Pagar")).click()
    buyer.payment_page.wait().pay()
    buyer.expect_heading("¡Tienes tus entradas!")

    mail = box_office.wait_for_mails(buyer.order_number)[0]

    assert mail["subject"].startswith("Tus entradas para Courtyard evening")


@pytest.mark.parametrize(
    ("locale", "go_on", "pay"), [("es", "Continuar", "^Pagar"), ("de", "Weiter", "bezahlen$")]
)
def test_longer_words_keep_nobody_out(new_buyer, programme, locale, go_on, pay):
    """Wide German words and long Spanish sentences, on the narrowest phone, with large text."""
    buyer = new_buyer(locale=locale)
    buyer.go("/")
    faults = find_faults(buyer.page)
    buyer.open_event(programme.put_on().slug)
    buyer.button(go_on).click()
    expect(buyer.page.locator("#picker-faults")).to_be_visible()
    faults += find_faults(buyer.page)
    buyer.quantity("Entry").fill("1")
    buyer.button(go_on).click()
    expect(buyer.page.get_by_role("timer")).to_be_visible()
    faults += find_faults(buyer.page)
    buyer.page.locator("#email").fill("ada@example.com")
    buyer.button(re.compile(pay)).click()
    buyer.payment_page.wait().leave()
    expect(buyer.page.locator("h1")).to_be_visible()
    faults += find_faults(buyer.page)

    assert not faults, "\n".join(faults)


def test_choice_stays_when_the_language_of_the_event_changes(spanish_buyer, programme):
    buyer, page = spanish_buyer, spanish_buyer.page
    buyer.open_event(programme.put_on().slug)
    buyer.quantity("Entry").fill("2")

    buyer.button("Deutsch").click()

    expect_language(page, "de")
    expect(buyer.quantity("Entry")).to_have_value("2")
    buyer.button("Weiter").click()
    buyer.expect_heading("Kasse")
    # The judge is a script itself.
    assert not buyer.has_scripts or find_faults(page) == []
