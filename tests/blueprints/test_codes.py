"""Codes on pages and in the API: typed, linked, refused in place, never on a shared page."""

from tests.blueprints.browser import Browser, text_of
from tests.factories import make_checkout, make_code
from webapp.database import db
from webapp.domain import checkouts, codes
from webapp.models import Occurrence


def use(browser: Browser, event, text: str, **fields):
    browser.open(f"/e/{event.slug}")
    return browser.send(f"/e/{event.slug}/code", code=text, **fields)


def checkout_at(url: str):
    db.session.rollback()
    db.session.expire_all()
    return checkouts.get_checkout(reference=url.partition("?")[0].rsplit("/", 1)[1])


def test_code_shows_discounted_prices_and_keeps_what_was_chosen(browser, event, tier):
    make_code(event, text="EARLY-BIRD")

    response = use(browser, event, "early bird", **{f"quantity-{tier.id}": 2})

    assert response.status_code == 200
    words = browser.words()
    # The poster names the lowest price before.
    offered = words[words.index("Instead of") :]
    assert offered.index("$108.79") < offered.index("$98.13")
    assert "Code EARLY-BIRD: 10% off" in words
    assert 'value="2"' in browser.page


def test_date_of_a_hidden_tier_is_on_the_page_once_its_code_is(
    browser, event, tier, hidden, access
):
    secret = Occurrence(
        event_id=event.id, name="Rehearsal", starts_at=event.starts_at, ends_at=event.ends_at
    )
    hidden.occurrences.append(secret)
    db.session.commit()

    before = text_of(browser.open(f"/e/{event.slug}").text)
    after = text_of(use(browser, event, "CREW-2027").text)

    assert "Rehearsal" not in before
    assert after.count("Rehearsal") == 2  # beside its tier, and among the dates


def test_total_and_checkout_follow_the_code(browser, event, tier):
    make_code(event, text="EARLY")
    use(browser, event, "EARLY")

    total = browser.open(f"/e/{event.slug}/total?quantity-{tier.id}=1", swap=True)
    moved = browser.choose(event, (tier, 1))
    page = browser.open(moved.location)

    assert text_of(total.text) == "Total $98.13 $10.00 off, includes $8.13 fees"
    assert "Discount -$10.00" in text_of(page.text)
    assert checkout_at(moved.location).total_cents == 9813


def test_code_that_is_typed_and_not_sent_counts_when_one_goes_on(browser, event, tier):
    make_code(event, text="EARLY")
    browser.open(f"/e/{event.slug}")

    moved = browser.send(
        f"/e/{event.slug}/checkouts",
        form_key="k",
        code="early",
        **{f"quantity-{tier.id}": 1},
    )

    assert checkout_at(moved.location).discount_cents == 1000


def test_enter_in_the_field_of_a_code_uses_it_although_nothing_is_chosen(
    browser, event, tier, hidden, access
):
    browser.open(f"/e/{event.slug}")

    answer = browser.send(
        f"/e/{event.slug}/checkouts", code="crew-2027", **{f"quantity-{tier.id}": "0"}
    )

    words = browser.words()
    assert answer.status_code == 200
    assert hidden.name in words
    assert "Code CREW-2027" in words
    assert "Check your choice" not in words


def test_enter_with_a_wrong_code_and_nothing_chosen_speaks_of_the_code(browser, event, tier):
    browser.open(f"/e/{event.slug}")

    answer = browser.send(f"/e/{event.slug}/checkouts", code="nonsense")

    assert answer.status_code == 422
    assert 'id="code-fault"' in answer.text
    assert "Choose at least one ticket" not in browser.words()


def test_wrong_code_is_said_at_its_field_and_nothing_typed_is_lost(browser, event, tier):
    response = use(browser, event, "WRONG", **{f"quantity-{tier.id}": 3})

    assert response.status_code == 422
    assert codes.UNKNOWN in browser.words()
    assert 'value="WRONG"' in browser.page
    assert 'aria-describedby="code-fault"' in browser.page
    assert 'value="3"' in browser.page


def test_wrong_code_on_the_way_to_the_checkout_holds_nothing(browser, event, tier):
    browser.open(f"/e/{event.slug}")

    response = browser.send(
        f"/e/{event.slug}/checkouts", form_key="k", code="WRONG", **{f"quantity-{tier.id}": 1}
    )

    assert response.status_code == 422
    assert db.session.query(checkouts.Checkout).count() == 0


def test_hidden_tier_appears_with_its_code_and_goes_with_it(browser, event, tier, hidden, access):
    browser.open(f"/e/{event.slug}")
    assert "Backstage" not in browser.page
    use(browser, event, "crew2027")
    assert "opens Backstage" in browser.words()
    assert f'name="quantity-{hidden.id}"' in browser.page

    browser.send(f"/e/{event.slug}/code", code="")

    assert "Backstage" not in browser.page


def test_hidden_tier_cannot_be_had_by_its_number(browser, event, tier, hidden):
    browser.open(f"/e/{event.slug}")

    total = browser.open(f"/e/{event.slug}/total?quantity-{hidden.id}=1", swap=True)
    refused = browser.choose(event, (hidden, 1))

    assert "This ticket does not belong to the event." in text_of(total.text)
    assert refused.status_code == 422


