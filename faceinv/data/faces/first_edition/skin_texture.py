"""Textures: paint the skin, brows and eyes of a person on the atlas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from faceinv.data.faces.first_edition.hair import paint_hair
from faceinv.data.faces.first_edition.identities import Brow, Person
from faceinv.data.faces.first_edition.uv_atlas import Atlas, load_atlas, ramp
from faceinv.data.rendering.colour import decode_srgb

IRIS_SIZE = 96
"""Width of the texture of an eyeball in texels; it spans 2.2 radii."""

TONES = np.array([[0.90, 0.735, 0.645], [0.73, 0.53, 0.41], [0.36, 0.235, 0.175]])
"""Skin with the least, medium and most melanin, sRGB."""
DARKEN = np.array([0.85, 1.05, 1.1], np.float32)
"""Relative darkening of red, green and blue: darker skin is also slightly redder."""


@dataclass(frozen=True)
class Texture:
    """Linear reflectances, float32.

    Attributes
    ----------
    skin : rows x columns x 3
        Of the atlas (`faceinv.data.faces.first_edition.uv_atlas`).
    eye : IRIS_SIZE x IRIS_SIZE x 3
        Of both eyeballs, seen from the front.
    brow, hair : rows x columns
        Cover of each texel by brows and by hair, 0 to 1.
    """

    skin: np.ndarray
    eye: np.ndarray
    brow: np.ndarray
    hair: np.ndarray | None


def paint_person(person: Person, hair: bool = False) -> Texture:
    """The textures of a person."""
    atlas = load_atlas()
    base = skin_tone(person)
    skin = np.empty((*atlas.sky.shape, 3), np.float32)
    skin[:] = base
    face = skin[atlas.face]
    face *= (1 + mottle(person, atlas))[..., None]
    paint_marks(face, person, atlas)
    paint_lips(face, person, atlas, base)
    paint_lashes(face, person, atlas)
    paint_beard(face, person, atlas, base)
    paint_moles(face, person, atlas)
    brow = paint_brow(skin, person, atlas)
    skin[-6:, :12] = (0.55, 0.33, 0.30)  # the wet lining of the eye sockets
    cover = paint_hair(skin, person, atlas) if hair else None
    return Texture(skin=decode_srgb(skin), eye=decode_srgb(paint_eye(person)), brow=brow, hair=cover)


def skin_tone(person: Person) -> np.ndarray:
    """Colour of a person's skin, sRGB, float32."""
    at = 2 * person.melanin
    low = min(int(at), 1)
    base = TONES[low] + (TONES[low + 1] - TONES[low]) * (at - low)
    return (base * (1 + np.array([0.018, 0.014, 0.022]) * np.clip(person.hue, -2, 2))).astype(np.float32)


def mottle(person: Person, atlas: Atlas) -> np.ndarray:
    """Relative brightness of lighter and darker patches of skin over the face."""
    strength = np.repeat([0.007, 0.006, 0.005, 0.004], 2) * (0.5 + person.traits["mottling"])
    weights = (strength * person.noise[: len(strength)]).astype(np.float32)
    fade = atlas.fields["plain"][atlas.face]
    return np.einsum("k,krc->rc", weights, atlas.noise[(slice(None), *atlas.face)]) * fade


def paint_marks(face: np.ndarray, person: Person, atlas: Atlas) -> None:
    """Blush, folds, lines, grain and freckles."""
    t = {name: np.float32(value) for name, value in person.traits.items()}
    f = {name: field[atlas.face] for name, field in atlas.fields.items()}
    red = np.array([0.02, -0.04, -0.035], np.float32) * np.float32(1 - 0.6 * person.melanin)
    face += red * (f["blush"] * (0.3 + 0.8 * t["blush"]) + 0.6 * f["nose_tip"])[..., None]
    dark = 0.12 * t["smile_fold"] * f["smile_fold"]
    dark += 0.12 * t["eye_bag"] * f["eye_bag"] + 0.15 * t["under_eye"] * f["under_eye"]
    dark += 0.20 * t["lid_crease"] * f["lid_crease"] + np.float32(0.10) * f["eyelids"]
    if t["forehead_lines"] > 0:
        dark += 0.07 * t["forehead_lines"] * f["forehead_lines"]
    if t["frown_lines"] > 0:
        dark += 0.10 * t["frown_lines"] * f["frown_lines"]
    if t["chin_dimple"] > 0:
        dark += 0.06 * t["chin_dimple"] * f["chin_dimple"]
    dark -= 0.014 * t["grain"] * atlas.grain[atlas.face] * f["plain"]
    if t["freckles"] > 0.02:
        spots = np.roll(atlas.freckles[int(t["pattern"])], person.shift, (0, 1))[atlas.face]
        dark += 0.20 * t["freckles"] * spots * f["freckled"]
    face *= 1 - dark[..., None] * DARKEN


def paint_lips(face: np.ndarray, person: Person, atlas: Atlas, base: np.ndarray) -> None:
    """Lips: darker and redder than the skin, more so in women (Russell 2009), without make-up."""
    t = person.traits
    pale, deep = np.array([0.97, 0.84, 0.83]), np.array([0.87, 0.65, 0.65])
    colour = base * (pale + (deep - pale) * t["lip_contrast"]) * (0.95 + 0.07 * t["lip_tone"])
    window = atlas.lip_window
    part = face[window]
    lips = atlas.fields["lips"][atlas.face][window][..., None]
    part += np.float32(0.85) * lips * (colour.astype(np.float32) - part)
    edge = np.float32(0.06 * t["lip_edge"]) * atlas.fields["lip_edge"][atlas.face][window]
    part *= 1 - (np.float32(0.28) * atlas.fields["mouth_line"][atlas.face][window] + edge)[..., None]


