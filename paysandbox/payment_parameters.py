"""The parameters that paying calls accept; what is not listed here is refused."""

from paysandbox.endpoint import METADATA_ONLY
from paysandbox.parameters import (
    Kind,
    accepted,
    boolean,
    currency,
    integer,
    list_of,
    metadata,
    nested,
    one_of,
    text,
    url,
)

FUTURE_USAGE = one_of("on_session", "off_session", "")
_CUSTOM_TEXT = nested({"message": text(1200)}, required=("message",))
_PRODUCT_DATA = nested(
    {"name": text(), "description": text(40000), "images": list_of(text(2048), 8),
     "metadata": metadata, "tax_code": text(), "unit_label": text()},
    required=("name",),
)  # fmt: skip
_LINE_ITEM = nested(
    {
        "price": text(),
        "price_data": nested(
            {
                "currency": currency,
                "product": text(),
                "product_data": _PRODUCT_DATA,
                "tax_behavior": one_of("exclusive", "inclusive", "unspecified"),
                "unit_amount": integer,
                "unit_amount_decimal": text(),
            },
            required=("currency",),
        ),
        "quantity": integer,
        "metadata": metadata,
        "adjustable_quantity": accepted,
        "tax_rates": accepted,
    }
)
_INTENT_DATA = nested(
    {
        "capture_method": one_of("automatic", "automatic_async"),
        "description": text(1000),
        "metadata": metadata,
        "receipt_email": text(512),
        "setup_future_usage": FUTURE_USAGE,
        "shipping": accepted,
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
    }
)
_SAVED_METHOD_OPTIONS = nested(
    {
        "allow_redisplay_filters": list_of(one_of("always", "limited", "unspecified")),
        "payment_method_remove": one_of("disabled", "enabled"),
        "payment_method_save": one_of("disabled", "enabled"),
    }
)
_BRANDING = nested(
    {
        "background_color": text(),
        "border_style": one_of("pill", "rectangular", "rounded", ""),
        "button_color": text(),
        "display_name": text(),
        "font_family": text(),
        "icon": accepted,
        "logo": accepted,
    }
)
_CONSENT = nested(
    {
        "payment_method_reuse_agreement": nested({"position": one_of("auto", "hidden")}),
        "promotions": one_of("auto", "none"),
        "terms_of_service": one_of("none", "required"),
    }
)
_NAME = nested({"enabled": boolean, "optional": boolean}, required=("enabled",))
_METHOD_OPTIONS = nested(
    {
        "card": nested(
            {
                "request_three_d_secure": one_of("any", "automatic", "challenge"),
                "setup_future_usage": one_of("none", "off_session", "on_session"),
            }
        ),
        "link": nested({"setup_future_usage": one_of("none", "off_session")}),
        "sepa_debit": nested({"setup_future_usage": one_of("none", "off_session", "on_session")}),
    }
)
SESSION_CREATE: dict[str, Kind] = {
    **METADATA_ONLY,
    "adaptive_pricing": nested({"enabled": boolean}),
    "allow_promotion_codes": boolean,
    "allowed_payment_method_types": list_of(text()),
    "automatic_tax": accepted,
    "billing_address_collection": one_of("auto", "required"),
    "branding_settings": _BRANDING,
    "cancel_url": url,
    "client_reference_id": text(200),
    "consent_collection": _CONSENT,
    "currency": currency,
    "custom_text": nested(
        dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
            _CUSTOM_TEXT,
        )
    ),
    "customer": text(),
    "customer_creation": one_of("always", "if_required"),
    "customer_email": text(800),
    "customer_update": accepted,
    "excluded_payment_method_types": list_of(text()),
    "expires_at": integer,
    "integration_identifier": text(),
    "line_items": list_of(_LINE_ITEM),
    "locale": text(10),
    "mode": one_of("payment", "setup", "subscription"),
    "name_collection": nested({"business": _NAME, "individual": _NAME}),
    "origin_context": one_of("mobile_app", "web"),
    "payment_intent_data": _INTENT_DATA,
    "payment_method_options": _METHOD_OPTIONS,
    "phone_number_collection": nested({"enabled": boolean}),
    "saved_payment_method_options": _SAVED_METHOD_OPTIONS,
    "submit_type": one_of("auto", "book", "donate", "pay", "subscribe"),
    "success_url": url,
    # The names before the dahlia release ("hosted", "embedded", "custom") are refused.
    "ui_mode": one_of("elements", "embedded_page", "form", "hosted_page"),
    "wallet_options": nested({"link": nested({"display": one_of("auto", "never")})}),
}
REDISPLAY = one_of("always", "limited", "unspecified")
BILLING = nested(
    {"address": accepted, "email": text(), "name": text(), "phone": text(), "tax_id": text()}
)
CARD_METHOD: dict[str, Kind] = {
    "allow_redisplay": REDISPLAY,
    "billing_details": BILLING,
    "card": nested(
        {
            "cvc": text(),
            "exp_month": integer,
            "exp_year": integer,
            "number": text(),
            "token": text(),
        }
    ),
    "type": text(),
}
CONFIRMATION: dict[str, Kind] = {
    "error_on_requires_action": boolean,
    "mandate_data": accepted,
    "off_session": boolean,
    "payment_method_options": _METHOD_OPTIONS,
    "radar_options": accepted,
    "return_url": url,
    "use_stripe_sdk": boolean,
}
INTENT_CHANGE: dict[str, Kind] = {
    **METADATA_ONLY,
    "allowed_payment_method_types": list_of(text()),
    "amount": integer,
    "currency": currency,
    "customer": text(),
    "description": text(1000),
    "excluded_payment_method_types": list_of(text()),
    "payment_details": accepted,
    "payment_method": text(),
    "payment_method_options": _METHOD_OPTIONS,
    "receipt_email": text(512),
    "setup_future_usage": FUTURE_USAGE,
    "shipping": accepted,
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
}


SETUP_CREATE: dict[str, Kind] = {
    **METADATA_ONLY,
    "allowed_payment_method_types": list_of(text()),
    "automatic_payment_methods": accepted,
    "confirm": boolean,
    "customer": text(),
    "description": text(1000),
    "excluded_payment_method_types": list_of(text()),
    "payment_method": text(),
    "payment_method_options": _METHOD_OPTIONS,
    "return_url": url,
    "usage": one_of("off_session", "on_session"),
}
