"""Stripe's own words that we use: what says that money came, and what buyers may pay with."""

# Those that say nothing but that money came: a purchase brings two of them.
SUCCESS_TYPES = frozenset(
    {
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "payment_intent.succeeded",
    }
)

# Methods that say yes or no while the buyer waits. A seat is never kept for days
# on the promise of a bank transfer unless the installation asks for that.
INSTANT_METHODS = (
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "amazon_pay",
    "bancontact",
    "blik",
    "card",
    "cashapp",
    "eps",
    "ideal",
    "klarna",
    "link",
    "mobilepay",
    "p24",
    "paypal",
    "revolut_pay",
    "satispay",
    "swish",
    "twint",
    "wechat_pay",
)

# Languages of the payment page that an order may be in; others are left to the browser.
PAGE_LOCALES = frozenset({"de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "sv"})
