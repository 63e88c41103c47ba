"""What templates call to write money, moments, addresses and files."""

import hashlib
from datetime import date, datetime
from functools import cache

from flask import Flask, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from blueprints.language import current_language
from webapp import formats
from webapp.config import Settings
from webapp.documents.qr import group_code, qr_svg, ticket_qr_svg
from webapp.domain.basket_marks import basket_mark
from webapp.links import absolute_url
from webapp.models import Event
from webapp.paths import STATIC_DIR

ONE_YEAR_SECONDS = 365 * 24 * 3600


def money(amount_cents: int, currency: str) -> str:
    """An amount of minor units as the reader writes it, such as ``$34.17``."""
    return formats.money_text(amount_cents, currency=currency, locale=current_language())


def money_code(amount_cents: int, currency: str) -> str:
    """The same with the currency's code, such as ``34.17 USD``: no dollar is mistaken."""
    return formats.money_code_text(amount_cents, currency=currency, locale=current_language())


def field_amount(amount_cents: int) -> str:
    """An amount as the reader types it: ``12.50``, in German ``12,50``."""
    return formats.field_amount_text(amount_cents, locale=current_language())


def percent(basis_points: int) -> str:
    """A share of hundredths of a percent as the reader writes it, such as ``12.5%``."""
    return formats.percent_text(basis_points, locale=current_language())


def day(moment: datetime, time_zone: str) -> str:
    """The date where the event is."""
    return formats.day_text(moment, time_zone=time_zone, locale=current_language())


def month(first_day: date) -> str:
    """A month with its year."""
    return formats.month_text(first_day, locale=current_language())


def clock_time(moment: datetime, time_zone: str) -> str:
    """The time of day where the event is, with its zone."""
    return formats.time_text(moment, time_zone=time_zone, locale=current_language())


def event_time(event: Event) -> str:
    """When an event begins and ends, in its own zone."""
    return formats.event_time_text(event, locale=current_language())


def event_lines(event: Event) -> tuple[str, str]:
    """The same on two lines, for where one would break."""
    return formats.span_lines(
        event.starts_at,
        event.ends_at,
        time_zone=event.time_zone,
        locale=current_language(),
    )


def masked_email(address: str) -> str:
    """Enough of an address for its owner: ``g…@example.com``. Links get forwarded."""
    local, _, domain = address.partition("@")
    # The word joiners keep the address in one piece at the end of a line.
    return f"{local[:1]}\u2060…\u2060@{domain}" if domain else ""


def countdown(seconds: int) -> str:
    """Minutes and seconds, as the browser's script writes them too."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def qr(link: str, title: str) -> Markup:
    """Inline SVG of a link; made by us from our own address, hence safe."""
    return Markup(qr_svg(link, title=title))  # noqa: S704 - segno's SVG, title escaped by it


def ticket_qr(text: str, title: str) -> Markup:
    """Inline SVG of a ticket's text, as ``ticket_texts`` gives it."""
    return Markup(ticket_qr_svg(text, title=title))  # noqa: S704 - the same


def asset(filename: str) -> str:
    """The address of a static file, with its content's digest: cached for ever, never stale."""
    return url_for("static", filename=filename, v=_digest(filename))


@cache
def _digest(filename: str) -> str:
    return hashlib.sha256((STATIC_DIR / filename).read_bytes()).hexdigest()[:10]


def init_app(app: Flask) -> None:
    """Give the templates their filters; a missing variable is a bug, never an empty place."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(
        money=money,
        money_code=money_code,
        amount=formats.decimal_text,
        field_amount=field_amount,
        percent=percent,
        day=day,
        month=month,
        clock_time=clock_time,
        event_time=event_time,
        event_lines=event_lines,
        masked_email=masked_email,
        countdown=countdown,
        group_code=group_code,
        qr=qr,
        ticket_qr=ticket_qr,
        basket_mark=basket_mark,
    )
    settings: Settings = app.extensions["settings"]
    app.jinja_env.globals.update(
        asset=asset,
        absolute_url=absolute_url,
        language=current_language,
        organisation_name=settings.organisation_name,
        support_email=settings.support_email,
    )
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ONE_YEAR_SECONDS
