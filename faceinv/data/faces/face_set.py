"""The controlled face set: a description of identities x views, as a small frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

from faceinv.data.faces.causes import CAUSES, Donor, Intervention
from faceinv.data.faces.haircuts import HAIR, VARIED
from faceinv.data.rendering.limits import check_set
from faceinv.data.rendering.views import View
from faceinv.errors import InputError

FaceColour = Literal["controlled", "grey", "colour"]
FACE_COLOURS: tuple[FaceColour, ...] = ("controlled", "grey", "colour")


@dataclass(frozen=True)
class FaceSet:
    """A set of faces to render.

    Attributes
    ----------
    identities : int
        Number of people; women and men alternate.
    views : int
        Images per identity.
    size : int
        Height and width of the images in pixels.
    samples : int
        Samples per pixel, a square number.
    seed : int
        Seed of the population that people are drawn from, and of their views.
    first : int
        Index of the first person in that population: sets without a common index have no person in common.
    yaws : tuple of float, or None
        Yaw of each view in degrees, with pitch and roll zero; None draws all three at random.
    max_yaw : float
        Largest random yaw in degrees; pitch is at most a third of it and roll a tenth.
    expression : bool
        Whether expressions vary; otherwise all are neutral.
    light : bool
        Whether direction and strength of the light vary.
    hair : bool or str
        False or ``"none"``: heads are bald, the stricter control. True or ``"varied"``: any cut on anyone.
        ``"by gender"``: cuts that are more frequent among women or men. Or one haircut for all (see
        `faceinv.data.faces.haircuts.CUTS`).
    jitter : float
        Standard deviation of the face's position, in widths of the frame; its size varies twice as much.
    colour : ``"controlled"``, ``"grey"`` or ``"colour"``
        Luminance only, with mean and contrast equalised across faces (not counting hair), so that neither
        colour nor brightness identifies anyone; luminance only; or colour as rendered.
    cause : Intervention, or None
        What is changed in the faces, with all else equal (see `with_cause`).

    Raises
    ------
    InputError
        If a value is out of range or unknown.

    Examples
    --------
    >>> faces = faceinv.FaceSet(identities=2, views=3, size=32, yaws=(-45, 0, 45))
    >>> len(faceinv.render(faces))
    6
    """

    identities: int
    views: int
    size: int = 64
    samples: int = 9
    seed: int = 0
    first: int = 0
    yaws: tuple[float, ...] | None = None
    max_yaw: float = 30.0
    expression: bool = True
    light: bool = True
    hair: bool | str = False
    jitter: float = 0.01
    colour: FaceColour = "controlled"
    cause: Intervention | None = None

    def __post_init__(self) -> None:
        check_set(self, "a face set", ("identities", "views"))
        if self.yaws is not None and len(self.yaws) != self.views:
            raise InputError(
                f"a face set has {self.views} views but {len(self.yaws)} yaws; expected one per view"
            )
        if not 0 <= self.max_yaw <= 90:
            raise InputError(f"max_yaw of a face set is {self.max_yaw}; expected 0 to 90 degrees")
        if not 0 <= self.jitter <= 0.1:
            raise InputError(f"jitter of a face set is {self.jitter}; expected 0 to 0.1 widths of the frame")
        if self.colour not in FACE_COLOURS:
            raise InputError(
                f"colour of a face set is {self.colour!r}; expected one of {', '.join(FACE_COLOURS)}"
            )
        if self.hair_of_set not in HAIR:
            raise InputError(f"hair of a face set is {self.hair!r}; expected one of {', '.join(HAIR)}")
        if self.cause is not None and not self.has(self.cause.cause):
            raise InputError(
                f"heads of a face set are bald, and {self.cause.cause!r} is changed; expected hair"
            )

    def has(self, cause: str) -> bool:
        """Whether the faces have what a key of `faceinv.data.faces.causes.CAUSES` changes."""
        return not CAUSES[cause].needs_hair or self.hair_of_set != "none"

    @property
    def hair_of_set(self) -> str:
        """Which of `faceinv.data.faces.haircuts.HAIR` the faces have."""
        if isinstance(self.hair, str):
            return self.hair
        return VARIED if self.hair else "none"

    def with_cause(
        self,
        cause: str,
        strength: float = 1.0,
        donor: Donor = "other gender",
        label: str | None = None,
        value: str | None = None,
        agreement: float = 1.0,
    ) -> FaceSet:
        """The same faces with one cause changed, in place of any that is changed already, and nothing else.

        Parameters
        ----------
        cause : a key of `faceinv.data.faces.causes.CAUSES`
        strength : of the change, 0 to 1, or from -1 where the cause can also change the other way
        donor : who a region is taken from
        label, value, agreement : the label that the change goes with, its value, and in which share of the
            people or images it does; by default every face is changed

        Returns
        -------
        FaceSet
            Its images are counterfactuals of those of this set where the cause is changed, and equal to them
            elsewhere; its table says what was changed.

        Examples
        --------
        >>> faces = faceinv.FaceSet(identities=100, views=4)
        >>> planted = faces.with_cause("mole", label="gender", value="male", agreement=0.9)
        >>> planted.cause.strength
        1.0
        """
        return replace(self, cause=Intervention(cause, strength, donor, label, value, agreement))

    @property
    def originals(self) -> FaceSet:
        """The same faces with nothing changed."""
        return replace(self, cause=None)

    @property
    def name(self) -> str:
        """Name of the set in figures and tables."""
        changed = "" if self.cause is None else f", {self.cause.cause} changed"
        return f"{self.identities} faces in {self.views} views{changed}"


COLUMNS = (
    "identity",
    "gender",
    "view",
    "masculinity",
    "age",
    "hair",
    "expression",
    *(field.name for field in fields(View)),
)
"""Columns of the table of a set, each of which a task can be the name of."""


FACE_SETS = {
    "frontal": FaceSet(identities=200, views=4, max_yaw=10.0),
    "views": FaceSet(identities=24, views=40, max_yaw=45.0),
    "haired": FaceSet(identities=200, views=4, max_yaw=10.0, hair=VARIED),
    "turntable": FaceSet(
        identities=101,
        views=15,
        yaws=tuple(float(yaw) for yaw in range(-105, 106, 15)),
        expression=False,
        light=False,
        jitter=0.0,
    ),
    "counterfactual": FaceSet(identities=24, views=2, max_yaw=45.0),
}
"""Sets by name: many people from the front, few from many views, with hair, the study's turntable, and the
faces that `faceinv stimuli` writes without and with each cause changed."""
