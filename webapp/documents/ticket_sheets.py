"""What a printed ticket says, apart from how it is printed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TicketSheet:
    """What one page says. Every text is ready to print, in the reader's language."""

    event_title: str
    when: str
    where: str
    tier_name: str
    holder_name: str
    serial_number: str
    code: str
    qr_text: str
    order_number: str
    labels: "SheetLabels"


@dataclass(frozen=True, slots=True)
class SheetLabels:
    """The words beside the facts, translated by the caller."""

    holder: str
    serial: str
    order: str
    void: str
    hint: str
    seller: str
