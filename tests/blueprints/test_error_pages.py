import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from blueprints import errors
from tests.blueprints.browser import HTMX, text_of
from tests.factories import make_event, make_tier
from tests.page_lint import find_faults


def test_unknown_address_is_a_page_with_a_way_on(browser):
    response = browser.open("/no/such/page")

    assert response.status_code == 404
    assert "Page not found" in browser.words()
    assert 'href="/"' in response.text


def test_same_failure_is_an_alert_for_htmx(browser):
    response = browser.open("/no/such/page", swap=True)

    assert response.status_code == 404
    assert "<html" not in response.text
    assert response.headers["HX-Retarget"] == "#alerts"
    assert response.headers["HX-Reswap"] == "innerHTML"


def test_wrong_method_says_so(browser):
    response = browser.client.delete("/")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_stale_form_says_what_to_do(browser):
    event = make_event()
    browser.open(f"/e/{event.slug}")
    browser.page = ""

    response = browser.choose(event, (make_tier(event), 1))

    assert response.status_code == 400
    assert "Go back, reload the page and send the form again." in browser.words()


def test_browser_that_keeps_no_cookies_is_told_what_to_do_about_them(browser):
    event = make_event()
    tier = make_tier(event)
    browser.open(f"/e/{event.slug}")
    browser.client.delete_cookie("yardpass")

    response = browser.choose(event, (tier, 1))

    assert response.status_code == 400
    assert "allow cookies for this site in your browser's settings" in browser.words()
    assert "This form is no longer valid" not in browser.words()


def test_page_and_fragment_vary_by_htmx(browser):
    assert "HX-Request" in browser.open("/").headers["Vary"]


def test_boosted_link_gets_the_page(browser):
    response = browser.client.get("/nope", headers={**HTMX, "HX-Boosted": "true"})

    assert "<html" in response.text


@pytest.mark.parametrize("swap", [False, True])
def test_outage_is_a_503_that_says_when_to_come_back(app: Flask, swap):
    with app.test_request_context("/", headers=HTMX if swap else {}):
        response = errors.show_outage(OperationalError("select", {}, Exception("gone")))

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "We will be right back" in text_of(response.get_data(as_text=True))


def test_outage_is_logged_by_the_databases_own_word_for_it(app: Flask, caplog):
    with app.test_request_context("/"):
        errors.show_outage(OperationalError("select", {}, ConnectionError("someone@example.com")))

    logged = [record.error for record in caplog.records if hasattr(record, "error")]
    assert logged == ["ConnectionError"]
    assert "someone@example.com" not in caplog.text


def test_bug_is_a_500_that_tells_nothing_about_itself(app: Flask):
    with app.test_request_context("/"):
        response = app.make_response(app.handle_exception(ValueError("secret detail")))

    assert response.status_code == 500
    words = text_of(response.get_data(as_text=True))
    assert "secret detail" not in words
    assert "Something went wrong on our side" in words


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "appears twice"),
        ('<img src="/a.png">', "no alt text"),
        ("<script>1</script>", "inline <script>"),
        ("<p style='color:red'></p>", "'style' would break"),
        ("<p onclick='x()'></p>", "'onclick' would break"),
        ('<input id="a" name="a">', "has no label"),
        ('<form method="post"></form>', "no CSRF token"),
        ('<script src="https://cdn.example/x.js"></script>', "another origin"),
        ("<html><title>t</title><h1>t</h1></html>", "does not name its language"),
        ('<html lang="en"><h1>t</h1></html>', "no title"),
        ('<html lang="en"><title>t</title></html>', "0 <h1>"),
        (
            '<html lang="en"><title>t</title><h1>t</h1><p class="fault"></p></html>',
            "title does not",
        ),
        ('<html lang="en"><title>Error: t</title><h1>t</h1></html>', "title does not"),
        ('<html lang="en"><title>t</title><h1>t</h1><a href="#x">x</a></html>', "'x' that is"),
    ],
)
def test_page_lint_names_every_fault_it_watches_for(html, fault):
    assert any(fault in found for found in find_faults(html))
