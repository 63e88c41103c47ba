"""Who buys, changed while a payment page may be open."""

from webapp.domain import checkouts, payments
from webapp.domain.contacts import Contact
from webapp.flows.payments import withdraw_payment
from webapp.models import Checkout
from webapp.ports import Ports
from webapp.transaction import transaction


def change_contact(*, reference: str, contact: Contact, ports: Ports) -> Checkout:
    """Keep who buys. An open payment page that names another address is closed first."""
    with transaction():
        # Locked, so that no payment begins between our look and the change.
        checkout = checkouts.lock_checkout(reference=reference)
        if contact == Contact.of(checkout):
            return checkout
        if not payments.has_live_payment(checkout_id=checkout.id):
            return checkouts.set_contact(checkout=checkout, contact=contact)
    withdraw_payment(reference=reference, ports=ports)
    with transaction():
        checkout = checkouts.lock_checkout(reference=reference)
        return checkouts.set_contact(checkout=checkout, contact=contact)
