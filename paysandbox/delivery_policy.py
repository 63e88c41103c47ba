"""How notices go out: what a test may bend about deliveries."""

import random
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from paysandbox.errors import invalid_parameter

_Item = TypeVar("_Item")
_CHOICES = {"mode": ("auto", "manual"), "order": ("fifo", "reverse", "shuffle")}


@dataclass(frozen=True)
class DeliveryPolicy:
    """``duplicate`` is the number of extra copies of each notice, sent side by side.

    ``drop`` lists event types that never arrive by themselves; ``retry_s`` is the
    first back-off, doubled per attempt.
    """

    mode: str = "auto"
    order: str = "fifo"
    seed: int = 0
    duplicate: int = 0
    drop: tuple[str, ...] = ()
    delay_s: float = 0
    corrupt_signature: bool = False
    old_timestamp: bool = False
    retry_s: float = 1

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "DeliveryPolicy":
        """A whole new policy: what is not named goes back to its default."""
        known = {field.name for field in fields(cls)}
        for name, value in body.items():
            if name not in known:
                raise invalid_parameter(name, f"Unknown delivery setting: {name}")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise invalid_parameter(name, f"{name} must be one of {_CHOICES[name]}")
        values = {name: value for name, value in body.items() if value is not None}
        return cls(**values | {"drop": tuple(values.get("drop", ()))})

    def arrange(self, items: list[_Item]) -> list[_Item]:
        if self.order == "reverse":
            return items[::-1]
        if self.order == "shuffle":
            shuffled = items.copy()
            random.Random(self.seed).shuffle(shuffled)  # noqa: S311 - repeatable on purpose
            return shuffled
        return items
