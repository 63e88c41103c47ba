"""How a mail is made of its three templates: subject, plain text and HTML."""

from collections.abc import Mapping, Sequence

from flask import render_template
from flask_babel import get_locale

from webapp.domain.contacts import ascii_address
from webapp.models import EmailMessage
from webapp.ports import Attachment, MailMessage


def render_mail(
    email: EmailMessage,
    context: Mapping[str, object],
    *,
    attachments: Sequence[Attachment] = (),
    tags: Mapping[str, str] | None = None,
) -> MailMessage:
    """The message of ``email`` in the language forced now, which its templates call ``lang``.

    ``tags`` are for the provider, beside the kind, and carry nothing personal.
    """
    lang = str(get_locale()).replace("_", "-")
    parts = {
        part: render_template(f"mail/{email.kind}.{part}", lang=lang, **context)
        for part in ("subject.txt", "txt", "html")
    }
    return MailMessage(
        to=ascii_address(email.recipient),
        # One line, whatever an event is called: a line break would be a new header.
        subject=" ".join(parts["subject.txt"].split()),
        text=parts["txt"].strip() + "\n",
        html=parts["html"],
        idempotency_key=email.idempotency_key,
        attachments=list(attachments),
        tags={"kind": email.kind, **(tags or {})},
    )
