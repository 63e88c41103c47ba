"""Keyed requests: sent twice, done once, answered the same."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from flask import request
from pydantic import BaseModel

from blueprints.api.bodies import check
from blueprints.api.schemas import CheckoutHeaders
from blueprints.callers import caller_key
from webapp.domain import idempotency
from webapp.errors import FieldFault, InvalidRequest
from webapp.wording import n_

HEADER = "Idempotency-Key"
KEY_RULE = n_("Send 16 to 255 visible ASCII characters, such as a random UUID.")

Document = TypeVar("Document", bound=BaseModel)
# Keeps an answer, within the transaction that has its effect.
Keep = Callable[[BaseModel], None]


def sent_key() -> str | None:
    """The Idempotency-Key header, if there is one. Raises :class:`InvalidRequest`.

    A short key is refused: another caller behind the same address might think
    of it, too, and would get this caller's checkout.
    """
    headers = {name: request.headers[name] for name in (HEADER,) if name in request.headers}
    try:
        return check(CheckoutHeaders, headers).idempotency_key
    except InvalidRequest:
        raise InvalidRequest([FieldFault(HEADER, KEY_RULE)]) from None


def answer_once(
    key: str | None,
    body: BaseModel,
    *,
    make: Callable[[Keep], Document],
    repeat: Callable[[Mapping[str, object]], Document],
    secrets: set[str],
    now: datetime,
) -> Document:
    """What ``make`` answers, or what it answered before under the same key.

    Without a key nothing is kept, and every call is a first one.
    To be called within the transaction that has the effect, so that the answer
    is kept exactly when the effect is; ``make`` calls what it is given with
    its answer, as early as it knows it. Members named in ``secrets`` are not
    stored; ``repeat`` puts them back. Keys of one caller mean nothing to another.
    """
    if key is None:
        return make(lambda _: None)
    scope = hashlib.sha256(f"{request.endpoint}:{caller_key()}".encode()).hexdigest()
    request_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    saved = idempotency.claim_key(scope=scope, key=key, request_hash=request_hash)
    if saved is not None:
        return repeat(saved.answer)

    def keep(document: BaseModel) -> None:
        idempotency.save_answer(
            scope=scope,
            key=key,
            request_hash=request_hash,
            status_code=201,
            answer=document.model_dump(mode="json", exclude=secrets),
            now=now,
        )

    return make(keep)
