"""The public keys of tickets, for verifiers of our own and of others."""

import base64

from flask import Blueprint, Response, jsonify, request

from webapp.domain import signing_keys
from webapp.domain.signing_keys import Keyring
from webapp.models import SigningKey

bp = Blueprint("ticket_keys", __name__)

# A retired key is known within minutes; a crowd of doors asks caches in between.
MAX_AGE_SECONDS = 300


@bp.get("/.well-known/yardpass-ticket-keys.json")
def show_ticket_keys() -> Response:
    """Every key, retired ones included. See docs/ticket-format.md."""
    ring = signing_keys.read_keyring()
    response = jsonify(
        format="yardpass-ticket-1", keys=[key_document(key, ring) for key in ring.keys]
    )
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    # Public by nature: a page of another origin may verify tickets with them.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


def key_document(key: SigningKey, ring: Keyring) -> dict[str, object]:
    public_key = base64.urlsafe_b64encode(key.public_key).rstrip(b"=").decode()
    return {
        "key_no": key.key_no,
        "status": ring.status_of(key),
        "public_key": public_key,
        "jwk": {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": public_key,
            "alg": "EdDSA",
            "use": "sig",
            "kid": str(key.key_no),
        },
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
    }
