"""Several pages of one checkout, in view at the same moment."""

from datetime import timedelta

from tests.concurrency.crowd import call_at_once
from tests.factories import NOW, make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain.presence import note_presence
from webapp.models import Presence
from webapp.transaction import transaction

PAGES = 16


def test_beats_at_once_leave_one_of_their_moments_and_no_fault(app, crowd):
    reference = make_checkout((make_tier(make_event()), 1)).reference

    def beat(seconds: int) -> None:
        with transaction():
            note_presence(reference=reference, now=NOW + timedelta(seconds=seconds))

    outcomes = call_at_once(crowd, [lambda s=second: beat(s) for second in range(PAGES)])

    assert outcomes.refusals == []
    (seen,) = db.session.query(Presence)
    # None moves it back, and the next one says nothing new until ten seconds have passed.
    assert timedelta(seconds=PAGES - 10) <= seen.seen_at - NOW < timedelta(seconds=PAGES)
