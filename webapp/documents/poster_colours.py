"""A poster's inks, all of them derived from the one colour of its event."""

import math
import re
from dataclasses import dataclass

DEFAULT_COLOUR = "#c2412d"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# The paper's hue: light inks lean towards it, so that every poster looks printed on cream.
CREAM_HUE = 85.0
NO_CHROMA = 0.001


@dataclass(frozen=True, slots=True)
class Inks:
    """Six colours that go together, as ``#rrggbb``, from the darkest to the lightest use."""

    deep: str
    shade: str
    main: str
    pop: str
    glow: str
    pale: str


def mix_inks(colour: str, *, turn: float) -> Inks:
    """The inks for an event's ``colour``; ``turn`` in degrees moves the accents' hue.

    Anything that is no ``#rrggbb`` counts as the default colour.
    """
    lightness, chroma, hue = _lch_of(colour if _HEX.fullmatch(colour) else DEFAULT_COLOUR)
    strength = max(chroma, 0.06)
    return Inks(
        deep=_hex_of(0.27, strength * 0.5, hue),
        shade=_hex_of(0.43, strength * 0.9, hue - 18),
        main=_hex_of(min(max(lightness, 0.5), 0.68), max(strength, 0.1), hue),
        pop=_hex_of(0.78, 0.15, hue + turn),
        glow=_hex_of(0.87, 0.10, hue + turn / 2),
        pale=_hex_of(0.95, 0.035, CREAM_HUE),
    )


def _lch_of(colour: str) -> tuple[float, float, float]:
    """Lightness (0 to 1), chroma and hue in degrees of ``#rrggbb``, as OKLCH."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a))


def _hex_of(lightness: float, chroma: float, hue: float) -> str:
    """``#rrggbb`` of an OKLCH colour, less vivid where a screen cannot show it."""
    channels = _channels(lightness, chroma, hue)
    while chroma > NO_CHROMA and not all(0 <= round(each, 3) <= 1 for each in channels):
        chroma *= 0.95
        channels = _channels(lightness, chroma, hue)
    return "#" + "".join(f"{round(255 * min(max(_gamma(each), 0), 1)):02x}" for each in channels)


def _channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _linear(channel: float) -> float:
    # sRGB's own figures, here and below.
    return channel / 12.92 if channel <= 0.04045 else math.pow((channel + 0.055) / 1.055, 2.4)  # noqa: PLR2004


def _gamma(channel: float) -> float:
    if channel <= 0.0031308:  # noqa: PLR2004
        return channel * 12.92
    return 1.055 * math.pow(channel, 1 / 2.4) - 0.055
