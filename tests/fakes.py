"""Every port in memory, written by hand. No test patches a gateway."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from tests.notices import make_notice
from webapp.ports import (
    GatewayKeyRefused,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
    InvalidNotice,
    MailMessage,
    MailUnavailable,
    Notice,
    PaymentSighting,
    RefundSighting,
    SessionRequest,
)


@dataclass
class FrozenClock:
    """Time that moves only when a test says so."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class RecordingDoorbell:
    """Remembers who was rung for; nothing runs by itself."""

    rings: list[tuple[str, int]] = field(default_factory=list)
    urgent: list[int] = field(default_factory=list)

    def ring(self, *, queue: str, outbox_id: int, is_urgent: bool = False) -> None:
        self.rings.append((queue, outbox_id))
        if is_urgent:
            self.urgent.append(outbox_id)


@dataclass
class FakeMailer:
    """Keeps what was sent; the same key is one mail, as at the real provider."""

    sent: dict[str, MailMessage] = field(default_factory=dict)
    calls: int = 0
    is_down: bool = False

    def send(self, message: MailMessage) -> str:
        self.calls += 1
        if self.is_down:
            raise MailUnavailable
        self.sent.setdefault(message.idempotency_key, message)
        return f"mail-{list(self.sent).index(message.idempotency_key)}"


@dataclass
class FakeBucket:
    """Lets every call through, or none."""

    is_empty: bool = False

    def take(self) -> bool:
        return not self.is_empty


