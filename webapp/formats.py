"""Money and moments as people read them, in their language."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_percent, get_decimal_symbol

from webapp.models import Event

# Before the end of a range.
_TO = "– "  # noqa: RUF001 - a range, set as one


def money_text(amount_cents: int, *, currency: str, locale: str) -> str:
    """Minor units of a two-decimal currency, such as ``$34.17``.

    Always with its hundredths: of some currencies people use none any more, but
    the gateway takes them, and what is shown is what is paid.
    """
    amount = Decimal(amount_cents) / 100
    return format_currency(amount, currency, locale=locale, currency_digits=False)


def money_code_text(amount_cents: int, *, currency: str, locale: str) -> str:
    """The same with the currency's code, such as ``34.17 USD``: no dollar is mistaken."""
    return format_currency(
        Decimal(amount_cents) / 100,
        currency,
        format="#,##0.00\N{NO-BREAK SPACE}¤¤",
        locale=locale,
    )


def percent_text(basis_points: int, *, locale: str) -> str:
    """A share of hundredths of a percent, such as ``12.5%``."""
    share = Decimal(basis_points) / 10_000
    return format_percent(share, locale=locale, decimal_quantization=False)


def decimal_text(amount_cents: int) -> str:
    """A plain decimal for programs that read a page: ``12.50``, ``12``."""
    whole, cents = divmod(amount_cents, 100)
    return f"{whole}.{cents:02d}" if cents else str(whole)


def field_amount_text(amount_cents: int, *, locale: str) -> str:
    """The same with the decimal sign of the language, as somebody would type it."""
    return decimal_text(amount_cents).replace(".", get_decimal_symbol(locale))


def day_text(moment: datetime, *, time_zone: str, locale: str) -> str:
    """The weekday and date of ``moment`` where the event is."""
    return format_date(moment.astimezone(ZoneInfo(time_zone)).date(), "full", locale=locale)


def month_text(month: date, *, locale: str) -> str:
    """The month and year of a date, such as ``March 2027``."""
    return format_skeleton("yMMMM", month, locale=locale)


def time_text(moment: datetime, *, time_zone: str, locale: str) -> str:
    """The time of day where the event is, with the zone's short name."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{format_time(local, 'short', locale=locale)} {local:%Z}"


def place_text(event: Event) -> str:
    """Where an event is; one line."""
    return f"{event.venue_name}, {event.venue_address}"


def event_time_text(event: Event, *, locale: str) -> str:
    """When an event begins and ends, in its own zone; one line."""
    return span_text(event.starts_at, event.ends_at, time_zone=event.time_zone, locale=locale)


def span_text(starts_at: datetime, ends_at: datetime, *, time_zone: str, locale: str) -> str:
    """From when to when, on the clocks of ``time_zone``; one line."""
    lines = span_lines(starts_at, ends_at, time_zone=time_zone, locale=locale)
    return (" " if lines[1].startswith(_TO) else ", ").join(lines)


def span_lines(
    starts_at: datetime, ends_at: datetime, *, time_zone: str, locale: str
) -> tuple[str, str]:
    """The same on two lines, so that neither breaks: the day and its hours, or both moments."""
    first = day_text(starts_at, time_zone=time_zone, locale=locale)
    last = day_text(ends_at, time_zone=time_zone, locale=locale)
    begins = time_text(starts_at, time_zone=time_zone, locale=locale)
    ends = time_text(ends_at, time_zone=time_zone, locale=locale)
    lasts_overnight = (ends_at - starts_at).total_seconds() < 24 * 3600
    if first == last or lasts_overnight:
        return first, f"{begins} {_TO}{ends}"
    return f"{first}, {begins}", f"{_TO}{last}, {ends}"
