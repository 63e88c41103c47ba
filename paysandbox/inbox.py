"""The inbox at /mail: the caught mails, for people."""

import base64
from datetime import UTC, datetime

from werkzeug.wrappers import Request, Response

from paysandbox.mailbox import describe_mail, find_mail, list_mails
from paysandbox.pages import render
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

SHOWN_MAILS = 200
# The mail's own HTML may show its inline styles and images carried in it, and nothing else.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups;"
    " frame-ancestors 'self'"
)


class Inbox:
    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def respond(self, request: Request) -> Response:
        steps = request.path.strip("/").split("/")[1:]
        if not steps:
            mails = [_for_people(mail) for mail in list_mails(self._box, limit=SHOWN_MAILS)]
            return render("inbox.html", mails=mails, site_url=self._box.site_url)
        mail = find_mail(self._box, steps[0])
        if mail is not None and len(steps) == 1:
            return render("mail.html", mail=_for_people(mail), body_html=mail["html"])
        if mail is not None and steps[1:] == ["html"]:
            return _mail_html(mail)
        if mail is not None and len(steps) == 3 and steps[1] == "attachments":  # noqa: PLR2004 - id, word, number
            return _attachment(mail, steps[2])
        return render("over.html", status=404, message="There is no such mail.", link="/mail")


def _for_people(mail: Json) -> Json:
    received_at = datetime.fromtimestamp(mail["created_at"], UTC)
    return describe_mail(mail) | {"received": received_at.strftime("%d %b %Y, %H:%M:%S UTC")}


def _mail_html(mail: Json) -> Response:
    return Response(
        mail["html"] or "",
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _MAIL_POLICY, "X-Content-Type-Options": "nosniff"},
    )


def _attachment(mail: Json, number: str) -> Response:
    if not number.isdigit() or int(number) >= len(mail["attachments"]):
        return Response("Not found\n", status=404, content_type="text/plain")
    attachment = mail["attachments"][int(number)]
    response = Response(
        base64.b64decode(attachment["content"]), content_type="application/octet-stream"
    )
    response.headers.set(
        "Content-Disposition", "attachment", filename=_plain_name(attachment["filename"])
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _plain_name(filename: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in filename)
