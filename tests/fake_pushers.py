"""The services that wake phones, in memory, written by hand."""

from dataclasses import dataclass, field

from webapp.pass_ports import PassPhoneGone, PassPushUnavailable
from webapp.push_ports import PushNotice


@dataclass
class FakePusher:
    """Keeps what browsers were told, and fails as it is told to."""

    told: list[PushNotice] = field(default_factory=list)
    fault: Exception | None = None
    public_key: str = "BDR8UI8Wanh9"

    def accepts(self, endpoint: str) -> bool:
        return endpoint.startswith("https://fcm.googleapis.com/")

    def send(self, notice: PushNotice) -> None:
        if self.fault is not None:
            raise self.fault
        self.told.append(notice)


@dataclass
class FakePassPusher:
    """Remembers which phones were woken; some are gone, some cannot be reached."""

    woken: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)

    def push(self, push_token: str) -> None:
        if push_token in self.gone:
            raise PassPhoneGone
        if push_token in self.unreachable:
            raise PassPushUnavailable
        self.woken.append(push_token)
