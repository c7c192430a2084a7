"""Causes: properties of a rendered face that can be changed one at a time, with all else equal.

A *counterfactual* of a face is the same face, drawn from the same definition, with one cause changed and
nothing else: no random number is drawn again, the head keeps its place in the frame, and its grey levels are
those of the original. What is not in reach of the cause - its pixels, its shadow, its outline - stays as it
was, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from faceinv.data.faces.face import BorrowedPart, Disc, Face, Spot, Transplant
from faceinv.data.faces.haircuts import CUTS, VARIED, choose_cut
from faceinv.data.faces.identities import AGES, GENDERS, Person, at_age
from faceinv.data.rendering.views import EXPRESSIONS
from faceinv.errors import InputError

Donor = Literal["other gender", "same gender"]
DONORS: tuple[Donor, ...] = ("other gender", "same gender")
WHOLE_FACE = "whole face"
"""Region of causes that change how the whole face looks."""
SKIN_TRAITS = ("grain", "freckles", "mottling", "blush", "under_eye")
"""Traits of a person that belong to the skin, and to no feature of the face."""
PATCHES = 8
"""Weights of noise of a person that are those of patches of the skin."""
BALANCED = 4
"""People of a class among whom the share with a planted cue is exact, to rounding."""


@dataclass(frozen=True)
class Cause:
    """What can be changed.

    Attributes
    ----------
    name : of the cause
    region : where it lies: a part of the face, ``"background"`` or `WHOLE_FACE`
    labels : the labels of `faceinv.data.stimuli.REGIONS` that are found there; empty for all of them
    about : what happens to a face at strength 1
    borrows : what of the region is taken from another person
    person : the person with the cause changed, from the person, the donor and the strength
    face : the face with the cause changed, from the face, the donor and the strength
    donated : whether something is taken from another person
    signed : whether strengths from -1 are allowed, which change the cause the other way
    graded : whether there are strengths between 0 and 1
    needs_hair : whether only faces with hair have the cause
    """

    name: str
    region: str
    labels: tuple[str, ...]
    about: str
    borrows: tuple[BorrowedPart, ...] = ()
    person: Callable[[Person, Person, float], Person] | None = None
    face: Callable[[Face, Person, float], Face] | None = None
    donated: bool = False
    signed: bool = False
    graded: bool = True
    needs_hair: bool = False


@dataclass(frozen=True)
class Intervention:
    """The change of one cause in the faces of a set.

    Attributes
    ----------
    cause : a key of `CAUSES`
    strength : 0 to 1, or from -1 where the cause can also change the other way
    donor : who a region is taken from: a neighbour in the population of the other or of the same gender
    label, value : the label that the change goes with, ``"gender"`` or ``"expression"``, and its value; None
        if every face is changed
    agreement : share of the people (for the expression: of the images) in which the cause is changed if and
        only if the label has the value; 1, or less, to 0.5, at which it says nothing about two values

    Raises
    ------
    InputError
        If a value is out of range or unknown.
    """

    cause: str
    strength: float = 1.0
    donor: Donor = "other gender"
    label: str | None = None
    value: str | None = None
    agreement: float = 1.0

    def __post_init__(self) -> None:
        if self.cause not in CAUSES:
            raise InputError(f"cause is {self.cause!r}; expected one of {', '.join(CAUSES)}")
        low = -1.0 if CAUSES[self.cause].signed else 0.0
        if not low <= self.strength <= 1 or not self.strength:
            raise InputError(
                f"strength of the cause {self.cause!r} is {self.strength}; expected {low:g} to 1, and not 0"
            )
        if not CAUSES[self.cause].graded and self.strength != 1:
            raise InputError(f"strength of the cause {self.cause!r} is {self.strength}; expected 1")
        if self.donor not in DONORS:
            raise InputError(f"donor of a cause is {self.donor!r}; expected one of {', '.join(DONORS)}")
        if (self.label is None) != (self.value is None) or self.label not in (None, *LABELS):
            raise InputError(
                f"a cause goes with the label {self.label!r} and its value {self.value!r}; "
                f"expected both or neither, and a label among {', '.join(LABELS)}"
            )
        if self.label is not None and self.value not in LABELS[self.label]:
            known = ", ".join(LABELS[self.label])
            raise InputError(f"value of the label {self.label!r} is {self.value!r}; expected one of {known}")
        if not 0.5 <= self.agreement <= 1:
            raise InputError(f"agreement of a cause is {self.agreement}; expected 0.5 to 1")


def change_faces(what: Intervention, faces: list[Face], donor: Person) -> list[Face]:
    """The faces of one person with one cause changed.

    Parameters
    ----------
    what : what is changed
    faces : faces that share the object of their person
    donor : whom the region is taken from, if it is taken from another person
    """
    cause, original = CAUSES[what.cause], faces[0].person
    person = cause.person(original, donor, what.strength) if cause.person else original
    borrowed = None
    if cause.borrows:
        # on skin of one colour, so that a texture does not end where the region does
        blood = replace(donor.surface, haemoglobin=original.surface.haemoglobin)
        toned = replace(donor, melanin=original.melanin, hue=original.hue, surface=blood)
        borrowed = Transplant(cause.borrows, cause.region, toned, what.strength)
    changed = [replace(face, person=person, borrowed=borrowed, framed_as=original) for face in faces]
    return [cause.face(face, donor, what.strength) for face in changed] if cause.face else changed


def donor_index(what: Intervention, index: int) -> int:
    """Index of the donor of person `index`: a neighbour, so that four people exchange with each other."""
    return index ^ (1 if what.donor == "other gender" else 2)


def told(what: Intervention, seed: int, index: int, changed: bool) -> dict[str, object]:
    """What a table says about the change of an image of person `index`, or that it is not changed."""
    cause = CAUSES[what.cause]
    goes_with = {} if what.label is None else {"label": what.label, "value": what.value}
    return {
        "cause": cause.name,
        "region": cause.region,
        "strength": what.strength if changed else 0.0,
        "donor": f"{seed}-{donor_index(what, index):05d}" if changed and cause.donated else "",
        **goes_with,
        **({"agreement": what.agreement} if goes_with else {}),
    }


def is_changed(
    what: Intervention, seed: int, index: int, k: int, gender: str, expression: str = "neutral"
) -> bool:
    """Whether the cause is changed in view `k` of person `index`, of this gender, of the population `seed`.

    Of every `BALANCED` people of a gender who follow each other, a share of `agreement` agrees with the
    label, to rounding that evens out over blocks; which of them, the seed decides. Images agree independently
    of each other, with that probability.
    """
    if what.label is None:
        return True
    if what.label == "gender":
        place, block = index // 2 % BALANCED, index // 2 // BALANCED
        low, high = (int(n * BALANCED * what.agreement + 0.5) for n in (block, block + 1))
        order = np.random.default_rng([seed, 5, index % 2, block]).permutation(BALANCED)
        agrees = order[place] < high - low
    else:
        agrees = np.random.default_rng([seed, index, 5, k]).random() < what.agreement
    has = {"gender": gender, "expression": expression}[what.label] == what.value
    return bool(has == agrees)


def _brows(person: Person, donor: Person, strength: float) -> Person:
    """Brows that are thicker by up to 60 per cent, or thinner."""
    thickness = person.brow.thickness * (1 + 0.6 * strength)
    return replace(person, brow=replace(person.brow, thickness=thickness))


def _iris(person: Person, donor: Person, strength: float) -> Person:
    """An iris on its way to a light grey, or to black."""
    end = np.array([0.66, 0.72, 0.75]) if strength > 0 else np.full(3, 0.02)
    return replace(person, iris=person.iris + abs(strength) * (end - person.iris))


def _skin(person: Person, donor: Person, strength: float) -> Person:
    """Skin with grain, freckles and patches on their way to the donor's, and all of the donor's moles."""

    def mixed(a: float, b: float) -> float:
        return a + strength * (b - a)

    traits = {name: mixed(person.traits[name], donor.traits[name]) for name in SKIN_TRAITS}
    noise = person.noise.copy()
    noise[:PATCHES] += strength * (donor.noise[:PATCHES] - noise[:PATCHES])
    return replace(
        person,
        traits=person.traits | traits | {"pattern": donor.traits["pattern"]},
        moles=donor.moles,
        noise=noise,
        surface=replace(person.surface, spots=mixed(person.surface.spots, donor.surface.spots)),
    )


def _skin_colour(person: Person, donor: Person, strength: float) -> Person:
    """Skin whose pigments are on their way to the donor's."""
    own, other = person.surface.haemoglobin, donor.surface.haemoglobin
    return replace(
        person,
        melanin=person.melanin + strength * (donor.melanin - person.melanin),
        hue=person.hue + strength * (donor.hue - person.hue),
        surface=replace(person.surface, haemoglobin=own + strength * (other - own)),
    )


