"""What the QR code of a ticket says. Whatever shows one takes its text from here."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from webapp.domain import signing_keys
from webapp.domain.signed_tickets import TicketBody, encode_text, sign_body
from webapp.domain.signing_keys import Keyring, NoSigningKey
from webapp.models import Event, Ticket
from webapp.sealing import KeySeal, WrongSeal

log = logging.getLogger(__name__)

# So long after the event a door that has no list still takes a ticket. Events
# are postponed; a door that has the list asks that instead.
LIFETIME_AFTER_EVENT = timedelta(days=30)


def list_ticket_texts(
    tickets: Sequence[Ticket], *, event: Event, seal: KeySeal
) -> Mapping[int, str]:
    """The text of each of an event's tickets, by ticket id; see :func:`list_texts`."""
    return list_texts([(ticket, event) for ticket in tickets], seal=seal)


def list_texts(tickets: Sequence[tuple[Ticket, Event]], *, seal: KeySeal) -> Mapping[int, str]:
    """The text of each ticket, by its id; one statement for all, whatever their events.

    Without a key that can sign, which ``flask keys list`` explains, it is the code
    that is printed beside the symbol: a person at the door is better off with
    that than with an error page.
    """
    if not tickets:
        return {}
    keyring = signing_keys.read_keyring()
    try:
        return {
            ticket.id: ticket_text(ticket, event, keyring=keyring, seal=seal)
            for ticket, event in tickets
        }
    except (NoSigningKey, WrongSeal):
        log.exception("tickets cannot be signed: see `flask keys list`")
        return {ticket.id: ticket.code for ticket, _ in tickets}


def ticket_text(ticket: Ticket, event: Event, *, keyring: Keyring, seal: KeySeal) -> str:
    """The 200 digits of one ticket; the same row, event and keys always give the same.

    Raises :class:`NoSigningKey` and :class:`webapp.sealing.WrongSeal`.
    """
    key = keyring.signer_of(ticket.key_no)
    body = TicketBody(
        key_no=key.key_no,
        event_id=ticket.event_id,
        ticket_id=ticket.id,
        tier_id=ticket.tier_id,
        revision=ticket.revision,
        expires_at=int((event.ends_at + LIFETIME_AFTER_EVENT).timestamp()),
    )
    private_key = signing_keys.private_key_of(key, seal=seal)
    return encode_text(sign_body(body, private_key=private_key))
