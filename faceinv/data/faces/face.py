"""Faces: all that determines the picture of one of them, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faceinv.data.faces.identities import Person
from faceinv.data.rendering.views import View


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
    """

    person: Person
    hair: str
    expression: str
    actions: Mapping[str, float]
    view: View