@dataclass
class FakeGateway:
    """A gateway in memory that keeps the promises of the real one.

    Sessions are made once per key; an open one can be paid or expired, never
    both; refunds are made once per key and never exceed what was captured.
    A refund's key is forgotten after a day.
    """

    clock: FrozenClock
    name: str = "stripe"
    livemode: bool = False
    sessions: dict[str, PaymentSighting] = field(default_factory=dict)
    requests: dict[str, SessionRequest] = field(default_factory=dict)
    session_of_key: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, RefundSighting] = field(default_factory=dict)
    refund_of_key: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    expires_at: dict[str, datetime] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False
    refuses_key: bool = False
    # What one call raises, by its name, while the others go well.
    faults: dict[str, Exception] = field(default_factory=dict)
    loses_answers: bool = False
    refund_status: str = "succeeded"
    create_fault: Exception | None = None
    # What somebody else does while the answer is on its way.
    after_create: Callable[[], object] | None = None
    after_expire: Callable[[], object] | None = None

    def create_session(self, request: SessionRequest) -> PaymentSighting:
        self._call("create_session")
        if self.create_fault is not None:
            raise self.create_fault
        known = self.session_of_key.get(request.idempotency_key)
        if known is not None:
            return self.sessions[known]
        if request.expires_at < self.clock() + timedelta(minutes=30):
            raise GatewayRefused("expires_at")
        session_id = f"cs_test_{len(self.sessions) + 1}"
        self.session_of_key[request.idempotency_key] = session_id
        self.requests[session_id] = request
        self.expires_at[session_id] = request.expires_at
        self.sessions[session_id] = PaymentSighting(
            session_id=session_id,
            status="open",
            payment_status="unpaid",
            amount_cents=sum(line.quantity * line.unit_amount_cents for line in request.lines),
            currency=request.currency,
            livemode=self.livemode,
            url=f"https://gateway.test/{session_id}",
        )
        if self.after_create is not None:
            self.after_create()
        if self.loses_answers:
            raise GatewayUnavailable
        return self.sessions[session_id]

    def look_up_session(self, session_id: str) -> PaymentSighting:
        self._call("look_up_session")
        if session_id not in self.sessions:
            raise GatewayUnknown
        self._lapse(session_id)
        return self.sessions[session_id]

    def is_test_session(self, session_id: str) -> bool:
        return not self.livemode

    def expire_session(self, session_id: str) -> PaymentSighting:
        self._call("expire_session")
        self._lapse(session_id)
        if self.sessions[session_id].status == "open":
            self._change(session_id, status="expired", url=None)
        if self.after_expire is not None:
            self.after_expire()
        return self.sessions[session_id]

    def find_session_id(self, object_id: str) -> str | None:
        self._call("find_session_id")
        if object_id in self.refunds:
            object_id = self.refunds[object_id].payment_id
        for session_id, sighting in self.sessions.items():
            if object_id in {session_id, sighting.payment_id}:
                return session_id
        return None

    def refund_payment(
        self, *, payment_id: str, amount_cents: int, idempotency_key: str
    ) -> RefundSighting:
        self._call("refund_payment")
        known, asked_at = self.refund_of_key.get(idempotency_key, ("", self.clock()))
        if not known or self.clock() - asked_at >= timedelta(hours=24):
            known = self.refund_at_gateway(payment_id, amount_cents)
            self.refunds[known] = replace(self.refunds[known], key=idempotency_key)
            self.refund_of_key[idempotency_key] = (known, self.clock())
        if self.loses_answers:
            raise GatewayUnavailable
        return self.refunds[known]

    def list_refunds(self, payment_id: str) -> Sequence[RefundSighting]:
        self._call("list_refunds")
        return [refund for refund in self.refunds.values() if refund.payment_id == payment_id]

    def read_notice(self, *, body: bytes, signature: str) -> Notice:
        if signature != "signed":
            raise InvalidNotice
        event_id, kind, object_id, *trace_id = body.decode().split(" ")
        return make_notice(
            event_id, kind, object_id, livemode=self.livemode, trace_id=next(iter(trace_id), None)
        )

    def list_undelivered_notices(self, *, since: datetime) -> Sequence[Notice]:
        self._call("list_undelivered_notices")
        return []

    # What the buyer, the bank and staff do at the gateway.

    def pay(self, session_id: str, **changes: object) -> None:
        """The buyer pays; ``changes`` make the gateway say something else of it."""
        self._lapse(session_id)
        if self.sessions[session_id].status != "open":
            raise GatewayRefused("session is over")
        facts = {
            "status": "complete",
            "payment_status": "paid",
            "payment_id": session_id.replace("cs_", "pi_"),
            "method": "card",
            "url": None,
        }
        self._change(session_id, **(facts | changes))

    def start_delayed(self, session_id: str) -> None:
        self.pay(session_id, payment_status="unpaid", method="sepa_debit")

    def settle_delayed(self, session_id: str, *, succeeds: bool) -> None:
        if succeeds:
            self._change(session_id, payment_status="paid")
        else:
            self._change(session_id, payment_failed=True)

    def refund_at_gateway(self, payment_id: str, amount_cents: int) -> str:
        """Staff refund on the gateway's own pages."""
        refund_id = f"re_{len(self.refunds) + 1}"
        self.refunds[refund_id] = RefundSighting(
            refund_id, self.refund_status, amount_cents, payment_id
        )
        for session_id, sighting in self.sessions.items():
            if sighting.payment_id == payment_id:
                returned = self._refunded_cents(payment_id)
                if returned > sighting.amount_cents:
                    raise GatewayRefused("more than was captured")
                self._change(session_id, refunded_cents=returned)
        return refund_id

    def settle_refund(self, refund_id: str, status: str) -> None:
        """The bank's word, maybe days later: a refund that failed is not counted any more."""
        refund = self.refunds[refund_id] = replace(self.refunds[refund_id], status=status)
        for session_id, sighting in self.sessions.items():
            if sighting.payment_id == refund.payment_id:
                returned = self._refunded_cents(refund.payment_id)
                self._change(session_id, refunded_cents=returned)

    def _refunded_cents(self, payment_id: str) -> int:
        return sum(
            refund.amount_cents
            for refund in self.refunds.values()
            if refund.payment_id == payment_id and refund.status in {"pending", "succeeded"}
        )

    def kept_cents(self) -> int:
        """Captured less returned, over everything: the ground truth."""
        captured = sum(
            sighting.amount_cents
            for sighting in self.sessions.values()
            if sighting.payment_status == "paid"
        )
        return captured - sum(
            refund.amount_cents
            for refund in self.refunds.values()
            if refund.status in {"pending", "succeeded"}
        )

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.is_down:
            raise GatewayUnavailable
        if self.refuses_key:
            raise GatewayKeyRefused
        if name in self.faults:
            raise self.faults[name]

    def _lapse(self, session_id: str) -> None:
        is_over = self.expires_at[session_id] <= self.clock()
        if is_over and self.sessions[session_id].status == "open":
            self._change(session_id, status="expired", url=None)

    def _change(self, session_id: str, **changes: object) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], **changes)


class OneAtATimeGateway(FakeGateway):
    """The gateway keeps its own promises however many ask at once."""

    lock = Lock()

    def create_session(self, request):
        with self.lock:
            return super().create_session(request)

    def refund_payment(self, **facts):
        with self.lock:
            return super().refund_payment(**facts)
