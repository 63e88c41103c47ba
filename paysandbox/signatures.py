"""How notices are signed: Stripe's scheme for payments, Svix's for mail."""

import base64
import hashlib
import hmac


def stripe_signature(body: str, secret: str, signed_at: int) -> str:
    """The ``Stripe-Signature`` header (https://docs.stripe.com/webhooks/signature)."""
    signed = f"{signed_at}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={signed_at},v1={digest}"


def svix_signature(body: str, secret: str, message_id: str, signed_at: int) -> str:
    """The ``svix-signature`` header (https://docs.svix.com/receiving/verifying-payloads/how-manual)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{signed_at}.{body}".encode()
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