def test_page_with_a_code_is_never_shared(app, browser, event, tier, hidden, access):
    link = f"/e/{event.slug}?code=CREW-2027"
    mine = browser.open(link)
    mine_again = browser.open(f"/e/{event.slug}")

    theirs = Browser(app).open(f"/e/{event.slug}")

    assert ("Backstage" in mine.text, "Backstage" in mine_again.text) == (True, True)
    assert "Backstage" not in theirs.text
    assert "private" in mine.headers["Cache-Control"]


def test_link_with_a_wrong_code_opens_the_page_and_says_so(browser, event, tier):
    response = browser.open(f"/e/{event.slug}?code=wrong")

    assert response.status_code == 200
    assert codes.UNKNOWN in browser.words()
    assert 'value="wrong"' in browser.page


def test_code_that_ended_meanwhile_is_said_once_and_forgotten(browser, event, tier, clock):
    code = make_code(event, text="EARLY", max_uses=1)
    use(browser, event, "EARLY")
    make_checkout((tier, 1), code=code)

    refused = browser.choose(event, (tier, 1))
    assert refused.status_code == 422
    assert codes.USED_UP in browser.words()
    clock.advance(seconds=2)
    browser.open(f"/e/{event.slug}")

    assert codes.USED_UP not in browser.words()
    assert browser.choose(event, (tier, 1)).status_code == 303


def test_own_hold_of_the_last_use_is_not_taken_for_somebody_elses(browser, event, tier):
    make_code(event, text="EARLY", max_uses=1)
    use(browser, event, "EARLY")
    url = browser.choose(event, (tier, 1)).location

    browser.open(f"/e/{event.slug}")
    changed = browser.choose(event, (tier, 2))

    assert changed.location == url
    assert checkout_at(url).discount_cents == 2000


def test_code_is_taken_and_removed_in_the_checkout(browser, event, tier):
    make_code(event, text="EARLY")
    url = browser.hold(event, (tier, 1))

    used = browser.send(f"{url}/code", swap=True, code="early")
    fragment = browser.open(used.location, swap=True)
    assert "Code EARLY: 10% off" in text_of(fragment.text)
    assert "Pay" in text_of(fragment.text)
    assert "data-autofocus" in fragment.text
    assert checkout_at(url).total_cents == 9813
    browser.open(f"/e/{event.slug}")
    assert "Code EARLY" in browser.words()
    browser.open(url)
    browser.send(f"{url}/code", code="")

    assert checkout_at(url).total_cents == 10_879


def test_wrong_code_in_the_checkout_keeps_the_price(browser, event, tier):
    url = browser.hold(event, (tier, 1))

    refused = browser.send(f"{url}/code", swap=True, code="nope")

    assert refused.status_code == 422
    assert codes.UNKNOWN in text_of(refused.text)
    assert 'value="nope"' in refused.text
    assert checkout_at(url).total_cents == 10_879


def test_reload_of_a_refused_code_leads_back_to_the_checkout(browser, event, tier):
    url = browser.hold(event, (tier, 1))
    browser.send(f"{url}/code", code="nope")

    reloaded = browser.open(f"{url}/code")

    assert (reloaded.status_code, reloaded.location) == (303, url)


def test_changing_the_code_closes_an_open_payment_page_first(browser, event, tier, gateway):
    make_code(event, text="EARLY")
    url = browser.hold(event, (tier, 1))
    browser.send(f"{url}/payment", email="guest@example.com")
    browser.open(url)

    browser.send(f"{url}/code", code="wrong")
    assert gateway.sessions["cs_test_1"].status == "open"
    browser.open(url)
    browser.send(f"{url}/code", code="early")

    assert gateway.sessions["cs_test_1"].status == "expired"
    assert checkout_at(url).total_cents == 9813


def test_lapsed_checkout_whose_code_ended_goes_on_without_it(browser, event, tier, clock):
    code = make_code(event, text="EARLY", max_uses=1)
    use(browser, event, "EARLY")
    url = browser.choose(event, (tier, 1)).location
    clock.advance(hours=2)
    make_checkout((tier, 1), code=code, now=clock())
    browser.open(url)

    refused = browser.send(f"{url}/renewal", email="ada@example.com")
    assert (refused.status_code, codes.USED_UP in browser.words()) == (422, True)
    moved = browser.send(f"{url}/code", code="")
    browser.open(moved.location)

    assert (moved.status_code, checkout_at(moved.location).total_cents) == (303, 10_879)
    assert "Pay" in browser.words()


def test_receipt_and_order_page_name_the_discount(browser, event, tier):
    make_code(event, text="ALL", percent_basis_points=10_000)
    use(browser, event, "ALL")
    url = browser.choose(event, (tier, 1)).location
    browser.open(url)
    assert "Get tickets" in browser.words()
    paid = browser.send(f"{url}/payment", email="ada@example.com")
    moved = browser.open(paid.location)
    assert moved.status_code == 200

    order = db.session.query(checkouts.Order).one()
    browser.open(f"/orders/{order.number}")

    assert "Discount -$100.00" in browser.words()
    assert (order.total_cents, order.fees_cents) == (0, 0)
