"""HTTP in, answers out. The order of the guards is the order of their checks."""

from flask import Flask

from blueprints import (
    api,
    checkout,
    checkout_code,  # noqa: F401  (hangs its views on the checkout blueprint)
    checkout_details,  # noqa: F401  (the same)
    checkout_payment,  # noqa: F401  (the same)
    checkout_presence,  # noqa: F401  (the same)
    errors,
    event_codes,  # noqa: F401  (hangs its views on the events blueprint)
    event_languages,  # noqa: F401  (the same)
    event_pages,
    events,
    filters,
    handover,  # noqa: F401  (hangs its views on the checkout blueprint)
    health,
    htmx,
    language,
    order_changes,  # noqa: F401  (hangs its views on the orders blueprint)
    order_lookups,  # noqa: F401  (the same)
    orders,
    pass_service,
    passes,
    posters,
    pwa,
    rate_limits,
    security,
    styleguide,
    ticket_keys,
    transfer_claims,  # noqa: F401  (hangs its views on the transfers blueprint)
    transfers,
    wallet,
    wallet_copies,  # noqa: F401  (hangs its views on the wallet blueprint)
    wallet_copy,
    wallet_files,  # noqa: F401  (hangs its views on the wallet blueprint)
    wallet_keeping,  # noqa: F401  (the same)
    wallet_pairing,  # noqa: F401  (the same)
    wallet_push,  # noqa: F401  (the same)
    webhooks,
)
from webapp.extensions import csrf


def register_blueprints(app: Flask) -> None:
    """Put every guard and every view on the application."""
    # Hosts, foreign sites and rates are cheap to check, tokens come after them.
    security.init_app(app)
    rate_limits.init_app(app)
    # Reads the whole form: not for callers that come too often.
    app.before_request(security.refuse_unstorable_form)
    csrf.init_app(app)
    wallet_copy.init_app(app)
    language.init_app(app)
    filters.init_app(app)
    htmx.init_app(app)
    errors.init_app(app)
    event_pages.init_app(app)
    posters.init_app(app)
    pwa.init_app(app)
    styleguide.init_app(app)
    health.init_app(app)
    webhooks.init_app(app)
    pass_service.init_app(app)
    api.init_app(app)
    app.register_blueprint(events.bp)
    app.register_blueprint(checkout.bp)
    app.register_blueprint(orders.bp)
    app.register_blueprint(passes.bp)
    app.register_blueprint(wallet.bp)
    app.register_blueprint(ticket_keys.bp)
    app.register_blueprint(transfers.bp)
