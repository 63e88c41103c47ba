"""Which amounts the gateway takes. Source: https://docs.stripe.com/currencies."""

from paysandbox.errors import ApiError

# Smallest charge per currency in its minor unit, where it is not 0.50.
_MINIMUM_AMOUNTS = {"gbp": 30, "jpy": 50, "dkk": 250, "nok": 300, "sek": 300, "pln": 200,
                    "czk": 1500, "huf": 17500, "hkd": 400, "mxn": 1000}  # fmt: skip
_USUAL_MINIMUM = 50
_MAXIMUM_AMOUNT = 99_999_999
ZERO_DECIMAL = {
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga",
    "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf",
}  # fmt: skip


def check_amount(amount: int, currency: str, *, param: str) -> None:
    minimum = _MINIMUM_AMOUNTS.get(currency, _USUAL_MINIMUM)
    if amount < minimum:
        raise ApiError(
            400,
            f"Amount must be at least {format_amount(minimum, currency)}.",
            code="amount_too_small",
            param=param,
        )
    if amount > _MAXIMUM_AMOUNT:
        raise ApiError(
            400,
            f"Amount must be no more than {format_amount(_MAXIMUM_AMOUNT, currency)}.",
            code="amount_too_large",
            param=param,
        )


def format_amount(amount: int, currency: str) -> str:
    if currency in ZERO_DECIMAL:
        return f"{amount} {currency.upper()}"
    return f"{amount // 100}.{amount % 100:02d} {currency.upper()}"
