"""A friend's mailbox: what the sandbox caught for one address, and the links in it."""

import re
from typing import Any
from uuid import uuid4

from tests.box_office import BoxOffice
from tests.waiting import wait_until


class Mailbox:
    """An address of its own, so that no other test's mails are found."""

    def __init__(self, box_office: BoxOffice) -> None:
        self._box_office = box_office
        self.address = f"friend-{uuid4().hex[:12]}@example.com"

    def wait_for(self, subject: str) -> dict[str, Any]:
        """The mail to this address whose subject has these words."""
        wait_until(lambda: self._find(subject), what=f"a mail {subject!r} to {self.address}")
        return self._find(subject)[-1]

    def link_in(self, subject: str) -> str:
        """The first link of ours in that mail, as its reader sees it."""
        found = re.search(r"https?://\S+", self.wait_for(subject)["text"])
        assert found, subject
        return found[0]

    def _find(self, subject: str) -> list[dict[str, Any]]:
        caught = self._box_office.sandbox("GET", "mail")
        return [
            mail
            for mail in caught
            if self.address in str(mail["to"]) and subject in mail["subject"]
        ]
