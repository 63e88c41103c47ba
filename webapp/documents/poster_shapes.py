"""What posters are drawn with: four shapes, and dice that fall alike for the same event.

Lengths are in units of a sheet of :data:`WIDTH` by :data:`HEIGHT`, angles in degrees,
clockwise from the right.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

WIDTH = 1200
HEIGHT = 900
Point = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Disc:
    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a disc between two angles, less than a whole turn."""

    x: float
    y: float
    radius: float
    begins: float
    ends: float
    fill: str


@dataclass(frozen=True, slots=True)
class Polygon:
    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Letters:
    """A text from ``x`` on the line ``y``, ``size`` per em; cut off outside ``within``."""

    text: str
    x: float
    y: float
    size: float
    fill: str
    within: Disc | None = None


Shape = Disc | Slice | Polygon | Letters


def box(x: float, y: float, width: float, height: float, fill: str) -> Polygon:
    """An upright rectangle."""
    right, bottom = x + width, y + height
    return Polygon(((x, y), (right, y), (right, bottom), (x, bottom)), fill)


class Dice:
    """Numbers that look thrown and are always the same for the same word."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._throws = 0

    def between(self, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        self._throws += 1
        digest = hashlib.sha256(f"{self._word}/{self._throws}".encode()).digest()
        return low + (high - low) * int.from_bytes(digest[:4], "big") / 0xFFFFFFFF

    def pick(self, choices: Sequence[T]) -> T:
        """One of ``choices``."""
        return choices[min(int(self.between(0, len(choices))), len(choices) - 1)]


def point_on(shape: Slice, degrees: float) -> Point:
    """Where the rim of a slice's disc is at an angle."""
    angle = math.radians(degrees)
    return shape.x + shape.radius * math.cos(angle), shape.y + shape.radius * math.sin(angle)
