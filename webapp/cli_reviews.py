"""The commands for orders that no rule may decide: ``flask --app webapp COMMAND``."""

from collections.abc import Mapping

import click
from flask.cli import with_appcontext

from webapp.domain import orders, reviews
from webapp.domain.reviews import Money, Review
from webapp.domain.verdicts import VERDICTS, CannotDecide, Obstacle
from webapp.errors import NotFound
from webapp.flows.reviews import decide_review
from webapp.formats import money_code_text
from webapp.models import OrderStatus
from webapp.payment_refusals import PaymentPending, PaymentUnavailable
from webapp.ports import (
    GatewayKeyRefused,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
    ports,
)

REASONS = {
    "amount_differs": "The gateway took another amount than was asked for.",
    "currency_differs": "The gateway took another currency than was asked for.",
    "livemode_differs": "The gateway took test money for a real order, or real for a test.",
    "order_changed": "Money came for an older basket: the order costs something else by now.",
    "paid_during_review": "More money came while a person looked at the order.",
    "refund_failed": "A refund failed: the buyer's bank sent the money back to us.",
    reviews.BEYOND_THE_PRICE: "It is paid and its tickets are valid, but more money than its price"
    " is here: a refund failed, or the money came in another currency or mode.",
}
OBSTACLES = {
    Obstacle.NOT_IN_REVIEW: "Order {number} is {status}, so there is nothing to decide. See"
    " `flask list-reviews`.",
    Obstacle.PAYMENT_UNDER_WAY: "Another payment of order {number} is still under way at the"
    " buyer's bank. Decide when it has ended.",
    Obstacle.NOTHING_KEPT: "Nothing of the money of order {number} is here, or all of it is on its"
    " way back. Use `flask resolve-order {number} cancelled`.",
    Obstacle.TOO_MUCH_KEPT: "More than the price of order {number} is here: {money}. Give the rest"
    " back on the gateway's own pages, then repeat this.",
    Obstacle.TICKETS_ENDED: "The tickets of order {number} ended when its money went back, and"
    " cannot be made valid again. Use `cancelled`, or `refunded` once you have sent the money"
    " another way.",
    Obstacle.EVENT_CALLED_OFF: "The event of order {number} does not take place. Use"
    " `flask resolve-order {number} cancelled`: all of the money goes back.",
    Obstacle.BASKET_CHANGED: "The buyer changed the basket after order {number} was made, so the"
    " places held are not those of its tickets. Use `flask resolve-order {number} cancelled`: all"
    " of the money goes back, and the buyer may order again.",
    Obstacle.NO_PLACES: "The places of order {number} are not there any more. Make room in its"
    " pools, or use `flask resolve-order {number} cancelled`: all of the money goes back.",
}
UNREACHABLE = "The gateway did not answer, and nothing was changed. Try again in a minute."
KEY_REFUSED = (
    "The gateway does not take the key in STRIPE_SECRET_KEY, and nothing was changed. Put the right"
    " key back, then repeat this."
)
UNKNOWN = (
    "The gateway's account does not know a payment of order {number}, and nothing was decided. Most"
    " likely STRIPE_SECRET_KEY is the key of another account: put the right key back, then repeat"
    " this. If that account is gone for good, send the money another way, then use"
    " `flask resolve-order {number} refunded`: it works once no payment page of the order is open."
)
REFUSED = (
    "The gateway refused to say what became of order {number}, and nothing was decided. Look at its"
    " payments on the gateway's own pages, and whether STRIPE_SECRET_KEY may read them."
)
PENDING = (
    "The buyer paid on another page of order {number} just now, and nothing was changed. Look at"
    " `flask list-reviews` and decide again."
)
DONE = {
    OrderStatus.PAID: "Order {number} is paid: its tickets are made and mailed within seconds.",
    OrderStatus.CANCELLED: "Order {number} is cancelled, its places are free, and what is here of"
    " the money ({money}) goes back through the gateway. The buyer gets a mail when it has"
    " gone. Should it fail, the order comes back to `flask list-reviews` or its refund to"
    " `flask list-dead-work`.",
    OrderStatus.REFUNDED: "Order {number} is refunded, its places are free, and {money} is noted as"
    " sent back another way. The gateway was asked for nothing, and no mail was sent.",
}
STANDS = (
    "Order {number} is paid, as it was before: its tickets were made and mailed then, and nobody"
    " gets a mail now."
)


@click.command("list-reviews")
@with_appcontext
def list_reviews() -> None:
    """Show the orders that wait for a person: why, for what money, and what to do."""
    waiting = reviews.list_reviews()
    for review in waiting:
        print(f"{review.number}  since {review.since:%Y-%m-%d %H:%M} UTC")
        print(f"  why       {REASONS.get(review.reason, review.reason)}")
        print(f"  expected  {_amount(review.expected_cents, review.currency)}")
        print(f"  seen      {_seen(review.money)}")
        print(f"  next      {_next_step(review)}")
    print(f"{len(waiting)} order(s) wait for a person.")


