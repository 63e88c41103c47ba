"""Seven ways to compose a poster out of a name and its inks."""

import math
from collections.abc import Callable, Iterator, Mapping

from webapp.documents.poster_colours import Inks
from webapp.documents.poster_lettering import text_width
from webapp.documents.poster_shapes import (
    HEIGHT,
    WIDTH,
    Dice,
    Disc,
    Letters,
    Polygon,
    Shape,
    Slice,
    box,
)

Composition = Callable[[str, Inks, Dice], Iterator[Shape]]


def sunburst(_title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """Rays around a low sun, and hills before it."""
    x, y = dice.between(0.3, 0.7) * WIDTH, dice.between(0.5, 0.62) * HEIGHT
    rays = int(dice.between(11, 17))
    yield box(0, 0, WIDTH, HEIGHT, inks.glow)
    step = 360 / (2 * rays)
    for ray in range(rays):
        begins = 2 * ray * step
        yield Slice(x, y, 1400, begins, begins + step, inks.pop)
    for radius, fill in ((330, inks.pale), (285, inks.main), (170, inks.shade)):
        yield Disc(x, y, radius, fill)
    for height, fill in ((190, inks.shade), (105, inks.deep)):
        yield _wave(HEIGHT - height, dice.between(40, 80), dice.between(0, 6), fill)


def tiles(_title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """Square tiles, each with a cut of a circle."""
    size = 300
    grounds = (inks.main, inks.deep, inks.pale, inks.glow, inks.shade)
    last = ""
    for row in range(HEIGHT // size):
        for column in range(WIDTH // size):
            ground = dice.pick([each for each in grounds if each != last])
            last = ground
            on_top = inks.deep if ground in {inks.pale, inks.glow} else inks.pale
            x, y = column * size, row * size
            yield box(x, y, size, size, ground)
            yield from _tile(x, y, size, dice, (on_top, inks.pop))


def letter(title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """The initial, far too large for the sheet, before dots and a moon."""
    yield box(0, 0, WIDTH, HEIGHT, inks.main)
    spacing = 60
    for row in range(HEIGHT // spacing + 1):
        for column in range(WIDTH // spacing + 1):
            radius = 25 * (1 - column * spacing / WIDTH) + 2
            yield Disc((column + row % 2 / 2) * spacing, row * spacing, radius, inks.shade)
    moon = Disc(dice.between(0.58, 0.72) * WIDTH, dice.between(0.4, 0.55) * HEIGHT, 330, inks.pop)
    yield moon
    initial = title[:1].upper()
    size = 1150
    at = WIDTH * dice.between(0.42, 0.52) - text_width(initial, size) / 2, HEIGHT * 0.97
    yield Letters(initial, *at, size, inks.pale)
    yield Letters(initial, *at, size, inks.deep, within=moon)


def waves(_title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """Bands like water or cloth below a moon."""
    yield box(0, 0, WIDTH, HEIGHT, inks.glow)
    x, y = dice.between(0.25, 0.75) * WIDTH, dice.between(0.27, 0.36) * HEIGHT
    yield Disc(x, y, 235, inks.pale)
    yield Disc(x, y, 190, inks.pop)
    fills = (inks.pop, inks.pale, inks.main, inks.glow, inks.shade, inks.pale, inks.deep)
    for number, fill in enumerate(fills):
        yield _wave(370 + number * 76, dice.between(36, 62), dice.between(0, 6), fill)


def record(_title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """A record that fills the sheet, with beams across."""
    yield box(0, 0, WIDTH, HEIGHT, inks.deep)
    slant = dice.between(240, 420)
    for number in range(4):
        left = -500 + number * 480 + dice.between(0, 60)
        width = dice.between(90, 200)
        corners = (
            (left + slant, 0),
            (left + slant + width, 0),
            (left + width, HEIGHT),
            (left, HEIGHT),
        )
        yield Polygon(corners, (inks.shade, inks.main)[number % 2])
    x, y = dice.pick((0.34, 0.5, 0.66)) * WIDTH, dice.between(0.46, 0.6) * HEIGHT
    yield Disc(x, y, 400, inks.pale)
    for radius in range(370, 150, -26):
        yield Disc(x, y, radius, inks.deep if radius // 26 % 2 else inks.shade)
    for begins in (dice.between(190, 230), dice.between(10, 50)):
        yield Slice(x, y, 366, begins, begins + 26, inks.glow)
    yield Disc(x, y, 160, inks.pop)
    yield Disc(x, y, 96, inks.main)
    yield Disc(x, y, 22, inks.pale)


def arches(_title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """Rows of nested arches, as of an arena or a rainbow."""
    yield box(0, 0, WIDTH, HEIGHT, inks.pop)
    width = dice.pick((300, 400))
    orders = (
        (inks.pale, inks.main, inks.glow, inks.deep),
        (inks.deep, inks.pop, inks.shade, inks.pale),
        (inks.shade, inks.glow, inks.main, inks.pale),
    )
    for row in range(3):
        shift = -width / 2 if row % 2 else 0
        base = 320 + row * 310
        for number in range(WIDTH // width + 2):
            x = shift + number * width + width / 2
            fills = orders[(number + row) % len(orders)]
            for ring, fill in enumerate(fills):
                radius = width / 2 * (1 - ring * 0.235)
                yield Disc(x, base, radius, fill)
                yield box(x - radius, base, 2 * radius, HEIGHT, fill)
            yield box(x - width * 0.02, base, width * 0.04, HEIGHT, fills[-2])


def words(title: str, inks: Inks, dice: Dice) -> Iterator[Shape]:
    """The name over and over, in other inks where a disc lies on it."""
    size = dice.pick((188, 236))
    line = f"{title.upper()} · "
    width = text_width(line, size)
    yield box(0, 0, WIDTH, HEIGHT, inks.main)
    disc = Disc(dice.between(0.35, 0.65) * WIDTH, dice.between(0.42, 0.58) * HEIGHT, 345, inks.pop)
    rows = range(1, math.ceil(HEIGHT / size) + 2)
    starts = [(-dice.between(0, width), row * size * 0.99) for row in rows]
    places = [
        (start + copy * width, y)
        for start, y in starts
        for copy in range(math.ceil((WIDTH - start) / width))
    ]
    yield from (Letters(line, x, y, size, inks.pale) for x, y in places)
    yield disc
    yield from (Letters(line, x, y, size, inks.deep, within=disc) for x, y in places)


COMPOSITIONS: Mapping[str, Composition] = {
    each.__name__: each for each in (sunburst, tiles, letter, waves, record, arches, words)
}
# These need letters that can be drawn.
LETTERED = frozenset({"letter", "words"})


def _wave(y: float, swing: float, phase: float, fill: str) -> Polygon:
    """Everything below a sine line around ``y``."""
    line = [
        (x, y + swing * math.sin(x / WIDTH * 2 * math.pi * 1.35 + phase))
        for x in range(0, WIDTH + 1, 30)
    ]
    return Polygon((*line, (WIDTH, HEIGHT), (0, HEIGHT)), fill)


def _tile(x: int, y: int, size: int, dice: Dice, fills: tuple[str, str]) -> Iterator[Shape]:
    """One of five cuts: a quarter, two halves, a ring, a leaf, stripes."""
    half = size / 2
    first, second = fills
    cut = dice.pick(("quarter", "halves", "ring", "leaf", "stripes"))
    if cut == "quarter":
        corner = int(dice.between(0, 3.99))
        corner_x, corner_y = x + size * (corner in {1, 2}), y + size * (corner in {2, 3})
        for radius, fill in ((size, first), (size * 0.66, second), (size * 0.33, first)):
            yield Slice(corner_x, corner_y, radius, corner * 90, corner * 90 + 90, fill)
    elif cut == "halves":
        turn = dice.pick((0, 90))
        yield Slice(x + half, y + half, half, turn, turn + 180, first)
        yield Slice(x + half, y + half, half * 0.6, turn + 180, turn + 360, second)
    elif cut == "ring":
        yield Disc(x + half, y + half, half * 0.86, first)
        yield Disc(x + half, y + half, half * 0.5, second)
    elif cut == "leaf":
        yield Slice(x, y + size, size, 270, 360, first)
        yield Slice(x + size, y, size * 0.62, 90, 180, second)
    else:
        for number in range(3):
            yield box(x, y + size * (number * 2 + 0.5) / 6, size, size / 6, fills[number % 2])
