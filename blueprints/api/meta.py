"""The description of the API, by the API."""

from flask import Response, jsonify, request

from blueprints.api import bp
from blueprints.api.description import book

DESCRIPTION_SECONDS = 300


@bp.get("/openapi.json")
def show_description() -> Response:
    """OpenAPI 3.1, made from the models that check and answer."""
    response = jsonify(book.spec)
    response.headers["Cache-Control"] = f"public, max-age={DESCRIPTION_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response
