import pytest
import stripe

from tests.paysandbox.conftest import event_types, session_params


def test_new_session_is_open_unpaid_and_has_no_payment_intent(open_session, control):
    session = open_session()

    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert (session.amount_total, session.currency) == (3000, "eur")
    assert session.url == f"{control.url}/c/pay/{session.id}"


def test_session_lives_a_day_unless_told_otherwise(open_session, control):
    now = control.get("clock")["now"]

    assert open_session().expires_at - now in range(24 * 3600, 24 * 3600 + 5)
    assert open_session(expires_at=now + 1860).expires_at == now + 1860


@pytest.mark.parametrize("life_s", [60, 1795, 24 * 3600 + 60])
def test_session_may_live_from_30_minutes_to_24_hours(rude_gateway, control, life_s):
    expires_at = control.get("clock")["now"] + life_s

    with pytest.raises(stripe.InvalidRequestError) as refused:
        rude_gateway.v1.checkout.sessions.create(session_params(expires_at=expires_at))

    assert refused.value.param == "expires_at"


def with_amount(amount, currency="eur"):
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Day"}}
    return {"line_items": [{"quantity": 1, "price_data": data}]}


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported",
         "payment_method_types"),
        ({"ui_mode": "hosted"}, "parameter_invalid", "ui_mode"),
        ({"colour": "blue"}, "parameter_unknown", "colour"),
        ({"payment_intent_data": {"colour": "x"}}, "parameter_unknown",
         "payment_intent_data[colour]"),
        ({"metadata": {"k" * 41: "v"}}, "parameter_invalid", "metadata"),
        ({"metadata": {"k": "v" * 501}}, "parameter_invalid", "metadata[k]"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, "parameter_invalid", "metadata"),
        ({"client_reference_id": "x" * 201}, "string_too_long", "client_reference_id"),
        (with_amount(49), "amount_too_small", "line_items"),
        (with_amount(0), "amount_too_small", "line_items"),
        (with_amount(500, "EUR"), "parameter_invalid",
         "line_items[0][price_data][currency]"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"customer": "cus_missing"}, "resource_missing", "customer"),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_by_name(rude_gateway, changes, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        rude_gateway.v1.checkout.sessions.create(session_params(**changes))

    assert (refused.value.code, refused.value.param) == (code, param)


def test_lines_of_two_currencies_are_refused(rude_gateway):
    lines = with_amount(500)["line_items"] + with_amount(500, "usd")["line_items"]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        rude_gateway.v1.checkout.sessions.create(session_params(line_items=lines))

    assert refused.value.param == "line_items"


def test_open_session_can_be_expired_once(open_session, gateway):
    session = open_session()

    expired = gateway.v1.checkout.sessions.expire(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.v1.checkout.sessions.expire(session.id)
    assert refused.value.http_status == 400
    assert event_types(gateway) == ["checkout.session.expired"]


def test_complete_session_cannot_be_expired(open_session, gateway, control):
    session = open_session()
    control.pay(session.id)

    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        gateway.v1.checkout.sessions.expire(session.id)


def test_session_expires_by_the_clock_and_says_so_once(open_session, gateway, control):
    session = open_session(expires_at=control.get("clock")["now"] + 1860)

    control.post("clock", advance_s=1870)

    assert gateway.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert event_types(gateway) == ["checkout.session.expired"]
    refused = control.raw(f"pay/{session.id}", {"card": "4242424242424242"})
    assert refused.json()["error"]["code"] == "session_over"


def test_expiring_a_tried_session_cancels_its_payment_intent(open_session, gateway, control):
    session = open_session()
    control.pay(session.id, "4000000000000002")

    gateway.v1.checkout.sessions.expire(session.id)

    tried = gateway.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert tried.payment_intent.status == "canceled"
    assert event_types(gateway)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_line_items_come_with_their_own_call_and_by_expansion(open_session, gateway):
    session = open_session()

    listed = gateway.v1.checkout.sessions.line_items.list(session.id)
    expanded = gateway.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})

    assert [item.description for item in listed.data] == ["Day ticket"]
    assert expanded.line_items.data[0].amount_total == 3000
    assert "line_items" not in session


def test_metadata_is_merged_and_an_empty_value_removes_a_key(open_session, gateway):
    session = open_session(metadata={"order": "42", "seat": "A1"})

    updated = gateway.v1.checkout.sessions.update(
        session.id, {"metadata": {"seat": "", "door": "3"}}
    )

    assert updated.metadata.to_dict() == {"order": "42", "door": "3"}


def test_sessions_are_listed_newest_first_in_pages(open_session, gateway, control):
    ids = [open_session().id for _ in range(3)]
    control.post(f"pay/{ids[0]}")

    first = gateway.v1.checkout.sessions.list({"limit": 2})
    rest = gateway.v1.checkout.sessions.list({"limit": 2, "starting_after": first.data[-1].id})

    assert ([item.id for item in first.data], first.has_more) == ([ids[2], ids[1]], True)
    assert ([item.id for item in rest.data], rest.has_more) == ([ids[0]], False)
    complete = gateway.v1.checkout.sessions.list({"status": "complete"})
    assert [item.id for item in complete.data] == [ids[0]]


def test_what_cannot_be_expanded_is_refused(open_session, gateway):
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        gateway.v1.checkout.sessions.retrieve(open_session().id, {"expand": ["colour"]})


def test_page_options_are_echoed_in_the_gateways_shape(open_session):
    session = open_session(
        branding_settings={"display_name": "Yard"},
        name_collection={"individual": {"enabled": True}},
        consent_collection={"terms_of_service": "required"},
        wallet_options={"link": {"display": "never"}},
        payment_method_options={"card": {"setup_future_usage": "on_session"}},
        adaptive_pricing={"enabled": False},
        excluded_payment_method_types=["sepa_debit"],
        submit_type="book",
    )

    assert session.branding_settings.display_name == "Yard"
    assert session.name_collection.individual.enabled is True
    assert session.payment_method_types == ["card"]