def paint_lashes(face: np.ndarray, person: Person, atlas: Atlas) -> None:
    """The lash lines, and shadow on the upper lid."""
    t, window = person.traits, atlas.eye_window
    part = face[window]
    f = {n: atlas.fields[n][atlas.face][window] for n in ("upper_lash", "lower_lash", "lid_shadow")}
    cover = np.float32(t["lash"]) * (f["upper_lash"] + np.float32(0.45) * f["lower_lash"])
    part += np.clip(cover, 0, 0.9)[..., None] * (np.array([0.06, 0.045, 0.04], np.float32) - part)
    part *= 1 - (np.float32(t["lid_shadow"]) * f["lid_shadow"])[..., None] * DARKEN


def paint_beard(face: np.ndarray, person: Person, atlas: Atlas, base: np.ndarray) -> None:
    """The shadow of a shaven beard, or its stubble."""
    amounts = {name: person.traits[name] for name in ("beard", "moustache", "goatee")}
    if max(amounts.values()) < 0.01:
        return
    growth = np.max(
        [np.float32(a) * atlas.fields[n][atlas.face] for n, a in amounts.items() if a > 0], axis=0
    )
    colour = (0.4 * brow_colour(person) + 0.6 * base * np.array([0.40, 0.43, 0.48])).astype(np.float32)
    hairs = 0.85 + np.float32(0.22) * np.roll(atlas.stubble, person.shift, (0, 1))[atlas.face]
    cover = np.clip(growth * hairs, 0, 0.9)
    face += cover[..., None] * (colour - face)


def paint_moles(face: np.ndarray, person: Person, atlas: Atlas) -> None:
    """Moles, each painted in a small window."""
    for mole in person.moles:
        row, column = atlas.spots[int(mole.place * len(atlas.spots))]
        window = slice(max(row - 5, 0), row + 6), slice(max(column - 5, 0), column + 6)
        rows, columns = np.ogrid[window]
        cover = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * mole.size**2))
        cover = cover[: face[window].shape[0], : face[window].shape[1], None]
        face[window] *= 1 - mole.darkness * (0.6 - 0.25 * person.melanin) * cover.astype(np.float32) * DARKEN


def brow_colour(person: Person) -> np.ndarray:
    """Colour of the brows, sRGB: darker than the hair."""
    return 0.6 * np.minimum(person.hair, 0.3) + 0.02


def paint_brow(skin: np.ndarray, person: Person, atlas: Atlas) -> np.ndarray:
    """Paint both brows and return their cover of each texel, 0 to 1."""
    b, window = person.brow, atlas.brow_window
    x, z = np.abs(atlas.position[window][..., 0]), atlas.position[window][..., 2]
    cover = brow_cover(b, x, z) * atlas.fields["front"][window]
    hairs = 0.88 + 0.18 * np.roll(atlas.strokes, person.shift, (0, 1))[window]
    weight = np.clip(cover * b.darkness * np.clip(hairs, 0.3, 1.1), 0, 1)[..., None].astype(np.float32)
    skin[window] += weight * (brow_colour(person).astype(np.float32) - skin[window])
    full = np.zeros(skin.shape[:2], np.float32)
    full[window] = cover
    return full


def brow_cover(b: Brow, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Brow cover, 0 to 1, at distance `x` from the midline and height `z` above the eyes."""
    along = np.clip((x - 0.010) / 0.045, -0.3, 1.3)
    inside = np.clip(along, 0, 1)
    width = (1.1 - 0.75 * inside**1.5) * b.thickness * (0.75 + 0.25 * ramp(along, -0.05, 0.18))
    middle = b.height + b.arch * np.sin(inside * np.pi * 0.85) + b.tilt * (along - 0.5)
    middle = middle - 0.0045 * np.clip(along - 0.62, 0, 1) ** 1.2
    ends = ramp(along, b.start - 0.06, b.start + 0.10) * (1 - ramp(along, b.end - 0.16, b.end))
    return (1 - ramp(np.abs(z - middle) / width, 0.5, 1.25)) * ends


@cache
def eye_rings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance from the pupil in eyeball radii, angle, and height of each texel of an eye."""
    rows, columns = np.mgrid[:IRIS_SIZE, :IRIS_SIZE]
    x, y = ((v + 0.5) / IRIS_SIZE * 2.2 - 1.1 for v in (columns, rows))
    return np.hypot(x, y).astype(np.float32), np.arctan2(y, x).astype(np.float32), -y.astype(np.float32)


def paint_eye(person: Person) -> np.ndarray:
    """An eyeball from the front: white, iris and pupil, sRGB."""
    r, angle, height = eye_rings()
    eye = np.empty((*r.shape, 3), np.float32)
    eye[:] = (0.74, 0.715, 0.695)
    eye *= (1 - 0.12 * ramp(r, 0.5, 0.95))[..., None]
    eye += ramp(r, 0.6, 1.0)[..., None] * np.array([0.03, -0.05, -0.05], np.float32)
    size = 0.43
    rays = 1 + 0.10 * np.sin(person.noise[-1] * 9 + 23 * angle) * np.clip(r / size, 0, 1)
    rays += 0.15 * (1 - ramp(r, 0.15, 0.3)) - 0.35 * ramp(r, 0.75 * size, size)
    iris = (1 - ramp(r, size - 0.025, size + 0.02))[..., None]
    eye += iris * (person.iris * rays[..., None] - eye)
    eye += (1 - ramp(r, 0.155, 0.19))[..., None] * (0.02 - eye)
    return eye * (1 - 0.30 * ramp(height, -0.05, 0.5))[..., None].astype(
        np.float32
    )  # shadow of the upper lid
