"""Mail: once a key, with its attachment, and two kinds of failure."""

import pytest

from tests.gateways.conftest import message
from webapp.ports import Attachment, MailRefused, MailUnavailable


def test_a_mail_arrives_with_its_attachment(mailer, control):
    mail_id = mailer.send(
        message(attachments=[Attachment("tickets.pdf", b"%PDF-1.3", "application/pdf")])
    )

    (caught,) = control.get("mail")
    assert mail_id
    assert caught["subject"] == "Your tickets"
    assert [file["filename"] for file in caught["attachments"]] == ["tickets.pdf"]


def test_the_same_key_is_one_mail(mailer, control):
    assert mailer.send(message()) == mailer.send(message())


def test_a_mail_composed_again_counts_as_sent(mailer):
    mailer.send(message())

    assert mailer.send(message(text="Here they are, with a fresh link.")) == ""


@pytest.mark.parametrize("effect", ["429", "500", "503", "reset", "timeout"])
def test_a_provider_that_may_recover_is_unavailable(mailer, control, effect):
    control.fail(effect, path="/emails")

    with pytest.raises(MailUnavailable):
        mailer.send(message())


def test_a_mail_without_a_good_address_is_refused_and_not_logged(mailer, caplog):
    with pytest.raises(MailRefused) as refusal:
        mailer.send(message(to="nobody at nowhere"))

    assert "nowhere" not in caplog.text + str(refusal.value)
