"""What is kept is kept for as long as was promised, and no longer."""

from datetime import timedelta

import pytest

from webapp.database import db
from webapp.domain import idempotency, reconciliation
from webapp.models import IdempotencyKey
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("age", "is_kept"), [(timedelta(hours=24), True), (timedelta(hours=25), False)]
)
def test_answer_is_kept_for_as_long_as_the_api_promises(clock, age, is_kept):
    with transaction():
        idempotency.save_answer(
            scope="s", key="k", request_hash="h", status_code=201, answer={}, now=clock() - age
        )

    with transaction():
        reconciliation.delete_old_rows(now=clock())

    assert (db.session.query(IdempotencyKey).count() == 1) is is_kept
