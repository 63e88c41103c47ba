"""What is stored. Importing this package registers every model once."""

from webapp.models.after_sales import AddOnCheckout, OrderLookup
from webapp.models.checkout import (
    Checkout,
    CheckoutAttendee,
    CheckoutItem,
    CheckoutStatus,
    CheckoutStep,
    Hold,
    HoldStatus,
    IdempotencyKey,
)
from webapp.models.code import (
    Code,
    CodeKind,
    CodeStatus,
    CodeUse,
    code_opened_tiers,
    code_reduced_tiers,
)
from webapp.models.event import Event, EventStatus, Occurrence, OrderNumberCounter
from webapp.models.ledger import (
    AuditEntry,
    CounterCheck,
    Delivery,
    EmailMessage,
    EmailStatus,
    Heartbeat,
    Lease,
    Outbox,
    OutboxStatus,
    WebhookEvent,
)
from webapp.models.order import NEXT_STATUSES, Order, OrderItem, OrderStatus, OrderTransition
from webapp.models.payment import (
    LIVE_PAYMENT_STATUSES,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from webapp.models.presence import Presence
from webapp.models.push import PushMessage, PushSubscription
from webapp.models.schedule import AnnouncedSchedule
from webapp.models.signing_key import SigningKey
from webapp.models.ticket import Ticket, TicketStatus
from webapp.models.tier import Pool, Tier, TierKind, TierStatus, tier_pools
from webapp.models.transfer import Transfer, TransferClaim, TransferStatus
from webapp.models.wallet import PairingCode, Wallet, WalletCopy, WalletOrder, WalletTicket
from webapp.models.wallet_pass import PassRegistration, WalletPass

__all__ = [
    "LIVE_PAYMENT_STATUSES",
    "NEXT_STATUSES",
    "AddOnCheckout",
    "AnnouncedSchedule",
    "AuditEntry",
    "Checkout",
    "CheckoutAttendee",
    "CheckoutItem",
    "CheckoutStatus",
    "CheckoutStep",
    "Code",
    "CodeKind",
    "CodeStatus",
    "CodeUse",
    "CounterCheck",
    "Delivery",
    "EmailMessage",
    "EmailStatus",
    "Event",
    "EventStatus",
    "Heartbeat",
    "Hold",
    "HoldStatus",
    "IdempotencyKey",
    "Lease",
    "Occurrence",
    "Order",
    "OrderItem",
    "OrderLookup",
    "OrderNumberCounter",
    "OrderStatus",
    "OrderTransition",
    "Outbox",
    "OutboxStatus",
    "PairingCode",
    "PassRegistration",
    "Payment",
    "PaymentStatus",
    "Pool",
    "Presence",
    "PushMessage",
    "PushSubscription",
    "Refund",
    "RefundStatus",
    "SigningKey",
    "Ticket",
    "TicketStatus",
    "Tier",
    "TierKind",
    "TierStatus",
    "Transfer",
    "TransferClaim",
    "TransferStatus",
    "Wallet",
    "WalletCopy",
    "WalletOrder",
    "WalletPass",
    "WalletTicket",
    "WebhookEvent",
    "code_opened_tiers",
    "code_reduced_tiers",
    "tier_pools",
]