def _age(person: Person, donor: Person, strength: float) -> Person:
    """A person on the way to the oldest age, or to the youngest."""
    end = AGES[1] if strength > 0 else AGES[0]
    return at_age(person, person.age + abs(strength) * (end - person.age))


def _haircut(face: Face, donor: Person, strength: float) -> Face:
    """The cut that the donor wears where anyone wears any; if it is the same, the next one."""
    cut = choose_cut(donor, VARIED)
    names = list(CUTS)
    return replace(face, hair=names[(names.index(cut) + 1) % len(names)] if cut == face.hair else cut)


def _expression(face: Face, donor: Person, strength: float) -> Face:
    """A smile in place of the expression; in place of a smile, none."""
    smiles = face.expression == "smile"
    end = {} if smiles else {f"{n}{side}": a for n, a in SMILE.items() for side in ("Left", "Right")}
    kept = {name: value for name, value in face.actions.items() if name.startswith("eyeSquint")}
    end = kept | end
    actions = {
        name: face.actions.get(name, 0.0) + strength * (end.get(name, 0.0) - face.actions.get(name, 0.0))
        for name in face.actions.keys() | end.keys()
    }
    return replace(face, expression="neutral" if smiles else "smile", actions=dict(sorted(actions.items())))


def _light(face: Face, donor: Person, strength: float) -> Face:
    """A lamp that is moved round the camera, towards the other side, by up to 60 degrees."""
    azimuth = face.view.light_azimuth
    turned = azimuth - strength * np.copysign(60.0, azimuth)
    return replace(face, view=replace(face.view, light_azimuth=float(turned)))


