"""One endpoint of the Stripe API: its address, what it accepts and who answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from paysandbox.parameters import Kind, Schema, list_of, metadata, parse_parameters, text
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json, Store


@dataclass(frozen=True)
class Call:
    """A call that passed the checks. ``pages_url`` is where the caller reached the sandbox."""

    box: Sandbox
    params: Json
    ids: tuple[str, ...]
    pages_url: str

    @property
    def store(self) -> Store:
        return self.box.store

    @property
    def id(self) -> str:
        return self.ids[0]


EXPAND: dict[str, Kind] = {"expand": list_of(text())}
METADATA_ONLY: dict[str, Kind] = {**EXPAND, "metadata": metadata}


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    answer: Callable[[Call], Json]
    accepts: Schema = field(default_factory=dict)
    requires: tuple[str, ...] = ()

    def parse(self, raw: dict[str, Any]) -> Json:
        return parse_parameters(raw, self.accepts, required=self.requires)

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{\w+\}", "([^/]+)", self.path))


def get(kind: str) -> Callable[[Call], Json]:
    """The answer of every plain "retrieve"."""
    return lambda call: call.store.get(kind, call.id)
