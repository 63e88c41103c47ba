from tests.blueprints.browser import Browser, text_of
from tests.blueprints.statements import count_queries
from tests.factories import make_checkout, make_donation, make_event, make_pool, make_tier
from webapp.database import db
from webapp.models import EventStatus


def test_list_shows_what_is_on_with_the_price_that_is_paid(browser):
    event = make_event(title="Harbour concert")
    make_tier(event, price_cents=3000)
    make_event(title="Secret rehearsal", status=EventStatus.DRAFT)

    browser.open("/")

    assert "Harbour concert" in browser.words()
    assert "From $34.17, fees included" in browser.words()
    assert "Secret rehearsal" not in browser.page


def test_empty_list_says_so(browser):
    browser.open("/")

    assert "Nothing is on sale right now" in browser.words()


def test_event_page_names_the_all_in_price_before_the_breakdown(browser):
    event = make_event()
    make_tier(event, name="Floor", price_cents=3000, badge_label="Popular")

    browser.open(f"/e/{event.slug}")

    words = browser.words()
    assert words.index("$34.17") < words.index("$30.00") < words.index("$4.17")
    assert "Popular" in words


def test_event_page_tells_the_time_where_the_event_is(browser):
    event = make_event(time_zone="America/Denver")

    browser.open(f"/e/{event.slug}")

    assert "Wednesday, March 31, 2027" in browser.words()
    assert "MDT" in browser.words()


def test_sold_out_tier_cannot_be_chosen(browser):
    event = make_event()
    tier = make_tier(event, capacity=1)
    make_checkout((tier, 1))

    browser.open(f"/e/{event.slug}")

    assert "Sold out" in browser.words()
    assert f'name="quantity-{tier.id}"' not in browser.page


def test_unknown_event_and_draft_look_the_same(browser):
    draft = make_event(status=EventStatus.DRAFT)

    unknown = browser.open("/e/no-such-event")
    hidden = browser.open(f"/e/{draft.slug}")

    assert (unknown.status_code, hidden.status_code) == (404, 404)
    assert unknown.text == hidden.text


def test_cached_page_gives_every_visitor_a_token_and_key_of_its_own(app, browser):
    event = make_event()
    make_tier(event)
    other = Browser(app)

    first = browser.open(f"/e/{event.slug}")
    second = other.open(f"/e/{event.slug}")

    assert "<!--visitor-->" not in first.text
    assert 'name="csrf_token"' in first.text
    assert first.text != second.text
    assert text_of(first.text) == text_of(second.text)


def test_event_page_is_at_most_a_second_old(browser, clock):
    event = make_event()
    tier = make_tier(event, capacity=1)
    browser.open(f"/e/{event.slug}")
    make_checkout((tier, 1))

    stale = browser.open(f"/e/{event.slug}")
    clock.advance(seconds=1)
    fresh = browser.open(f"/e/{event.slug}")

    assert "Sold out" not in stale.text
    assert "Sold out" in fresh.text


def test_event_page_asks_the_database_equally_often_for_any_number_of_tiers(browser, clock):
    event = make_event()
    url = f"/e/{event.slug}"
    make_tier(event)
    db.session.expunge_all()
    few = count_queries(lambda: browser.open(url))
    event = db.session.merge(event)
    shared = make_pool(event)
    for _ in range(4):
        make_tier(event, pools=[shared])
    clock.advance(seconds=2)
    db.session.expunge_all()

    many = count_queries(lambda: browser.open(url))

    assert many == few


def test_total_is_computed_by_the_server(browser):
    event = make_event()
    tier = make_tier(event, price_cents=3000)

    response = browser.open(f"/e/{event.slug}/total?quantity-{tier.id}=3", swap=True)

    assert "<html" not in response.text
    assert text_of(response.text) == "Total $98.13 includes $8.13 fees"


def test_total_of_nothing_and_of_nonsense_is_a_sentence(browser):
    event = make_event()
    tier = make_tier(event)

    nothing = browser.open(f"/e/{event.slug}/total", swap=True)
    nonsense = browser.open(f"/e/{event.slug}/total?quantity-{tier.id}=2x", swap=True)

    assert text_of(nothing.text) == "Choose your tickets"
    assert text_of(nonsense.text) == "Enter a number, such as 1 or 2."


def test_refused_number_and_amount_name_their_limits(browser):
    event = make_event()
    tier = make_tier(event, max_per_order=4)
    gift = make_donation(event, min_cents=100, max_cents=50_000)

    many = browser.open(f"/e/{event.slug}/total?quantity-{tier.id}=5", swap=True)
    much = browser.open(f"/e/{event.slug}/total?amount-{gift.id}=501", swap=True)

    assert text_of(many.text) == "Choose a number from 1 to 4."
    assert text_of(much.text) == "Enter an amount from $1.00 to $500.00."


def test_total_carries_no_fee_on_a_donation(browser):
    event = make_event()
    donation = make_donation(event)

    response = browser.open(f"/e/{event.slug}/total?amount-{donation.id}=12.50", swap=True)

    assert text_of(response.text) == "Total $12.50 no fees"


def test_total_without_htmx_leads_to_the_event(browser):
    event = make_event()

    response = browser.open(f"/e/{event.slug}/total")

    assert (response.status_code, response.location) == (303, f"/e/{event.slug}")


def test_page_and_fragment_share_one_total(browser):
    event = make_event()
    make_tier(event)

    fragment = browser.open(f"/e/{event.slug}/total", swap=True)
    page = browser.open(f"/e/{event.slug}")

    assert fragment.text.strip() in page.text
