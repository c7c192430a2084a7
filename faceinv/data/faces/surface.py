"""What lies on the skin of a person: blood, the traces of age, and how the hair of the head grows.

None of it depends on gender. What depends on age is kept as a disposition, so that a person can be made older
with all else equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WRINKLES = ("forehead", "frown", "crow", "under_eye", "smile", "mouth", "neck")
"""Kinds of wrinkles, each of which a person is disposed to."""


@dataclass(frozen=True)
class SkinSurface:
    """Dispositions of skin and hair.

    Attributes
    ----------
    haemoglobin : amount of blood in the skin, 0 to 1
    wrinkles : disposition to each of `WRINKLES`, about 1
    spots : disposition to age spots, about 1
    half_grey : age in years at which half of the hairs are grey
    half_receded : age in years at which the hairline has receded half of its way
    cut : 0 to 1, chooses one of the haircuts
    hair_seed : of the places and bends of single hairs
    """

    haemoglobin: float
    wrinkles: dict[str, float]
    spots: float
    half_grey: float
    half_receded: float
    cut: float
    hair_seed: int


def draw_surface(rng: np.random.Generator) -> SkinSurface:
    """Dispositions of a person."""
    return SkinSurface(
        haemoglobin=float(rng.beta(2.2, 2.2)),
        wrinkles={name: float(rng.uniform(0.45, 1.35)) for name in WRINKLES},
        spots=float(np.clip(rng.uniform(-0.5, 1.4), 0, None)),
        half_grey=float(np.clip(rng.normal(56, 9), 36, 90)),
        half_receded=float(np.clip(rng.normal(68, 17), 30, 140)),
        cut=float(rng.random()),
        hair_seed=int(rng.integers(2**31)),
    )


def grey_share(surface: SkinSurface, age: float) -> float:
    """Share of hairs without pigment at an age in years."""
    return float(1 / (1 + np.exp(-(age - surface.half_grey) / 5)))


def receded(surface: SkinSurface, age: float) -> float:
    """How far the hairline has receded at an age in years, 0 to 1."""
    return float(1 / (1 + np.exp(-(age - surface.half_receded) / 9)))


def wrinkle_depth(surface: SkinSurface, name: str, age: float, melanin: float) -> float:
    """Depth of a kind of wrinkle at an age in years, 0 to about 1; they come later on darker skin."""
    aged = np.clip((age - 24 - 6 * melanin) / 46, 0, 1) ** 1.25
    return float(np.clip((0.06 + aged) * surface.wrinkles[name], 0, 1.2))