@click.command("resolve-order")
@click.argument("number")
@click.argument("verdict", type=click.Choice([verdict.value for verdict in VERDICTS]))
@click.option("--who", required=True, help="Who decides, as colleagues know them.")
@click.option("--why", required=True, help="Why, in a sentence without the buyer's data.")
@with_appcontext
def decide_order(number: str, verdict: str, who: str, why: str) -> None:
    """End the review of the order NUMBER. Safe to repeat.

    paid: it stands for the money that is here, with its tickets. cancelled: its places
    are free and all that is here goes back through the gateway. refunded: the same
    after you have sent the money back another way.
    """
    if not who.strip() or not why.strip():
        raise click.ClickException("Say who decides and why: both stay on the trail.")
    wanted = OrderStatus(verdict)
    try:
        money = decide_review(number=number, verdict=wanted, who=who, why=why, ports=ports())
    except NotFound:
        raise click.ClickException(f"There is no order {number}.") from None
    except (GatewayUnavailable, GatewayRefused, PaymentUnavailable) as fault:
        raise click.ClickException(_silence(fault).format(number=number)) from None
    except PaymentPending:
        raise click.ClickException(PENDING.format(number=number)) from None
    except CannotDecide as refusal:
        raise click.ClickException(_sentence(number, refusal.obstacle)) from None
    if money is None:
        print(f"Order {number} was resolved as {verdict} before: nothing was changed.")
    else:
        done = STANDS if _stands_as_before(number, wanted) else DONE[wanted]
        print(done.format(number=number, money=_kept(money)))


def _silence(fault: Exception) -> str:
    """Why the gateway did not tell, and what helps: only silence passes by itself."""
    # A page that could not be closed: the gateway's own fault is behind it.
    cause = fault.__cause__ if isinstance(fault, PaymentUnavailable) else fault
    match cause:
        case GatewayKeyRefused():
            return KEY_REFUSED
        case GatewayUnknown():
            return UNKNOWN
        case GatewayRefused():
            return REFUSED
        case _:
            return UNREACHABLE


def _sentence(number: str, obstacle: Obstacle) -> str:
    order = orders.get_order(number=number)
    money = _kept(reviews.count_money(order_id=order.id))
    return OBSTACLES[obstacle].format(number=number, status=order.status.value, money=money)


def _stands_as_before(number: str, verdict: OrderStatus) -> bool:
    """Whether the order keeps the tickets that it had before the review."""
    is_fulfilled = orders.get_order(number=number).fulfilled_at is not None
    return verdict is OrderStatus.PAID and is_fulfilled


def _next_step(review: Review) -> str:
    """What a person may do with the money as it is."""
    command = f"`flask resolve-order {review.number}"
    back = f"{command} cancelled` gives all of it back"
    if not any(each.kept_cents > 0 for each in review.money.values()):
        return f"Nothing is here: {command} cancelled`."
    if review.reason == reviews.BEYOND_THE_PRICE:
        return (
            "Give what is too much back on the gateway's own pages. The order stays paid, and"
            " leaves this list when the gateway has told of it."
        )
    if review.is_basket_changed:
        return f"The buyer changed the basket meanwhile, so it cannot stand. {back}."
    if review.reason == "refund_failed":
        return _after_failed_refund(review, command, back)
    if review.has_too_much:
        return (
            "Give what is too much back on the gateway's own pages, then"
            f" {command} paid`. Or {back}."
        )
    return f"{command} paid` takes what is here for the price. Or {back}."


def _after_failed_refund(review: Review, command: str, back: str) -> str:
    if not review.has_valid_tickets:
        return (
            "Agree with the buyer how the money gets there, send it, then"
            f" {command} refunded`. Or {back} through the gateway once more."
        )
    first = (
        "give what is too much back on the gateway's own pages"
        if review.has_too_much
        else "send the part that came back in another way"
    )
    return (
        f"Its tickets are valid. To leave them so, {first}, then {command} paid`. `cancelled` and"
        " `refunded` end its tickets: use them only when all of the money is to go back."
    )


def _seen(money: Mapping[str, Money]) -> str:
    parts = []
    for currency, each in money.items():
        parts.append(f"{_amount(each.taken_cents, currency)} taken")
        if each.returned_cents:
            parts.append(f"{_amount(each.returned_cents, currency)} went back")
        if each.returning_cents:
            parts.append(f"{_amount(each.returning_cents, currency)} is on its way back")
    return ", ".join(parts) or "nothing taken"


def _kept(money: Mapping[str, Money]) -> str:
    kept = [_amount(each.kept_cents, name) for name, each in money.items() if each.kept_cents > 0]
    return " and ".join(kept) or "nothing"


def _amount(cents: int, currency: str) -> str:
    return money_code_text(cents, currency=currency, locale="en").replace("\N{NO-BREAK SPACE}", " ")
