import base64
import json

import pytest
import requests
import resend

from tests.paysandbox.conftest import UNJUDGED, mail

SECRET = "whsec_" + base64.b64encode(b"mail webhook secret").decode()


def post_unjudged(control, body, *, path="/emails", key="re_sandbox", **headers):
    return requests.post(
        control.url + path,
        json=body,
        headers=UNJUDGED | {"Authorization": f"Bearer {key}"} | headers,
        timeout=5,
    )


def test_mail_is_caught_with_its_links_and_attachments(mails, control):
    content = base64.b64encode(b"%PDF").decode()
    tags = [{"name": "order", "value": "42"}]
    sent = mails.send(
        mail(tags=tags, attachments=[{"filename": "ticket.pdf", "content": content}]),
        {"idempotency_key": "order/42"},
    )

    caught = control.get("mail")

    assert len(caught) == 1
    assert caught[0]["id"] == sent["id"]
    assert caught[0]["to"] == ["bo@example.com"]
    assert caught[0]["links"] == ["http://127.0.0.1:5000/orders/x?t=1"]
    assert caught[0]["attachments"] == [
        {"filename": "ticket.pdf", "content_type": "application/pdf", "size": 4}
    ]
    assert (caught[0]["idempotency_key"], caught[0]["tags"]) == ("order/42", tags)


def test_mails_can_be_looked_up_by_recipient_and_by_id(mails, control):
    mails.send(mail())
    other = mails.send(mail(to=["mia@example.com"], subject="Other"))

    assert [found["subject"] for found in control.get("mail?to=mia@example.com")] == ["Other"]
    assert mails.get(other["id"])["subject"] == "Other"


def test_repeated_key_sends_one_mail(mails, control):
    first = mails.send(mail(), {"idempotency_key": "order/42"})
    second = mails.send(mail(), {"idempotency_key": "order/42"})

    assert first["id"] == second["id"]
    assert len(control.get("mail")) == 1


def test_repeated_key_with_another_body_is_refused(mails):
    mails.send(mail(), {"idempotency_key": "order/42"})

    with pytest.raises(resend.exceptions.ResendError) as refused:
        mails.send(mail(subject="Other"), {"idempotency_key": "order/42"})

    assert (int(refused.value.code), refused.value.error_type) == (
        409,
        "invalid_idempotent_request",
    )


def test_batch_loses_attachments_without_a_word(mails, control):
    attachment = {"filename": "t.txt", "content": "aGk="}
    sent = resend.Batch.send([mail(), mail(to=["mia@example.com"], attachments=[attachment])])

    assert len(sent["data"]) == 2
    assert [found["attachments"] for found in control.get("mail")] == [[], []]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"to": []}, 422), ({"colour": "x"}, 422), ({"to": ["nobody"]}, 422),
     ({"html": "", "text": ""}, 422),
     ({"tags": [{"name": "order", "value": "a b"}]}, 422),
     ({"attachments": [{"filename": "x", "content": "!"}]}, 422)],
)  # fmt: skip
def test_bad_mails_are_refused(control, changes, status):
    answer = post_unjudged(control, mail(**changes))

    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)


def test_mail_without_a_good_key_or_with_too_long_a_repeat_key_is_refused(control):
    assert post_unjudged(control, mail(), key="").status_code == 401
    assert post_unjudged(control, mail(), key="nonsense").status_code == 403
    assert post_unjudged(control, mail(), **{"Idempotency-Key": "k" * 257}).status_code == 400


def test_faults_reach_mail_too(mails, control):
    limited = {"path": "/emails", "effect": "429", "nth": 1}
    lost = {"path": "/emails", "effect": "drop", "nth": 2, "when": "after"}
    control.post("faults", [limited, lost])

    with pytest.raises(resend.exceptions.RateLimitError) as refused:
        mails.send(mail(), {"idempotency_key": "k/1"})
    with pytest.raises(resend.exceptions.ResendError):
        mails.send(mail(), {"idempotency_key": "k/1"})
    mails.send(mail(), {"idempotency_key": "k/1"})

    assert refused.value.headers["retry-after"] == "1"
    assert len(control.get("mail")) == 1


@pytest.mark.parametrize(
    ("recipient", "event"),
    [
        ("bo@example.com", "email.delivered"),
        ("bounced@example.com", "email.bounced"),
        ("Complained <complained+7@example.com>", "email.complained"),
    ],
)
def test_what_became_of_a_mail_is_told_and_signed(mails, control, receiver, recipient, event):
    control.post("mail-webhook", url=receiver.url, secret=SECRET)

    sent = mails.send(mail(to=[recipient]))

    notice = receiver.wait_for(1)[0]
    headers = {name.lower(): value for name, value in notice.headers.items()}
    resend.Webhooks.verify(
        {
            "payload": notice.body,
            "headers": {name: headers[f"svix-{name}"] for name in ("id", "timestamp", "signature")},
            "webhook_secret": SECRET,
        }
    )
    told = json.loads(notice.body)
    assert (told["type"], told["data"]["email_id"]) == (event, sent["id"])


def test_inbox_is_for_people(mails, control, http):
    assert "No mail yet" in http.get(f"{control.url}/mail").text
    sent = mails.send(
        mail(
            subject="<b>Tickets</b>",
            html="<script>alert(1)</script><p>Hello</p>",
            attachments=[{"filename": "a.txt", "content": "aGk="}],
        )
    )

    inbox = http.get(f"{control.url}/mail").text
    page = http.get(f"{control.url}/mail/{sent['id']}").text
    html = http.get(f"{control.url}/mail/{sent['id']}/html")
    attachment = http.get(f"{control.url}/mail/{sent['id']}/attachments/0")

    assert "&lt;b&gt;Tickets&lt;/b&gt;" in inbox
    assert "<script>" not in page
    assert f'sandbox="allow-popups" src="/mail/{sent["id"]}/html"' in page
    assert html.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert (attachment.content, attachment.headers["Content-Disposition"]) == (
        b"hi",
        "attachment; filename=a.txt",
    )
    assert http.get(f"{control.url}/mail/missing").status_code == 404
