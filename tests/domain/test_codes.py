"""Codes: recognised whatever is typed around them, counted once an order, never too often."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories import NOW, make_checkout, make_code, make_donation, make_event, make_tier
from webapp.database import db
from webapp.domain import checkout_closing, checkouts, code_uses, codes
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import CodeRefused
from webapp.models import CodeStatus, Event
from webapp.transaction import transaction

ORIGIN = Origin(client_key="client", trace_id="0" * 32)


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=20)


def recognise(code, text=None, now=NOW):
    slug = db.session.get_one(Event, code.event_id).slug
    return codes.recognise_code(event_slug=slug, text=text or code.text, now=now)


def why_not(code, text=None, now=NOW) -> str:
    with pytest.raises(CodeRefused) as refusal:
        recognise(code, text, now)
    (fault,) = refusal.value.faults
    assert fault.field == "code"
    return fault.message


def counters(code) -> tuple[int, int, int]:
    db.session.refresh(code)
    assert code_uses.count_mismatches() == []
    return code.held, code.used, code.overused


def test_code_is_recognised_whatever_case_and_signs_are_typed(tier):
    code = make_code(tier.event, text="Early-Bird 2027")

    typed = ["EARLYBIRD2027", " early bird 2027 ", "early\u2013bird 2027", "\uff25arlybird2027"]

    assert {recognise(code, text).id for text in typed} == {code.id}


def test_two_codes_of_an_event_never_look_alike(tier):
    make_code(tier.event, text="SUN-DAY")

    with pytest.raises(IntegrityError, match="lookup_key"):
        make_code(tier.event, text="sunday")
    db.session.rollback()


def test_unknown_switched_off_and_foreign_codes_are_told_apart_by_nobody(tier):
    known = make_code(tier.event, text="KNOWN")
    off = make_code(tier.event, text="SWITCHEDOFF", status=CodeStatus.INACTIVE)
    foreign = make_code(make_event(), text="FOREIGN")

    sentences = {why_not(off), why_not(known, foreign.text), why_not(known, "NOSUCHCODE")}

    assert sentences == {
        codes.UNKNOWN,
    }


@pytest.mark.parametrize("typed", ["-", "é", "x" * 5000, "ab'; --"])
def test_nonsense_is_an_unknown_code(tier, typed):
    assert why_not(make_code(tier.event), typed) == codes.UNKNOWN


def test_who_knows_a_code_is_told_why_it_cannot_be_used(tier):
    early = make_code(tier.event, valid_from=NOW + timedelta(seconds=1))
    late = make_code(tier.event, valid_until=NOW)
    spent = make_code(tier.event, max_uses=1)
    make_checkout((tier, 1), code=spent)

    assert why_not(early) == codes.TOO_EARLY
    assert why_not(late) == codes.EXPIRED
    assert why_not(spent) == codes.USED_UP


def test_checkout_freezes_the_discount_line_by_line(tier):
    gift = make_donation(tier.event)
    code = make_code(tier.event, percent_basis_points=1000)

    checkout = make_checkout((tier, 3), (gift, 1), code=code)

    assert (checkout.subtotal_cents, checkout.discount_cents) == (10_000, 900)
    assert checkout.total_cents == 10_000 - 900 + 754
    assert [item.discount_cents for item in checkout.items] == [900, 0]
    assert counters(code) == (1, 0, 0)


def test_several_tickets_are_one_use(tier):
    code = make_code(tier.event, max_uses=1)

    make_checkout((tier, 5), code=code)

    assert counters(code) == (1, 0, 0)


def test_last_use_goes_to_the_first_buyer_only_and_a_refusal_holds_nothing(tier):
    code = make_code(tier.event, max_uses=1)
    make_checkout((tier, 1), code=code)
    pool = tier.pools[0]

    with pytest.raises(CodeRefused):
        make_checkout((tier, 2), code=code)

    db.session.refresh(pool)
    assert (counters(code), pool.held) == ((1, 0, 0), 1)


def test_use_of_a_lapsed_checkout_is_free_without_a_sweep(tier, clock):
    code = make_code(tier.event, max_uses=1)
    make_checkout((tier, 1), code=code)
    clock.advance(minutes=15)

    assert recognise(code, now=clock()).id == code.id
    make_checkout((tier, 1), code=code, now=clock())

    assert counters(code) == (1, 0, 0)


def test_cancelling_and_sweeping_give_a_use_back_once(tier, clock):
    code = make_code(tier.event)
    first, second = (make_checkout((tier, 1), code=code) for _ in range(2))

    for _ in range(2):
        with transaction():
            checkout_closing.cancel_checkout(
                reference=first.reference, actor="buyer", now=clock(), trace_id="t"
            )
    assert counters(code) == (1, 0, 0)
    clock.advance(hours=1)
    for _ in range(2):
        with transaction():
            checkout_closing.expire_lapsed(now=clock(), limit=10)

    assert counters(code) == (0, 0, 0)
    assert second.discount_cents > 0


def test_changed_basket_keeps_its_use_and_its_discount(tier, clock):
    code = make_code(tier.event, max_uses=1, valid_until=NOW + timedelta(minutes=5))
    checkout = make_checkout((tier, 1), code=code)
    clock.advance(minutes=6)

    with transaction():
        changed = checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 2)], now=clock()
        )

    assert (changed.code_id, changed.discount_cents) == (code.id, 600)
    assert counters(code) == (1, 0, 0)


def test_renewed_checkout_takes_its_lapsed_use_again_or_is_refused(tier, clock):
    code = make_code(tier.event, max_uses=1)
    first = make_checkout((tier, 1), code=code)
    clock.advance(minutes=16)
    with transaction():
        renewed = checkouts.change_items(
            reference=first.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )
    assert (renewed.code_id, counters(code)) == (code.id, (1, 0, 0))
    clock.advance(minutes=16)
    make_checkout((tier, 1), code=code, now=clock())

    with pytest.raises(CodeRefused), transaction():
        checkouts.change_items(
            reference=first.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )

    assert counters(code) == (1, 0, 0)


def test_another_code_gives_the_first_one_back(tier, clock):
    first, second = make_code(tier.event), make_code(tier.event, percent_basis_points=5000)
    checkout = make_checkout((tier, 1), code=first)
    lines = [BasketLine(tier.id, 1)]

    with transaction():
        changed = checkouts.change_choice(
            reference=checkout.reference, lines=lines, code_id=second.id, now=clock()
        )
    assert (counters(first), counters(second)) == ((0, 0, 0), (1, 0, 0))
    assert changed.discount_cents == 1500
    with transaction():
        changed = checkouts.change_choice(
            reference=checkout.reference, lines=lines, code_id=None, now=clock()
        )

    assert (counters(second), changed.discount_cents) == ((0, 0, 0), 0)


def test_used_up_code_leaves_the_old_one_as_it_was(tier, clock):
    first, spent = make_code(tier.event), make_code(tier.event, max_uses=1)
    make_checkout((tier, 1), code=spent)
    checkout = make_checkout((tier, 1), code=first)

    with pytest.raises(CodeRefused), transaction():
        checkouts.change_choice(
            reference=checkout.reference,
            lines=[BasketLine(tier.id, 1)],
            code_id=spent.id,
            now=clock(),
        )

    assert (counters(first), counters(spent)) == ((1, 0, 0), (1, 0, 0))


def test_retried_checkout_keeps_its_code(tier, clock):
    code = make_code(tier.event, max_uses=1)
    checkout = make_checkout((tier, 1), code=code)
    clock.advance(hours=3)

    with transaction():
        successor = checkout_closing.retry_checkout(
            reference=checkout.reference, origin=ORIGIN, caps=NO_CAPS, now=clock()
        )

    assert successor.id != checkout.id
    assert (successor.code_id, successor.discount_cents) == (code.id, 300)
    assert counters(code) == (1, 0, 0)


def test_retry_without_its_code_costs_what_it_costs(tier, clock):
    code = make_code(tier.event, max_uses=1)
    checkout = make_checkout((tier, 1), code=code)
    clock.advance(minutes=20)

    with transaction():
        renewed = checkout_closing.retry_checkout(
            reference=checkout.reference,
            origin=ORIGIN,
            caps=NO_CAPS,
            now=clock(),
            keeps_code=False,
        )

    assert (renewed.id, renewed.code_id, renewed.discount_cents) == (checkout.id, None, 0)
    assert counters(code) == (0, 0, 0)


def test_database_refuses_one_use_too_many(tier):
    code = make_code(tier.event, max_uses=2)
    code.held, code.used = 1, 2

    with pytest.raises(IntegrityError, match="not_overused"):
        db.session.commit()
    db.session.rollback()
