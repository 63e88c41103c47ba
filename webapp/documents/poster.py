"""Poster art for an event without a picture: an SVG made of its name and colour alone."""

import hashlib
from collections.abc import Mapping
from html import escape

from webapp.documents.poster_art import COMPOSITIONS, LETTERED
from webapp.documents.poster_colours import mix_inks
from webapp.documents.poster_lettering import can_draw, outline
from webapp.documents.poster_shapes import (
    HEIGHT,
    WIDTH,
    Dice,
    Disc,
    Letters,
    Polygon,
    Shape,
    Slice,
    point_on,
)

Texts = Mapping[tuple[str, float], str]
Discs = Mapping[Disc, str]

# Raise it when posters are drawn differently: caches keep each address for a year.
EDITION = 1
# How far the accents' hue may lie from the event's own, in degrees.
TURNS = (55, 75, -60, 150, 180)


def compose(*, slug: str, title: str, colour: str, composition: str = "") -> list[Shape]:
    """The shapes of an event's poster, from back to front; the same ones every time.

    ``composition`` names one of :data:`COMPOSITIONS`; without it the slug decides.
    """
    dice = Dice(slug)
    names = [name for name in COMPOSITIONS if name not in LETTERED or can_draw(title.upper())]
    inks = mix_inks(colour, turn=dice.pick(TURNS))
    chosen = dice.pick(names)
    return list(COMPOSITIONS[composition or chosen](title, inks, dice))


def poster_svg(*, slug: str, title: str, colour: str, composition: str = "") -> str:
    """The poster as a picture without fonts, scripts, styles or links."""
    shapes = compose(slug=slug, title=title, colour=colour, composition=composition)
    lettered = [shape for shape in shapes if isinstance(shape, Letters)]
    # Each outline, and each disc that letters are cut off at, is written once.
    texts = {key: f"t{at}" for at, key in enumerate(dict.fromkeys(map(_text_key, lettered)))}
    cuts = dict.fromkeys(each.within for each in lettered if each.within)
    discs = {disc: f"c{at}" for at, disc in enumerate(cuts)}
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" role="img"><title>{escape(title)}</title>'
        f"{_definitions(texts, discs)}"
        f"{''.join(_element(shape, texts, discs) for shape in shapes)}</svg>"
    )


def poster_digest(*texts: str) -> str:
    """What tells one state of a poster from the next, for its address."""
    return hashlib.sha256("\0".join((str(EDITION), *texts)).encode()).hexdigest()[:10]


def _text_key(letters: Letters) -> tuple[str, float]:
    return letters.text, letters.size


def _definitions(texts: Texts, discs: Discs) -> str:
    parts = [f'<path id="{name}" d="{outline(*key)}"/>' for key, name in texts.items()]
    parts += [
        f'<clipPath id="{name}"><circle {_round(disc)}/></clipPath>' for disc, name in discs.items()
    ]
    return f"<defs>{''.join(parts)}</defs>" if parts else ""


def _element(shape: Shape, texts: Texts, discs: Discs) -> str:
    if isinstance(shape, Disc):
        return f'<circle {_round(shape)} fill="{shape.fill}"/>'
    if isinstance(shape, Polygon):
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in shape.points)
        return f'<polygon points="{points}" fill="{shape.fill}"/>'
    if isinstance(shape, Slice):
        return f'<path d="{_slice_path(shape)}" fill="{shape.fill}"/>'
    name = texts[_text_key(shape)]
    use = f'<use href="#{name}" x="{shape.x:.0f}" y="{shape.y:.0f}" fill="{shape.fill}"/>'
    if shape.within is None:
        return use
    return f'<g clip-path="url(#{discs[shape.within]})">{use}</g>'


def _round(disc: Disc) -> str:
    return f'cx="{disc.x:.0f}" cy="{disc.y:.0f}" r="{disc.radius:.1f}"'


def _slice_path(shape: Slice) -> str:
    begin_x, begin_y = point_on(shape, shape.begins)
    end_x, end_y = point_on(shape, shape.ends)
    is_large = int(shape.ends - shape.begins > 180)  # noqa: PLR2004 - half a turn
    radius = f"{shape.radius:.1f}"
    return (
        f"M{shape.x:.0f} {shape.y:.0f}L{begin_x:.1f} {begin_y:.1f}"
        f"A{radius} {radius} 0 {is_large} 1 {end_x:.1f} {end_y:.1f}Z"
    )
