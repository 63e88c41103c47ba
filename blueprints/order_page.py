"""The order's page: its tickets and receipt, and everything that can be done from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, make_response, render_template, request

from blueprints import buyer
from blueprints.form_keys import new_form_key
from blueprints.forms.basket import TypedBasket, basket_of, by_tier
from blueprints.language import sentence_of
from blueprints.pass_offers import pass_kinds
from blueprints.wallet_copy import current_copy
from webapp.documents.calendar import calendar_links
from webapp.domain import (
    add_ons,
    corrections,
    money_back,
    orders,
    own_checkouts,
    reissues,
    resends,
    ticket_names,
    ticket_texts,
    transfers,
    wallets,
)
from webapp.errors import FieldFault, Shortage
from webapp.extensions import key_seal
from webapp.models import Checkout, EmailMessage, Order, TierKind
from webapp.ports import ports

# Seconds between looks at a mail that is on its way; about two minutes, then no more.
MAIL_DELAYS = (1, 1, 2, 3, 5, 8, 13, 20, 30, 30)
# So long after a purchase its steps are shown.
STEPS_SHOWN_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name that was typed for one ticket, and what is wrong with it."""

    serial_number: str
    name: str
    fault: str


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address that was typed for the order, and what is wrong with it."""

    email: str
    fault: str


def show_order_page(
    order: Order,
    *,
    status: int = 200,
    alert: str = "",
    basket: TypedBasket | None = None,
    faults: Sequence[FieldFault] = (),
    shortages: Sequence[Shortage] = (),
    typed_name: TypedName | None = None,
    typed_address: TypedAddress | None = None,
) -> Response:
    """The page as it is now, with what was typed and what is wrong with it."""
    now = ports().utc_now()
    tickets = orders.list_tickets(order_id=order.id)
    added = find_added_checkout(order)
    if basket is None:
        basket = basket_of(added) if added else TypedBasket()
    page = render_template(
        "orders/order.html",
        order=order,
        tickets=tickets,
        qr_texts=ticket_texts.list_ticket_texts(tickets, event=order.event, seal=key_seal()),
        money_back=money_back.tell_money_back(order=order),
        refunded_cents=money_back.order_refunded_cents(order=order),
        calendars=calendar_links(order),
        can_rename=ticket_names.can_change_names(event=order.event, now=now),
        rename_until=ticket_names.changes_end_at(order.event),
        can_reissue=reissues.can_reissue(event=order.event, now=now),
        offered_ids=transfers.list_offered_ids(order_id=order.id),
        typed_name=typed_name,
        typed_address=typed_address,
        pass_kinds=pass_kinds(order.event),
        add_ons=add_ons.list_add_ons(
            order=order, now=now, own_checkout_id=added.id if added else None
        ),
        added=added,
        linked_orders=add_ons.list_linked_orders(order_id=order.id),
        first_order=add_ons.find_first_order(order=order),
        may_open=buyer.may_open,
        typed=basket.typed,
        faults={fault.field: sentence_of(fault) for fault in faults},
        shortages=by_tier(shortages),
        form_key=new_form_key(),
        alert=alert,
        is_kept=_is_kept(order),
        **mail_context(order),
    )
    return make_response(page, status)


def find_added_checkout(order: Order) -> Checkout | None:
    """What this browser is about to add to the order: a checkout that may still change."""
    return own_checkouts.find_open_checkout(
        references=buyer.own_references(),
        event_id=order.event_id,
        now=ports().utc_now(),
        added_to=order.id,
    )


def mail_context(order: Order, *, is_alone: bool = False) -> Mapping[str, object]:
    """What the page says about the confirmation mail, from the mail's own row.

    ``is_alone``: it is swapped into a page whose other parts stay as they were.
    """
    mail = resends.find_confirmation(order_id=order.id)
    can_resend = resends.can_resend(order)
    round_no = max(0, request.args.get("round", 0, type=int))
    can_correct = buyer.bought_here(order) and corrections.can_correct_email(
        order, confirmation=mail
    )
    is_waiting = can_resend and _is_under_way(mail) and round_no < len(MAIL_DELAYS)
    return {
        "mail": mail,
        "can_resend": can_resend,
        "has_tickets": any(item.kind is TierKind.TICKET for item in order.items),
        "shows_steps": can_resend and _is_new(order),
        "can_correct": can_correct,
        "is_alone": is_alone,
        "renews_codes": can_correct and corrections.has_arrived(order),
        "delay": MAIL_DELAYS[round_no] if is_waiting else None,
        "next_round": round_no + 1,
    }


def _is_kept(order: Order) -> bool:
    copy = current_copy()
    return copy is not None and wallets.holds_order(wallet_id=copy.wallet_id, order=order)


def _is_under_way(mail: EmailMessage | None) -> bool:
    return mail is None or mail.is_under_way


def _is_new(order: Order) -> bool:
    fulfilled_at = order.fulfilled_at
    return fulfilled_at is not None and ports().utc_now() < fulfilled_at + STEPS_SHOWN_FOR
