"""Colours and order of what figures compare: one palette and one order for each factor.

Every colour of a chart comes from here, and a value has the same colour and the same place in all figures
(`looks`, `in_order`). Colours of a factor can be told apart with normal vision and with each kind of colour
blindness, and have a contrast of at least 3 to 1 with white and with the dark page (WCAG 2.2, 1.4.11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from plotly.colors import get_colorscale

from faceinv.data.stimuli import REGIONS
from faceinv.models.zoo import STUDIED

INK = "#7A7A7A"
"""Lines at chance or zero, and text outside of pages: legible on white and on black."""

RULE = "rgba(128,128,128,0.25)"
"""Axes and grids."""

NEUTRAL = "#4A7396"
"""A single series that belongs to no factor."""

POSITIVE, NEGATIVE = "#D53E1E", "#2166C0"
"""Relevance for a class, and against it; the larger and the smaller half of a diverging scale."""

MARKED = "#D55E00"
"""What is pointed out in images: wrong answers, and pixels that differ."""

UNMEASURED = ("#9AA3AD", "#C3C9CF")
"""Hatching of what was not measured, dark and light."""

SEQUENTIAL = "Cividis"
"""Colour scale of values from low to high, which looks alike with every kind of colour vision."""


DIVERGING = ((0.0, NEGATIVE), (0.5, "#E9E6E0"), (1.0, POSITIVE))
"""Colour scale of differences, with zero in its middle."""


@dataclass(frozen=True)
class Factor:
    """The values of a factor in the order of all figures, with their colours.

    Attributes
    ----------
    name : of the factor
    colours : colour (``#rrggbb``) by value; values of the same colour differ in dash and symbol
    """

    name: str
    colours: Mapping[str, str]


_NONE, _TRAINED, _UNTRAINED, _CONTROL = "#B43C3C", "#D2491E", "#65707C", "#949494"

OF_PRETRAINING = Factor(
    "pretraining",
    MappingProxyType(
        {
            "none": _NONE,
            "scratch": _NONE,
            "objects": "#2D69A5",
            "faces": "#C3871E",
            "textures": "#2DA596",
            "everything": "#A569FF",
            "imagenet": "#5A5AFF",
            "vggface": "#A53CA5",
        }
    ),
)
"""What networks start from; a strategy, such as ``objects, finetuned``, has the colour of its pretraining."""

OF_TASK = Factor("task", MappingProxyType({"gender": "#C2186B", "identity": "#7D8C00"}))

OF_ARCHITECTURE = Factor(
    "architecture",
    MappingProxyType(
        dict(
            zip(
                STUDIED,
                ("#D20F00", "#C378A5", "#00785A", "#B40FB4", "#8787FF", "#783CFF", "#E17800"),
                strict=True,
            )
        )
    ),
)

OF_KIND = Factor(
    "trained and controls",
    MappingProxyType(
        {
            **dict.fromkeys(("trained", "most relevant", "relevance", "relevant pixels", "causes"), _TRAINED),
            **dict.fromkeys(("another seed", "consensus", "features"), "#5858E6"),
            "another class": "#1E8C50",
            "another seed, against softmax": "#B4730A",
            "another seed, against runner-up": "#B43CA5",
            **dict.fromkeys(("untrained", "untrained network", "no network"), _UNTRAINED),
            **dict.fromkeys(("local contrast", "central contrast", "edges", "mean face", "centre"), _CONTROL),
            "another seed, another face, against runner-up": _CONTROL,
            **dict.fromkeys(
                ("random", "least relevant", "pixels", "pixels of high contrast", "area"), "#A3896B"
            ),
        }
    ),
)
"""What a network learned, in colour, and the controls, in greys."""

LAST_FACTOR = 3
"""Place of `OF_KIND` in `FACTORS`."""

FACTORS = (OF_PRETRAINING, OF_TASK, OF_ARCHITECTURE, OF_KIND)
"""Factors with colours; no value belongs to two of them."""

SPARE = ("#4D6D96", "#B07D00", "#00876C", "#9646B4", "#C8503C", "#5A96B4", "#86765C", "#D2649B")
"""Colours of values that belong to no factor, in their order."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
"""Dashes of lines and symbols of points that have the same colour."""


@dataclass(frozen=True)
class Look:
    """How a value is drawn: its colour, and the dash and symbol that tell it from others of this colour."""

    colour: str
    dash: str = DASHES[0]
    symbol: str = SYMBOLS[0]


_COLOURS = {value: colour for factor in FACTORS for value, colour in factor.colours.items()}


def colour_of(value: object) -> str | None:
    """Colour of a value, or of its first part that has one; None if it belongs to no factor."""
    for part in (str(value), *str(value).split(", ")):
        if part in _COLOURS:
            return _COLOURS[part]
    return None


def looks(values: Iterable[Any]) -> dict[Any, Look]:
    """Colours, dashes and symbols of the values of a figure.

    Parameters
    ----------
    values : in the order of the figure; those of no factor get spare colours, or `NEUTRAL` if there is one
    """
    wanted = list(dict.fromkeys(values))
    found = {value: colour_of(value) for value in wanted}
    spare = iter(SPARE if len(wanted) > 1 else (NEUTRAL,))
    counts: dict[str, int] = {}
    chosen = {}
    for value in wanted:
        colour = found[value] or next(spare, INK)
        k = counts.get(colour, 0)
        counts[colour] = k + 1
        chosen[value] = Look(colour, DASHES[k % len(DASHES)], SYMBOLS[k % len(SYMBOLS)])
    return chosen


def panel_looks(values: Iterable[Any]) -> dict[Any, Look]:
    """The same for values with a panel each, which need not be told apart by colour."""
    return {value: Look(colour_of(value) or NEUTRAL) for value in values}


def in_order(values: Iterable[Any]) -> list[Any]:
    """Values in the order of all figures; in the given order if they do not all belong to one factor.

    The parts of a value (between commas) are ordered one by one: ``none, gender``, ``none, identity``,
    ``objects, gender``. Controls, such as the untrained network, are last.
    """
    given = list(dict.fromkeys(values))
    keys = {value: _key(value) for value in given}
    factors = {first for first, *_ in keys.values()} - {LAST_FACTOR}
    if len(factors) > 1 or -1 in factors:
        return given
    return sorted(given, key=lambda value: (keys[value][0] == LAST_FACTOR, *keys[value][1:]))


def _key(value: object) -> tuple[int, ...]:
    """The order to which a value belongs, or -1, and the places of its known parts in their orders."""
    parts = [str(value)] if _place(str(value))[0] >= 0 else str(value).split(", ")
    places = [_place(part) for part in parts]
    return (places[0][0], *(place for _, place in places))


@cache
def _orders() -> tuple[tuple[str, ...], ...]:
    """Orders of values in all figures."""
    from faceinv.perturbations.transformations import TRANSFORMATIONS  # imports PyTorch, which takes seconds

    return (*(tuple(factor.colours) for factor in FACTORS), tuple(TRANSFORMATIONS), REGIONS)


def _place(part: str) -> tuple[int, int]:
    for k, order in enumerate(_orders()):
        if part in order:
            return k, order.index(part)
    return -1, -1


def faded(colour: str, opacity: float) -> str:
    """A colour (``#rrggbb``) with an opacity, as CSS."""
    red, green, blue = rgb(colour)
    return f"rgba({red},{green},{blue},{opacity})"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a colour (``#rrggbb``)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: Sequence[int]) -> float:
    """Relative luminance of a colour (0 to 255 each), 0 to 1 (WCAG 2.2)."""
    share = np.asarray(colour, float)[:3] / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast_ratio(a: Sequence[int], b: Sequence[int]) -> float:
    """Contrast of two colours (0 to 255 each), 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def legible(background: Sequence[int]) -> str:
    """Black or white, whichever has more contrast with a colour: at least 4.58 to 1 (WCAG 2.2, 1.4.3)."""
    black, white = (contrast_ratio(ink, background) for ink in ((0, 0, 0), (255, 255, 255)))
    return "black" if black >= white else "white"


def at_share(scale: str | Sequence[Sequence[Any]], share: float) -> tuple[int, int, int]:
    """Colour (0 to 255 each) of a colour scale at a share of its range, from 0 to 1."""
    stops: Sequence[Any] = get_colorscale(scale) if isinstance(scale, str) else scale
    colours = np.array([rgb(colour) for _, colour in stops])
    red, green, blue = (round(np.interp(share, [place for place, _ in stops], part)) for part in colours.T)
    return red, green, blue


REGION_COLOURS = np.array(
    [
        (0, 0, 0, 0),
        (176, 176, 176, 255),
        (122, 72, 24, 255),
        (0, 114, 178, 255),
        (230, 159, 0, 255),
        (213, 94, 0, 255),
        (148, 103, 189, 255),
        (238, 170, 150, 255),
        (0, 158, 115, 255),
        (240, 228, 66, 255),
        (86, 180, 233, 255),
        (60, 50, 45, 255),
    ],
    np.uint8,
)
"""Colours of region maps, RGBA, in the order of `REGIONS`; the background is transparent."""
