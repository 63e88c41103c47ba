"""Hidden tiers: to whoever has no code that opens them, they do not exist."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_checkout, make_code, make_event, make_tier
from webapp.database import db
from webapp.domain import checkouts, offers
from webapp.domain.baskets import BasketLine, quote_basket
from webapp.errors import InvalidRequest
from webapp.models import CodeKind, Occurrence, TierStatus
from webapp.transaction import transaction


@pytest.fixture
def tier(app):
    return make_tier(make_event())


def test_hidden_tier_is_offered_and_sold_to_holders_of_its_code_only(tier, clock):
    hidden = make_tier(tier.event, is_hidden=True)
    opening = make_code(
        tier.event, kind=CodeKind.ACCESS, percent_basis_points=0, opened_tiers=[hidden]
    )
    other = make_code(tier.event)

    def offered(code=None):
        listed = offers.list_offers(event=tier.event, now=clock(), code=code)
        return {offer.tier.id for offer in listed}

    assert (offered(), offered(other)) == ({tier.id}, {tier.id})
    assert offered(opening) == {tier.id, hidden.id}
    for code in (None, other):
        with pytest.raises(InvalidRequest):
            make_checkout((hidden, 1), code=code)
        with pytest.raises(InvalidRequest):
            quote_basket(
                slug=tier.event.slug, lines=[BasketLine(hidden.id, 1)], now=clock(), code=code
            )
    assert make_checkout((hidden, 1), code=opening).total_cents == 3417


def test_hidden_tier_is_as_good_as_unknown(tier):
    hidden = make_tier(tier.event, is_hidden=True)
    faults = []
    for tier_id in (hidden.id, 999_999):
        with pytest.raises(InvalidRequest) as refusal:
            quote_basket(slug=tier.event.slug, lines=[BasketLine(tier_id, 1)], now=NOW)
        faults.append(refusal.value.faults)

    assert faults[0] == faults[1]


def test_basket_of_a_hidden_tier_cannot_drop_its_code(tier, clock):
    hidden = make_tier(tier.event, is_hidden=True)
    code = make_code(tier.event, opened_tiers=[hidden])
    checkout = make_checkout((hidden, 1), code=code)

    with pytest.raises(InvalidRequest), transaction():
        checkouts.change_choice(
            reference=checkout.reference,
            lines=[BasketLine(hidden.id, 1)],
            code_id=None,
            now=clock(),
        )

    db.session.refresh(code)
    assert code.held == 1


def test_lowest_price_on_the_list_is_not_that_of_a_hidden_tier(tier, clock):
    make_tier(tier.event, is_hidden=True, price_cents=100)

    assert offers.find_price_spans(events=[tier.event], now=clock()) == {
        tier.event_id: offers.PriceSpan(3417, 3417)
    }


def test_date_that_only_a_hidden_tier_opens_is_known_to_holders_of_its_code_only(tier, clock):
    event = tier.event
    evening, rehearsal, workshop, party = (
        Occurrence(
            event_id=event.id,
            name=name,
            starts_at=event.starts_at + timedelta(hours=hour),
            ends_at=event.ends_at + timedelta(hours=hour),
        )
        for hour, name in enumerate(("Evening", "Rehearsal", "Workshop", "Party"), start=1)
    )
    db.session.add_all([evening, rehearsal, workshop, party])
    tier.occurrences.extend([evening, party])
    hidden = make_tier(event, is_hidden=True)
    hidden.occurrences.extend([evening, rehearsal])
    withdrawn = make_tier(event, status=TierStatus.INACTIVE)
    withdrawn.occurrences.append(rehearsal)
    db.session.commit()
    opening = make_code(event, opened_tiers=[hidden])
    db.session.expire_all()

    def dates(code=None):
        return [each.name for each in offers.list_dates(event=event, code=code)]

    # Nothing opens "Doors" and "Workshop": they are for everybody.
    assert dates() == dates(make_code(event)) == ["Doors", "Evening", "Workshop", "Party"]
    assert dates(opening) == ["Doors", "Evening", "Rehearsal", "Workshop", "Party"]