def _view(face: Face, donor: Person, strength: float) -> Face:
    """A head that is turned towards the other side by up to 30 degrees."""
    turned = face.view.yaw - strength * np.copysign(30.0, face.view.yaw)
    return replace(face, view=replace(face.view, yaw=float(turned)))


def _mole(face: Face, donor: Person, strength: float) -> Face:
    return replace(face, spot=Spot(x=-0.036, z=-0.040, radius=0.0042, darkness=0.85 * strength))


def _mark(face: Face, donor: Person, strength: float) -> Face:
    return replace(face, disc=Disc(x=0.06, y=0.06, radius=0.05, level=-90.0 * strength))


def _borrowed(what: BorrowedPart, region: str, about: str, *labels: str) -> Cause:
    return Cause(f"{region} {what}", region, labels, about, borrows=(what,), donated=True)


def _exchanged(region: str, about: str, *labels: str) -> Cause:
    return Cause(region, region, labels, about, borrows=("shape", "texture"), donated=True)


SMILE = {"mouthSmile": 0.65, "cheekSquint": 0.25}
"""Facial actions of a smile on either side."""
LABELS: dict[str, tuple[str, ...]] = {"gender": GENDERS, "expression": EXPRESSIONS}
"""Labels that a planted cue can go with, and their values."""
CAUSES: dict[str, Cause] = {
    cause.name: cause
    for cause in (
        _borrowed("shape", "brow", "the bone under the brows is another person's", "brow", "forehead"),
        _borrowed("shape", "eye", "the eyes and their lids have another person's shape", "eye"),
        _borrowed("shape", "nose", "the nose has another person's shape", "nose"),
        _borrowed("shape", "mouth", "the mouth has another person's shape", "mouth"),
        _borrowed("shape", "jaw", "the jaw has another person's shape", "chin", "cheek"),
        _borrowed(
            "texture", "brow", "the brows and the skin around them are another person's", "brow", "forehead"
        ),
        _borrowed("texture", "eye", "the eyes, lids and lashes are coloured as another person's", "eye"),
        _borrowed("texture", "nose", "the skin of the nose is another person's", "nose"),
        _borrowed("texture", "mouth", "the lips and the skin around them are another person's", "mouth"),
        _borrowed(
            "texture", "jaw", "the skin of the jaw and its beard are another person's", "chin", "cheek"
        ),
        _exchanged("brow", "the brows and the bone under them are another person's", "brow", "forehead"),
        _exchanged("eye", "the eyes are another person's, with their lids and lashes", "eye"),
        _exchanged("nose", "the nose is another person's", "nose"),
        _exchanged("mouth", "the mouth is another person's", "mouth"),
        _exchanged("jaw", "the jaw and its beard are another person's", "chin", "cheek"),
        Cause(
            "hair shape",
            "hair",
            ("hair",),
            "the haircut is another person's",
            face=_haircut,
            donated=True,
            graded=False,
            needs_hair=True,
        ),
        replace(
            _borrowed("texture", "hair", "the hair has the colour of another person's", "hair"),
            needs_hair=True,
        ),
        Cause(
            "skin texture",
            "skin",
            (),
            "the skin has another person's grain, freckles, patches and moles",
            person=_skin,
            donated=True,
        ),
        Cause(
            "skin colour",
            "skin",
            (),
            "the skin has another person's colour",
            person=_skin_colour,
            donated=True,
        ),
        Cause("brow thickness", "brow", ("brow",), "the brows are 60 % thicker", person=_brows, signed=True),
        Cause("iris brightness", "eye", ("eye",), "the irises are light grey", person=_iris, signed=True),
        Cause(
            "mole", "left cheek", ("cheek",), "a dark mole on the cheek at the left of the image", face=_mole
        ),
        Cause(
            "mark",
            "background",
            ("background",),
            "a dark disc in the upper left corner of the image",
            face=_mark,
        ),
        Cause(
            "expression",
            WHOLE_FACE,
            (),
            "a smile in place of any other expression; of a smile, none",
            face=_expression,
        ),
        Cause("age", WHOLE_FACE, (), "the oldest age; at -1 the youngest", person=_age, signed=True),
        Cause(
            "light", WHOLE_FACE, (), "the lamp is turned by 60 degrees towards the other side", face=_light
        ),
        Cause("view", WHOLE_FACE, (), "the head is turned by 30 degrees towards the other side", face=_view),
    )
}
"""Causes by name: shape, texture and both of each region, cues to plant, and what changes the whole face."""
EXCHANGED = ("brow", "eye", "nose", "mouth", "jaw")
"""Causes that exchange a region of the face as a whole; no two of these regions share a label."""
