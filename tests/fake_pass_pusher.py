"""Apple's push service in memory, written by hand."""

from dataclasses import dataclass, field

from webapp.pass_ports import PassDeviceGone, PassPushUnavailable


@dataclass
class FakePassPusher:
    """Remembers which phones were woken; some are gone, some cannot be reached."""

    woken: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)

    def push(self, push_token: str) -> None:
        if push_token in self.gone:
            raise PassDeviceGone
        if push_token in self.unreachable:
            raise PassPushUnavailable
        self.woken.append(push_token)
