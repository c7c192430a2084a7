"""Haircuts: anyone can wear any of them, unless a set wants them to go with gender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # a face set names haircuts, and is described without loading the head
    from faceinv.data.faces.identities import Person

Comb = Literal["crown", "forward", "back", "parting"]


@dataclass(frozen=True)
class Cut:
    """A haircut; lengths in metres.

    Attributes
    ----------
    top, front, sides, nape : length of the hair by where it is rooted
    comb : which way it is combed: away from the crown, to the front, to the back, or away from a parting
    parting : where the parting is, to the right of the middle in the image
    lift : how steeply hair leaves the scalp: 0 flat, 1 upright
    fall : how strongly it falls
    volume : height of the uppermost layer above the scalp
    curl : radius of its curls
    turns : turns of a curl in a metre
    ends : height above the eyes at which hair is cut off in a line; that of the fringe, if there is one
    lock : how far locks come together at their tips, 0 to 1
    density : share of the ribbons that a head has at most
    width : of a drawn ribbon, which stands for many hairs
    women, men : how often either has it in a set whose cuts go with gender
    """

    top: float
    front: float
    sides: float
    nape: float
    comb: Comb
    parting: float = 0.0
    lift: float = 0.25
    fall: float = 0.15
    volume: float = 0.008
    curl: float = 0.0
    turns: float = 0.0
    ends: float = -1.0
    fringe: float = 0.0
    lock: float = 0.5
    density: float = 0.85
    width: float = 0.0013
    women: float = 1.0
    men: float = 1.0


CUTS: dict[str, Cut] = {
    "buzz": Cut(
        0.007,
        0.007,
        0.005,
        0.005,
        "crown",
        lock=0.0,
        lift=0.6,
        fall=0.0,
        volume=0.002,
        width=0.0008,
        women=0.2,
        men=2,
    ),
    "short": Cut(
        0.032,
        0.030,
        0.014,
        0.012,
        "crown",
        width=0.0011,
        lift=0.22,
        volume=0.010,
        lock=0.35,
        women=0.5,
        men=2.5,
    ),
    "parted": Cut(
        0.060,
        0.062,
        0.022,
        0.016,
        "parting",
        parting=0.034,
        lift=0.15,
        volume=0.014,
        lock=0.35,
        women=0.5,
        men=2,
    ),
    "swept": Cut(
        0.085,
        0.095,
        0.030,
        0.030,
        "back",
        lift=0.2,
        fall=0.12,
        volume=0.016,
        lock=0.35,
        women=0.7,
        men=1.5,
    ),
    "fringe": Cut(
        0.085,
        0.075,
        0.050,
        0.040,
        "forward",
        lift=0.2,
        fall=0.35,
        volume=0.012,
        ends=-0.035,
        fringe=0.029,
        lock=0.2,
        women=1.2,
        men=0.8,
    ),
    "curls": Cut(
        0.070,
        0.060,
        0.040,
        0.035,
        "crown",
        lift=0.75,
        fall=0.15,
        volume=0.030,
        curl=0.0055,
        turns=38,
        width=0.0020,
        density=0.6,
        women=1.2,
        men=1,
    ),
    "bob": Cut(
        0.200,
        0.200,
        0.150,
        0.120,
        "parting",
        parting=0.022,
        fall=0.5,
        volume=0.014,
        ends=-0.092,
        width=0.0021,
        density=0.55,
        women=2.5,
        men=0.2,
    ),
    "long": Cut(
        0.320,
        0.320,
        0.260,
        0.220,
        "parting",
        fall=0.5,
        volume=0.015,
        width=0.0021,
        density=0.55,
        women=3,
        men=0.3,
    ),
    "waves": Cut(
        0.280,
        0.280,
        0.220,
        0.180,
        "parting",
        parting=-0.020,
        fall=0.42,
        volume=0.024,
        curl=0.0075,
        turns=9,
        width=0.0022,
        density=0.5,
        lock=0.7,
        women=2.2,
        men=0.2,
    ),
}
"""Haircuts by name."""


VARIED, BY_GENDER = "varied", "by gender"
HAIR = ("none", VARIED, BY_GENDER, *CUTS)
"""What hair a set may have: none, any cut on anyone, cuts that go with gender, or one cut for all."""


def choose_cut(person: Person, hair: str) -> str:
    """The haircut of a person in a set with this of `HAIR`; empty if the head is bald."""
    if hair in CUTS:
        return hair
    if hair == "none":
        return ""
    kind = "men" if person.gender == "male" else "women"
    weights = [getattr(cut, kind) if hair == BY_GENDER else 1.0 for cut in CUTS.values()]
    left = person.surface.cut * sum(weights)
    for name, weight in zip(CUTS, weights, strict=True):
        left -= weight
        if left < 0:
            return name
    return next(reversed(CUTS))
