"""What callers may send. Strict: a number is a number, and an unknown field is a mistake."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from webapp.database import LARGEST_ID
from webapp.domain import idempotency

MAX_LINES = 50
MAX_QUANTITY = 100
KEPT_HOURS = idempotency.KEPT_FOR // timedelta(hours=1)

# Anything printable that the database can store; what it means is the domain's business.
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Label = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]


class StrictBody(BaseModel):
    """A request body: nothing is converted, nothing unknown is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ItemBody(StrictBody):
    """So many of one tier."""

    tier_id: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


Items = Annotated[list[ItemBody], Field(min_length=1, max_length=MAX_LINES)]


class ContactBody(StrictBody):
    """Who buys: the email is what tickets are sent to.

    ``phone`` in international form, or as it is dialled in the event's country.
    """

    email: Text
    name: Label | None = None
    phone: Label | None = None


class CheckoutBody(StrictBody):
    """A basket to hold. Prices are never taken from the caller."""

    event: Text
    items: Items
    contact: ContactBody | None = None
    code: Label | None = None
    source: Label | None = None
    campaign: Label | None = None


class ItemsBody(StrictBody):
    """A new basket for an open checkout."""

    items: Items


class PaymentBody(StrictBody):
    """Which gateway the buyer pays at."""

    provider: Literal["stripe"]


class CheckoutHeaders(BaseModel):
    """A key that makes a repeated request harmless: the same key, the same answer."""

    idempotency_key: Annotated[str | None, Field(pattern=r"^[\x21-\x7e]{16,255}$")] = Field(
        None,
        alias="Idempotency-Key",
        description="16 to 255 visible ASCII characters that nobody can guess, such as a random"
        " UUID: who sends the same key and body from the same network gets the same answer,"
        f" its token included. Answers are kept for {KEPT_HOURS} hours.",
    )
