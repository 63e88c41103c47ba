"""Phones are woken, gone ones forgotten, and certificates watched before they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobs.runtime import perform
from tests.issued import make_order
from tests.pass_certificates import apple_keys
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import orders, outbox, passes
from webapp.flows.passes import check_certificates, sweep_passes, wake_phones
from webapp.models import OutboxStatus, PassRegistration, Ticket, WalletPass
from webapp.pass_ports import PassPushUnavailable
from webapp.transaction import transaction

TRACE = "0" * 32
TOKENS = ["aa" * 32, "bb" * 32, "cc" * 32]


@pytest.fixture
def wallet_pass(with_passes, clock) -> WalletPass:
    """A pass on three phones."""
    ticket = orders.list_tickets(order_id=make_order(clock).id)[0]
    with transaction():
        taken = passes.take_pass(ticket=ticket, now=clock(), trace_id=TRACE)
        for token in TOKENS:
            passes.register_phone(
                wallet_pass=taken,
                phone=f"phone-{token[:4]}",
                push_token=token,
                now=clock(),
                trace_id=TRACE,
            )
    clock.advance(minutes=5)
    return taken


def tokens_left() -> set[str]:
    return {row.push_token for row in db.session.query(PassRegistration)}


def revoke_and_sweep(ports) -> None:
    db.session.query(Ticket).update({"revision": 2})
    db.session.commit()
    sweep_passes(ports=ports)


def test_every_phone_with_the_pass_is_woken_once(with_passes, pass_pusher, wallet_pass):
    revoke_and_sweep(with_passes)

    did = [perform(work_of(outbox.WAKE_PHONES).id) for _ in range(2)]

    assert did == [True, False]
    assert pass_pusher.woken == TOKENS
    assert work_of(outbox.WAKE_PHONES).status is OutboxStatus.DONE


def test_phone_that_is_gone_is_forgotten(with_passes, pass_pusher, wallet_pass):
    pass_pusher.gone = {TOKENS[1]}

    wake_phones(pass_id=wallet_pass.id, ports=with_passes)

    assert tokens_left() == {TOKENS[0], TOKENS[2]}


def test_service_that_is_away_is_asked_again_and_gone_phones_are_forgotten_all_the_same(
    with_passes, pass_pusher, wallet_pass, clock
):
    pass_pusher.gone, pass_pusher.unreachable = {TOKENS[0]}, {TOKENS[1]}
    revoke_and_sweep(with_passes)
    perform(work_of(outbox.WAKE_PHONES).id)
    waiting = work_of(outbox.WAKE_PHONES)
    assert (waiting.status, waiting.last_error) == (OutboxStatus.DUE, "PassPushUnavailable")
    assert tokens_left() == {TOKENS[1], TOKENS[2]}

    pass_pusher.unreachable = set()
    clock.advance(minutes=1)
    perform(waiting.id)

    assert TOKENS[1] in pass_pusher.woken
    db.session.expire_all()
    assert work_of(outbox.WAKE_PHONES).status is OutboxStatus.DONE


def test_service_that_is_away_is_not_asked_for_every_phone(
    with_passes, pass_pusher, wallet_pass, clock
):
    with transaction():
        passes.register_phone(
            wallet_pass=wallet_pass,
            phone="phone-dddd",
            push_token="dd" * 32,
            now=clock(),
            trace_id=TRACE,
        )
    pass_pusher.unreachable = set(TOKENS)

    with pytest.raises(PassPushUnavailable):
        wake_phones(pass_id=wallet_pass.id, ports=with_passes)

    assert pass_pusher.woken == []


def test_without_a_push_service_there_is_nothing_to_do(with_passes, wallet_pass):
    own = replace(with_passes.passes, pusher=None)

    wake_phones(pass_id=wallet_pass.id, ports=replace(with_passes, passes=own))

    assert tokens_left() == set(TOKENS)


@pytest.mark.parametrize(
    ("days", "level"), [(31, None), (29, "WARNING"), (0.5, "WARNING"), (-1, "ERROR")]
)
def test_certificate_is_told_of_in_the_log_thirty_days_before_its_end(
    with_passes, clock, caplog, days, level
):
    keys = apple_keys(ends_at=clock() + timedelta(days=days))
    own = replace(with_passes.passes, apple=keys)

    counts = check_certificates(ports=replace(with_passes, passes=own))

    told = [(record.levelname, record.certificate) for record in caplog.records]
    assert told == ([(level, "apple_pass")] if level else [])
    assert counts == {"certificates_ending": len(told)}


def test_without_certificates_there_is_nothing_to_tell(app, ports, caplog):
    assert check_certificates(ports=ports) == {"certificates_ending": 0}
    assert caplog.records == []
