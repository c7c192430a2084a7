"""Identities: people drawn from a seed, with the sexual dimorphism of real faces.

A person's *masculinity* is one number, about +1 for a typical man and -1 for a typical woman. It is drawn
from two overlapping distributions, and every trait that depends on it also varies independently, so that
some women look masculine and some men feminine. The traits that depend on it are those that people use to
tell men from women: brows and their distance to the eyes, the jaw and the chin, the nose and the
brow ridge (Brown & Perrett 1993, *Perception* 22, 829-840), shape and skin together (Hill, Bruce &
Akamatsu 1995, *Proc. R. Soc. B* 261, 367-373), and the contrast of eyes and lips with the skin (Russell
2009, *Perception* 38, 1211-1219). Skin tone, ancestry, age and light do not depend on gender.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from faceinv.data.faces.morphable_head import Phenotype, load_head, phenotype_age
from faceinv.data.faces.surface import SkinSurface, draw_surface

GENDERS = ("female", "male")

AGES = (18.0, 70.0)
"""Youngest and oldest, in years; ages are uniform between them and independent of everything else."""

MASCULINITY = {"female": -0.75, "male": 0.75}
MASCULINITY_SPREAD = 0.5
"""Mean masculinity of each gender, and deviation within a gender; 7 % are nearer to the other mean."""

MEAN_SHAPES = (-0.15, 1.15)
"""Least and largest gender of a phenotype: beyond the mean man and woman its changes soon look unnatural."""

VARIETY = {
    "head": 0.12,
    "eye": 0.24,
    "nose": 0.26,
    "mouth": 0.22,
    "cheek": 0.26,
    "chin": 0.22,
    "forehead": 0.15,
    "ear": 0.22,
    "eyebrows": 0.22,
}
"""Standard deviation of the local shape parameters between people, by part of the face."""

CALM = frozenset(
    {
        "eye-height1-incr",
        "eye-height2-incr",
        "eye-height3-incr",
        "eye-scale-incr",
        "eye-push1-out",
        "eye-push2-out",
        "eye-trans-up",
        "head-fat-incr",
        "head-scale-vert-incr",
        "forehead-scale-vert-incr",
        "mouth-trans-forward",
        "mouth-angles-up",
    }
)
"""Local shape parameters that vary less, because they look unnatural when they vary as the others do."""

DIMORPHISM = {
    "eyebrows-trans-forward": 0.34,
    "eyebrows-trans-up": -0.12,
    "eyebrows-angle-up": -0.04,
    "chin-width-incr": 0.34,
    "chin-height-incr": 0.15,
    "chin-prominent-incr": 0.18,
    "chin-bones-incr": 0.26,
    "chin-cleft-incr": 0.08,
    "nose-scale-horiz-incr": 0.17,
    "nose-volume-incr": 0.15,
    "nose-hump-incr": 0.14,
    "nose-point-width-incr": 0.12,
    "nose-scale-vert-incr": 0.08,
    "nose-point-up": -0.14,
    "nose-nostrils-angle-up": -0.08,
    "nose-scale-depth-incr": 0.13,
    "mouth-upperlip-volume-incr": -0.16,
    "mouth-lowerlip-volume-incr": -0.14,
    "mouth-upperlip-height-incr": -0.14,
    "mouth-lowerlip-height-incr": -0.10,
    "mouth-scale-horiz-incr": 0.12,
    "mouth-cupidsbow-incr": -0.08,
    "eye-scale-incr": -0.12,
    "eye-height2-incr": -0.12,
    "cheek-volume-incr": -0.10,
    "cheek-inner-incr": -0.08,
    "forehead-nubian-incr": -0.08,
    "head-scale-horiz-incr": 0.07,
}
"""Mean local shape parameters at masculinity 1; they scale linearly with masculinity."""

AGEING = {
    "cheek-trans-up": -0.35,
    "cheek-volume-incr": -0.25,
    "cheek-inner-incr": -0.35,
    "chin-jaw-drop-incr": 0.45,
    "forehead-temple-incr": -0.35,
    "eyebrows-trans-up": -0.30,
    "eye-bag-incr": 0.75,
    "eye-bag-out": 0.40,
    "eye-bag-height-incr": 0.25,
    "eye-eyefold-up": -0.35,
    "eye-eyefold-angle-up": -0.55,
    "eye-corner2-up": -0.30,
    "eye-height2-incr": -0.20,
    "eye-height3-incr": -0.25,
    "mouth-angles-up": -0.30,
    "mouth-laugh-lines-out": 0.80,
    "mouth-upperlip-volume-incr": -0.35,
    "mouth-upperlip-height-incr": -0.35,
    "mouth-lowerlip-volume-incr": -0.25,
    "mouth-lowerlip-height-incr": -0.20,
    "mouth-trans-up": -0.15,
    "nose-point-up": -0.35,
    "nose-scale-vert-incr": 0.15,
    "nose-volume-incr": 0.15,
    "ear-scale-incr": 0.30,
    "ear-lobe-incr": 0.45,
    "head-fat-incr": 0.10,
}
"""Local shape parameters that are added until `AGES` ends, with the square of the share of that time: tissue
sags, cheeks, temples and lips lose volume, and nose and ears grow (Albert, Ricanek & Patterson 2007,
*Forensic Sci. Int.* 172, 1-9)."""

BOUNDS = {
    "nose-scale-horiz-incr": (-0.4, 0.7),
    "nose-trans-forward": (-0.4, 0.5),
    "nose-scale-depth-incr": (-0.35, 0.6),
    "nose-volume-incr": (-0.35, 0.6),
    "nose-scale-vert-incr": (-0.3, 0.6),
    "eye-trans-up": (-0.35, 0.35),
}
"""Local shape parameters that would fold the skin if all that adds up to them went further."""

IRISES = np.array(
    [
        [0.20, 0.11, 0.05],
        [0.33, 0.20, 0.09],
        [0.30, 0.36, 0.20],
        [0.28, 0.40, 0.52],
        [0.35, 0.42, 0.46],
        [0.12, 0.07, 0.04],
    ]
)
IRIS_SHARES = {"light": [0.3, 0.2, 0.12, 0.15, 0.08, 0.15], "dark": [0.47, 0.1, 0.015, 0.003, 0.002, 0.41]}
HAIRS = np.array([[0.055, 0.042, 0.036], [0.15, 0.095, 0.06], [0.34, 0.24, 0.14], [0.28, 0.12, 0.06]])
HAIR_SHARES = {"light": [0.45, 0.3, 0.15, 0.1], "dark": [0.85, 0.13, 0.01, 0.01]}


@dataclass(frozen=True)
class Brow:
    """Brows: thickness, height above the eyes, arch and tilt in metres; darkness; relative start and end."""

    thickness: float
    height: float
    arch: float
    tilt: float
    darkness: float
    start: float
    end: float


@dataclass(frozen=True)
class Mole:
    """A mole: its position in the list of eligible texels (0 to 1), its size in texels, and its darkness."""

    place: float
    size: float
    darkness: float


@dataclass(frozen=True)
class Person:
    """Shape and skin of one identity; amounts are 0 to 1 unless said otherwise.

    Attributes
    ----------
    gender, masculinity : the label, and the number that determines the appearance
    age : in years, within `AGES`; the age of the phenotype follows from it
    phenotype, local : the shape (`faceinv.data.faces.morphable_head`)
    melanin, hue : skin tone, and its tint (three standard normal numbers)
    iris, hair : sRGB colours, 0 to 1; the brows are a darker version of the hair
    noise, shift : weights of the atlas's smooth noise fields, and shift of the fine ones in texels
    traits : amounts of everything else that is painted, by name
    surface : dispositions of skin and hair that do not depend on gender
    """

    gender: str
    masculinity: float
    age: float
    phenotype: Phenotype
    local: np.ndarray
    melanin: float
    hue: np.ndarray
    iris: np.ndarray
    hair: np.ndarray
    brow: Brow
    moles: tuple[Mole, ...]
    noise: np.ndarray
    shift: tuple[int, int]
    traits: dict[str, float]
    surface: SkinSurface


def draw_person(seed: int, index: int) -> Person:
    """Identity `index` of the unlimited population `seed`: women at even indices, men at odd ones."""
    rng = np.random.default_rng([seed, index, 1])
    gender = GENDERS[index % 2]
    m = MASCULINITY[gender] + MASCULINITY_SPREAD * float(np.clip(rng.normal(), -2.2, 2.2))
    melanin = float(rng.beta(1.3, 1.5))
    tone = "light" if melanin < 0.45 else "dark"
    iris = IRISES[rng.choice(len(IRISES), p=IRIS_SHARES[tone])] * rng.uniform(0.85, 1.15)
    hair = HAIRS[rng.choice(len(HAIRS), p=HAIR_SHARES[tone])] * rng.uniform(0.8, 1.25)
    age = float(rng.uniform(*AGES))
    return Person(
        gender=gender,
        masculinity=m,
        age=age,
        phenotype=Phenotype(
            gender=float(np.clip(0.5 - 0.5 * m, *MEAN_SHAPES)),
            age=phenotype_age(age),
            muscle=float(np.clip(rng.uniform(0.35, 0.65) + 0.1 * m, 0.05, 0.95)),
            weight=float(rng.uniform(0.32, 0.72)),
            ancestry=tuple(rng.dirichlet([1.2] * 3)),
        ),
        local=bounded(draw_local(rng, m)) + ageing(age),
        melanin=melanin,
        hue=rng.normal(0, 1, 3),
        iris=np.clip(iris, 0, 1),
        hair=hair,
        brow=draw_brow(rng, m),
        moles=tuple(
            Mole(rng.random(), rng.uniform(0.8, 1.7), rng.uniform(0.3, 0.85))
            for _ in range(rng.choice(5, p=[0.33, 0.27, 0.2, 0.13, 0.07]))
        ),
        noise=rng.normal(size=24),
        shift=(int(rng.integers(-60, 60)), int(rng.integers(-60, 60))),
        traits=draw_traits(rng, m, melanin),
        surface=draw_surface(np.random.default_rng([seed, index, 4])),
    )


def bounded(local: np.ndarray) -> np.ndarray:
    """Local shape parameters within `BOUNDS`."""
    bounds = np.array([BOUNDS.get(name, (-np.inf, np.inf)) for name in load_head().local_names])
    return np.clip(local, *bounds.T)


def at_age(person: Person, age: float) -> Person:
    """The same person at another age, in years: nothing but what age changes is changed."""
    return replace(
        person,
        age=age,
        phenotype=replace(person.phenotype, age=phenotype_age(age)),
        local=person.local + (ageing(age) - ageing(person.age)),
    )


def ageing(age: float) -> np.ndarray:
    """What an age in years adds to the local shape parameters (see `AGEING`)."""
    share = (age - AGES[0]) / (AGES[1] - AGES[0])
    return share**2 * np.array([AGEING.get(name, 0.0) for name in load_head().local_names])


def draw_local(rng: np.random.Generator, masculinity: float) -> np.ndarray:
    """Local shape parameters of a person, in the order of `Head.local_names`."""
    names = load_head().local_names
    spread = np.array([VARIETY[n.split("-")[0]] * (0.6 if n in CALM else 1.0) for n in names])
    typical = np.array([DIMORPHISM.get(n, 0.0) for n in names])
    return np.clip(rng.normal(size=len(names)), -2.2, 2.2) * spread + typical * masculinity


def draw_brow(rng: np.random.Generator, masculinity: float) -> Brow:
    """Brows: thicker, darker, flatter and lower with masculinity."""
    k = 0.85 * masculinity
    return Brow(
        thickness=float(np.clip(rng.uniform(0.0028, 0.0052) * (1 + 0.30 * k), 0.0018, 0.0072)),
        height=float(rng.normal(0.0185, 0.0012) - 0.0012 * k),
        arch=float(np.clip(rng.uniform(0.001, 0.006) - 0.002 * k, -0.001, 0.0085)),
        tilt=float(rng.normal(0, 0.002) + 0.0015 * k),
        darkness=float(np.clip(rng.uniform(0.45, 0.92) + 0.08 * k, 0.3, 0.95)),
        start=float(rng.uniform(0, 0.1)),
        end=float(rng.uniform(0.86, 1.02)),
    )


def draw_traits(rng: np.random.Generator, masculinity: float, melanin: float) -> dict[str, float]:
    """Amounts of what is painted on the skin: first traits that depend on masculinity, then all others."""
    m, h = masculinity, rng.normal(size=6)
    grows = float(np.clip(0.5 + m, 0, 1))  # few feminine faces, and no typical woman, have a beard

    def some(low: float, high: float = 1.0) -> float:
        """Uniform between `low` and `high`, clipped to 0 to 1: a negative `low` makes zeros more frequent."""
        return float(np.clip(rng.uniform(low, high), 0, 1))

    return {
        "beard": grows * float(np.clip(0.08 + 0.20 * m + 0.16 * h[0], 0, 0.6)),
        "moustache": grows * float(rng.random() < 0.14) * rng.uniform(0.2, 0.55),
        "goatee": grows * float(rng.random() < 0.12) * rng.uniform(0.2, 0.55),
        "lash": float(np.clip(0.42 - 0.24 * m + 0.14 * h[1], 0.08, 0.9)),
        "lid_shadow": float(np.clip(0.09 - 0.07 * m + 0.06 * h[2], 0, 0.35)),
        "lip_contrast": float(np.clip(0.45 - 0.26 * m + 0.20 * h[3], 0, 1.1)),
        "grain": float(np.clip(1 + 0.40 * m + 0.35 * h[4], 0.15, 2.2)),
        "recession": float(np.clip(0.5 + 0.5 * m + 0.4 * h[5], 0, 1)),
        "smile_fold": some(-0.25),
        "eye_bag": some(-0.4),
        "under_eye": some(-0.3),
        "lid_crease": some(0.1, 0.9),
        "forehead_lines": some(-1.2),
        "frown_lines": some(-1),
        "chin_dimple": some(-0.6),
        "freckles": some(-1.6) * (1 - 0.7 * melanin),
        "pattern": float(rng.integers(3)),
        "mottling": some(0.2),
        "blush": some(0),
        "lip_tone": some(0),
        "lip_edge": some(0),
        "fringe": float(rng.normal()),
        "volume": some(0.3),
    }
