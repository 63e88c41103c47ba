"""What the API answers with. Field names and meanings are a promise: only add."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class PricingDocument(BaseModel):
    """A breakdown in minor units of ``currency``; the total is what is paid."""

    subtotal_cents: int
    discount_cents: int
    fees_cents: int
    tax_cents: int
    total_cents: int
    currency: str


class VenueDocument(BaseModel):
    """Where an event takes place."""

    name: str
    address: str


class EventDocument(BaseModel):
    """One event; moments are UTC, ``time_zone`` is where it happens."""

    slug: str
    title: str
    tagline: str
    venue: VenueDocument
    time_zone: str
    currency: str
    starts_at: datetime
    ends_at: datetime
    page_url: str


class TierDocument(BaseModel):
    """What is sold. ``remaining`` is null where nothing is counted.

    ``max_per_email`` is how many one address may have in all its orders, null for no limit.
    """

    id: int
    name: str
    badge_label: str
    kind: Literal["ticket", "add_on", "donation"]
    price_cents: int
    all_in_price_cents: int
    max_per_order: int
    max_per_email: int | None
    status: Literal["available", "few_left", "sold_out", "not_yet", "ended"]
    remaining: int | None


class EventWithTiersDocument(EventDocument):
    """One event and what is sold for it."""

    description: str
    tiers: list[TierDocument]


class EventsDocument(BaseModel):
    """Events that are on or still to come, the next one first."""

    events: list[EventDocument]


class ExpressMethodsDocument(BaseModel):
    """Wallet buttons that this installation offers before the gateway's own page."""

    apple_pay: bool
    google_pay: bool
    link: bool


class VerificationDocument(BaseModel):
    """What is known of the buyer."""

    email_verified: bool


class CheckoutDocument(BaseModel):
    """An open basket with its hold. ``checkout_token`` opens it: keep it like a password."""

    checkout_id: str
    checkout_token: str
    status: Literal["pending", "converted", "expired", "cancelled"]
    expires_at: datetime
    pricing: PricingDocument
    can_extend_hold: bool
    requires_email_verification: bool
    upsell_eligible: bool
    express_methods: ExpressMethodsDocument
    page_url: str


class CheckoutStateDocument(CheckoutDocument):
    """A checkout as it is now; ``order_number`` appears once it is paid."""

    verification: VerificationDocument
    order_number: str | None = None


class PaymentDocument(BaseModel):
    """Where the buyer pays, and until when."""

    url: str
    provider: str
    expires_at: datetime


class TicketDocument(BaseModel):
    """One admission; ``code`` and ``qr_payload`` are secrets of its holder.

    Both are empty unless it is ``valid``: when it was ``given`` to somebody else
    than the buyer, and when it is ``void``.
    """

    serial_number: str
    tier: str
    attendee_name: str
    status: Literal["valid", "void", "given"]
    code: str
    qr_payload: str
    wallet_url: str


class OrderDocument(BaseModel):
    """A purchase and its tickets."""

    number: str
    status: str
    paid_at: datetime | None
    pricing: PricingDocument
    tickets: list[TicketDocument]


class FieldErrorDocument(BaseModel):
    """One field that can be corrected."""

    field: str
    message: str


class UnavailableDocument(BaseModel):
    """One tier that cannot be had in the wanted quantity."""

    tier_id: int
    requested: int
    available: int


class ProblemDocument(BaseModel):
    """Why not (RFC 9457). Decide by ``code``: the sentences are for people and translated."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    trace_id: str
    errors: list[FieldErrorDocument] | None = None
    unavailable: list[UnavailableDocument] | None = None
