"""The JSON API under ``/api/v1``. It reads no cookie, so it needs no CSRF token."""

from flask import Blueprint, Flask, request

from blueprints.api import problems
from webapp.extensions import csrf

bp = Blueprint("api", __name__, url_prefix="/api/v1")
problems.init_blueprint(bp)
csrf.exempt(bp)

# Fifty lines and a contact need a tenth of it.
MAX_BODY_BYTES = 32 * 1024


@bp.before_request
def limit_size() -> None:
    request.max_content_length = MAX_BODY_BYTES


def init_app(app: Flask) -> None:
    """Serve the API and its description."""
    # The views hang themselves on the blueprint when they are imported.
    from blueprints.api import checkouts, events, meta, orders, payments  # noqa: F401, PLC0415

    app.register_blueprint(bp)
