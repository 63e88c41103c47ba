"""What one buyer has is unknown to everybody else."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect


def shown_at(buyer, path: str) -> tuple[int, str]:
    """The status and the words of a page, without its address."""
    answer = buyer.page.goto(f"{buyer.site_url}{path}")
    return answer.status, buyer.page.locator("body").inner_text()


@pytest.fixture
def stranger(new_buyer):
    return new_buyer()


def test_foreign_order_looks_like_an_unknown_one(buyer, stranger, programme):
    buyer.hold(programme.put_on().slug)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    number = buyer.order_number

    unknown = shown_at(stranger, "/orders/ALB-20200101-0001")

    assert unknown[0] == 404
    assert shown_at(stranger, f"/orders/{number}") == unknown
    assert shown_at(stranger, f"/orders/{number}/tickets.pdf") == unknown


# Who comes back from paying in another browser is told where the tickets go, whoever it is.
@pytest.mark.parametrize(("path", "status"), [("", 404), ("/return", 200), ("/cancelled", 200)])
def test_foreign_checkout_looks_like_an_unknown_one(buyer, stranger, programme, path, status):
    reference = buyer.hold(programme.put_on().slug)

    unknown = shown_at(stranger, f"/checkout/{'0' * 20}{path}")

    assert unknown[0] == status
    assert shown_at(stranger, f"/checkout/{reference}{path}") == unknown


def test_altered_order_link_opens_nothing(buyer, stranger, programme, box_office):
    buyer.hold(programme.put_on().slug)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    mail = box_office.wait_for_mails(buyer.order_number)[0]
    buyer.page.goto(f"{box_office.sandbox_url}/mail/{mail['id']}")
    link = buyer.page.get_by_role("link", name="/o/").first.get_attribute("href")
    path = urlsplit(link).path
    unknown = shown_at(stranger, "/no-such-page")
    last = "A" if path[-1] != "A" else "B"

    for altered in (path[:-1] + last, path[:-4], path + "A", "/o/x"):
        assert shown_at(stranger, altered) == unknown


def test_answer_that_changes_nothing_sets_no_cookie(buyer, programme):
    """Else a late one puts back an older cookie, and the browser forgets its checkout."""
    show = programme.put_on()
    buyer.open_event(show.slug)

    with buyer.page.expect_response("**/total?*") as total:
        buyer.choose("Entry")
    buyer.go_on()
    with buyer.page.expect_response("**/checkout/*") as checkout:
        buyer.page.reload()

    expect(buyer.page.get_by_role("timer")).to_be_visible()
    assert total.value.header_value("set-cookie") is None
    assert checkout.value.header_value("set-cookie") is None
