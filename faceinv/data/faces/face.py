"""Faces: all that determines the picture of one of them, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from faceinv.data.faces.identities import Person
from faceinv.data.rendering.views import View

BorrowedPart = Literal["shape", "texture"]
"""What can be taken of a region of another person."""


@dataclass(frozen=True, eq=False)
class Transplant:
    """The shape or the texture of a region, or both, taken from another person.

    Attributes
    ----------
    parts : what is taken
    region : ``"hair"``, or a key of `faceinv.data.faces.face_regions.FACE_REGIONS`
    donor : the other person
    share : 0, none of it, to 1, all
    """

    parts: tuple[BorrowedPart, ...]
    region: str
    donor: Person
    share: float


@dataclass(frozen=True)
class Spot:
    """A round spot on the skin.

    Attributes
    ----------
    x, z : its centre on the neutral head, to the right in the image and above the eyes, in metres
    radius : in metres
    darkness : share of the light that it takes away, 0 to 1
    """

    x: float
    z: float
    radius: float
    darkness: float


@dataclass(frozen=True)
class Disc:
    """A disc on the background.

    Attributes
    ----------
    x, y, radius : its centre from the left and from the top, and its radius, in widths of the frame
    level : what is added to the grey level of the background
    """

    x: float
    y: float
    radius: float
    level: float


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a set.

    Attributes
    ----------
    person : who is shown
    hair : its haircut (`faceinv.data.faces.haircuts.CUTS`); empty if the head is bald
    expression : its name
    actions : facial actions of the expression, name to strength
    view : pose, light and framing
    framed_as : whose eyes give the head its size and its place in the frame; None for the person's own
    borrowed : a region that is another person's
    spot : on the skin
    disc : on the background
    """

    person: Person
    hair: str
    expression: str
    actions: Mapping[str, float]
    view: View
    framed_as: Person | None = None
    borrowed: Transplant | None = None
    spot: Spot | None = None
    disc: Disc | None = None
