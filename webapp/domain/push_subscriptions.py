"""Browsers whose person asked to be told: one subscription a copy of a wallet."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import PushMessage, PushSubscription, WalletCopy
from webapp.wallet_refusals import WalletNotConnected
from webapp.wording import n_

SECRET_BYTES = 16
# Both keys in base64url; the longer has 65 bytes.
MOST_CHARACTERS = 120


def subscribe(
    *,
    wallet_copy_id: int,
    endpoint: str,
    p256dh: str,
    auth: str,
    locale: str,
    accepts: Callable[[str], bool],
    now: datetime,
) -> None:
    """Let the copy's browser be told at ``endpoint``, and nowhere else any more.

    ``accepts`` says whether an address may be called at all. Safe to repeat. An
    address that another copy had is this copy's now: only the browser knows it.
    Raises :class:`InvalidRequest` for what no browser sends, and
    :class:`WalletNotConnected` when the copy has ended meanwhile.
    """
    if not accepts(endpoint):
        sentence = n_("This browser's push service is not known here. Use the mails instead.")
        raise InvalidRequest([FieldFault("endpoint", sentence)])
    if not (_is_public_key(p256dh) and _is_secret(auth)):
        sentence = n_("The browser's keys cannot be used. Switch the messages off and on again.")
        raise InvalidRequest([FieldFault("keys", sentence)])
    # Two tabs at once: one after the other, and the later one's address stays.
    own = (WalletCopy.id == wallet_copy_id) & WalletCopy.removed_at.is_(None)
    if db.session.scalar(select(WalletCopy.id).where(own).with_for_update()) is None:
        raise WalletNotConnected
    others = (PushSubscription.wallet_copy_id == wallet_copy_id) & (
        PushSubscription.endpoint != endpoint
    )
    db.session.execute(delete(PushSubscription).where(others))
    values = {
        "wallet_copy_id": wallet_copy_id,
        "p256dh": p256dh,
        "auth": auth,
        "locale": locale,
        "failed_at": None,
    }
    db.session.execute(
        insert(PushSubscription)
        .values(endpoint=endpoint, created_at=now, **values)
        .on_conflict_do_update(index_elements=["endpoint"], set_=values)
    )


def unsubscribe(*, wallet_copy_id: int) -> None:
    """Tell the copy's browser nothing any more. Safe to repeat."""
    db.session.execute(
        delete(PushSubscription).where(PushSubscription.wallet_copy_id == wallet_copy_id)
    )


def forget_subscription(*, push_message_id: int) -> None:
    """End the subscription of a message with all its messages: its browser takes none any more."""
    owner = select(PushMessage.subscription_id).where(PushMessage.id == push_message_id)
    db.session.execute(delete(PushSubscription).where(PushSubscription.id.in_(owner)))


def _is_public_key(text: str) -> bool:
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decode(text))
    except ValueError:
        return False
    return True


def _is_secret(text: str) -> bool:
    try:
        return len(_decode(text)) == SECRET_BYTES
    except ValueError:
        return False


def _decode(text: str) -> bytes:
    """The bytes of a base64url text. Raises ``ValueError`` for anything else."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError("too long")
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
