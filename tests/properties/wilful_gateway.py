"""A gateway where late money, delayed money and staff happen."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.fakes import FakeGateway
from tests.notices import make_notice
from webapp.ports import GatewayRefused, Notice

KEPT_REFUNDS = ("pending", "succeeded")


@dataclass
class WilfulGateway(FakeGateway):
    """A gateway where late money, delayed money and staff happen."""

    notices_made: int = 0

    @contextmanager
    def weather(self, kind: str) -> Iterator[None]:
        """Answer nobody (``down``) or act and answer nobody (``loses_answers``) for a while."""
        self.is_down, self.loses_answers = kind == "down", kind == "loses_answers"
        try:
            yield
        finally:
            self.is_down = self.loses_answers = False

    def refund_at_gateway(self, payment_id: str, amount_cents: int) -> str:
        if amount_cents > self.left_cents(payment_id):
            raise GatewayRefused("more than is left")
        return super().refund_at_gateway(payment_id, amount_cents)

    def left_cents(self, payment_id: str) -> int:
        """What of a payment has not gone back."""
        captured = sum(
            sighting.amount_cents
            for sighting in self.sessions.values()
            if sighting.payment_id == payment_id and sighting.payment_status == "paid"
        )
        return captured - sum(
            refund.amount_cents
            for refund in self.refunds.values()
            if refund.payment_id == payment_id and refund.status in KEPT_REFUNDS
        )

    def pay_after_the_end(self, session_id: str) -> None:
        """An open page did not hear that its session was over: money after all."""
        payment_id = session_id.replace("cs_", "pi_")
        self._change(session_id, status="complete", payment_status="paid", payment_id=payment_id)

    def can_be_paid(self, session_id: str) -> bool:
        self._lapse(session_id)
        return self.sessions[session_id].status == "open"

    def notice_about(self, session_id: str, kind: str) -> Notice:
        self.notices_made += 1
        return make_notice(f"evt_{self.notices_made}", kind, session_id)

    def list_undelivered_notices(self, *, since) -> Sequence[Notice]:
        """What never came through is told about in the end."""
        super().list_undelivered_notices(since=since)
        return [self.notice_about(session_id, "charge.updated") for session_id in self.sessions]
