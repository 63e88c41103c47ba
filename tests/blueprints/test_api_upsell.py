"""What the API says of add-ons before anything is paid for."""

import pytest

from tests.blueprints.api_calls import basket, post_checkout
from tests.factories import make_event, make_tier
from webapp.models import TierKind


@pytest.fixture
def tier(app):
    return make_tier(make_event())


def test_add_ons_that_can_be_offered_later_are_announced(client, tier, clock):
    before = post_checkout(client, basket(tier, 1)).json
    parking = make_tier(tier.event, kind=TierKind.ADD_ON)
    after = post_checkout(client, basket(tier, 1)).json
    alone = post_checkout(client, basket(parking, 1)).json

    answers = [document["upsell_eligible"] for document in (before, after, alone)]

    assert answers == [False, True, False]
