"""Textures: paint the skin, brows and eyes of a person on the atlas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceinv.data.faces.brows import brow_colour, paint_brows
from faceinv.data.faces.eyes import paint_eye
from faceinv.data.faces.hair import GREY_HAIR, paint_hair, shaven_cover
from faceinv.data.faces.identities import Person
from faceinv.data.faces.skin_colour import pigment_response
from faceinv.data.faces.surface import grey_share
from faceinv.data.faces.uv_atlas import Atlas, Window, load_atlas, ramp
from faceinv.data.faces.wrinkles import wrinkle_shade
from faceinv.data.rendering.colour import decode_srgb

RESTING_BLOOD, BLOOD_SPREAD = 0.28, 0.45
"""Haemoglobin of the palest skin, and how much more that of the reddest has."""
TINT = np.array([0.02, 0.012, 0.03], np.float32)
"""Deviation of the logarithm of red, green and blue between people with the same pigments."""
GRAIN = 0.034
"""Deviation of the logarithm of reflectance by the pores and the fine relief of the skin."""
BEARD = np.array([0.60, 0.63, 0.68], np.float32)
"""Colour of skin over shaven hairs, relative to bare skin: what is dark below the surface looks bluish."""


@dataclass(frozen=True)
class Texture:
    """Linear reflectances, float32.

    Attributes
    ----------
    skin : rows x columns x 3
        Of the atlas (`faceinv.data.faces.uv_atlas`).
    eye : rows x columns x 3
        Of both eyeballs, seen from the front.
    brow, hair : rows x columns
        Cover of each texel by brows and by hair, 0 to 1.
    """

    skin: np.ndarray
    eye: np.ndarray
    brow: np.ndarray
    hair: np.ndarray | None


def paint_person(person: Person, hair: bool = False, scale: int = 1) -> Texture:
    """The textures of a person, on the atlas of a scale."""
    atlas = load_atlas(scale)
    skin = paint_skin(person, atlas)
    face = skin[atlas.face]
    paint_lashes(face, person, atlas)
    paint_beard(skin, person, atlas)
    paint_moles(face, person, atlas)
    brow = paint_brows(skin, person, atlas)
    skin[-6:, :12] = (0.26, 0.09, 0.08)  # the wet lining of the eye sockets
    cover = paint_hair(skin, person, atlas) if hair else None
    return Texture(skin=skin, eye=decode_srgb(paint_eye(person)), brow=brow, hair=cover)


def paint_skin(person: Person, atlas: Atlas) -> np.ndarray:
    """Skin without brows, beard and moles: the person's own tone, and what locally adds to its logarithm."""
    blood = RESTING_BLOOD + BLOOD_SPREAD * person.surface.haemoglobin
    tone, by_melanin, by_blood = pigment_response(person.melanin, blood)
    tone = np.exp(tone + TINT * np.clip(person.hue, -2, 2).astype(np.float32))
    more_melanin, more_blood, shade = pigments(person, atlas)
    skin = np.empty((*atlas.sky.shape, 3), np.float32)
    face = skin[atlas.face]
    for channel in range(3):
        # behind the face little is added, and the exponential is as good as straight
        np.multiply(1 + more_blood * by_blood[channel] + shade, tone[channel], out=skin[..., channel])
        depth = more_melanin[atlas.face] * by_melanin[channel]
        depth += more_blood[atlas.face] * by_blood[channel]
        depth += shade[atlas.face]
        face[..., channel] = np.exp(depth) * tone[channel]
    return skin


def pigments(person: Person, atlas: Atlas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Melanin and blood beyond the person's mean, and what else changes the logarithm of reflectance.

    Returns
    -------
    three ndarrays of float32, rows x columns
    """
    melanin, blood, shade = (np.zeros(atlas.sky.shape, np.float32) for _ in range(3))
    face = atlas.face
    m, b, s = melanin[face], blood[face], shade[face]
    t = {name: np.float32(value) for name, value in person.traits.items()}
    f = {name: field[face] for name, field in atlas.fields.items()}
    patches = mottle(person, atlas)
    m += np.float32(0.22) * patches[0] + np.float32(0.045 * t["under_eye"]) * f["under_eye"]
    b += patches[1] + (0.12 + 0.30 * t["blush"]) * f["blush"] + np.float32(0.22) * f["nose_tip"]
    b += np.float32(0.10) * f["eyelids"] + np.float32(0.10) * f["chin_redness"]
    b += np.float32(0.16 * t["under_eye"]) * f["under_eye"] + np.float32(0.7) * f["nostril"]
    blood += np.float32(0.22) * atlas.fields["ears"]
    s -= np.float32(0.06) * f["under_eye"] * t["under_eye"] + 0.22 * t["lid_crease"] * f["lid_crease"]
    s -= np.float32(0.25) * f["nostril"]
    if t["chin_dimple"] > 0:
        s -= 0.06 * t["chin_dimple"] * f["chin_dimple"]
    s += wrinkle_shade(person, face, atlas.scale)
    rough = GRAIN * (0.5 + 0.5 * t["grain"]) * (1 + 0.3 * ramp(np.array(person.age), 30, 70))
    s += np.float32(rough) * shifted(atlas.grain, person, atlas, face) * f["plain"]
    paint_spots(m, person, atlas)
    paint_lips(m, b, s, person, atlas)
    paint_scalp(melanin, shade, person, atlas)
    return melanin, blood, shade


def shifted(field: np.ndarray, person: Person, atlas: Atlas, window: Window) -> np.ndarray:
    """A window of a field of fine noise that is moved by the person's own shift."""
    rows, columns = (
        np.arange(part.start, part.stop) - atlas.scale * step
        for part, step in zip(window, person.shift, strict=True)
    )
    return field.take(rows, 0, mode="wrap").take(columns, 1, mode="wrap")


def mottle(person: Person, atlas: Atlas) -> tuple[np.ndarray, np.ndarray]:
    """Patches with more or less melanin, and with more or less blood, over the face."""
    strength = np.repeat([0.045, 0.04, 0.034, 0.028], 2) * (0.5 + person.traits["mottling"])
    weights = (strength * np.clip(person.noise[: len(strength)], -2, 2)).astype(np.float32)
    fade = atlas.fields["plain"][atlas.face]
    noise = atlas.noise[(slice(None), *atlas.face)]
    melanin, blood = (np.einsum("k,krc->rc", weights[k::2], noise[k::2]) * fade for k in (0, 1))
    return melanin, blood


def paint_spots(melanin: np.ndarray, person: Person, atlas: Atlas) -> None:
    """Freckles, and the spots that the sun leaves with age."""
    t, face = person.traits, atlas.face
    if t["freckles"] > 0.02:
        spots = shifted(atlas.freckles[int(t["pattern"])], person, atlas, face)
        melanin += np.float32(0.26 * t["freckles"]) * spots * atlas.fields["freckled"][face]
    aged = (
        0.26 * person.surface.spots * float(ramp(np.array(person.age), 38, 68)) * (1 - 0.6 * person.melanin)
    )
    if aged > 0.01:
        spots = shifted(atlas.age_spots, person, atlas, face)
        melanin += np.float32(aged) * spots * atlas.fields["sun"][face]


def paint_lips(
    melanin: np.ndarray, blood: np.ndarray, shade: np.ndarray, person: Person, atlas: Atlas
) -> None:
    """Lips: thin skin over much blood, redder in women (Russell 2009), with a soft border and no make-up."""
    t, window = person.traits, atlas.lip_window
    f = {n: atlas.fields[n][atlas.face][window] for n in ("lips_soft", "mouth_line", "lip_edge")}
    lips = f["lips_soft"]
    redness = 0.62 + 0.55 * t["lip_contrast"] - 0.15 * np.clip((person.age - 45) / 25, 0, 1)
    blood[window] += np.float32(redness) * lips - blood[window] * lips
    melanin[window] += np.float32(0.07 * t["lip_tone"] + 0.02 - 0.18 * person.melanin) * lips
    lines = shifted(atlas.combed, person, atlas, atlas.face)[window]
    part = shade[window]
    part *= 1 - np.float32(0.7) * lips
    part += lips * (np.float32(0.035) * lines - np.float32(0.05 + 0.10 * t["lip_contrast"]))
    part -= np.float32(0.35) * f["mouth_line"]
    part += np.float32(0.05 * t["lip_edge"]) * f["lip_edge"]


def paint_scalp(melanin: np.ndarray, shade: np.ndarray, person: Person, atlas: Atlas) -> None:
    """The shadow of shaven hair on the scalp."""
    cover = shaven_cover(person, atlas.scale)
    dark = 0.17 - 0.10 * min(float(person.hair.mean()) / 0.3, 1.0)
    dark *= 1 - 0.6 * grey_share(person.surface, person.age)
    shade -= np.float32(dark) * cover * (1 + np.float32(0.25) * atlas.stubble)


def paint_lashes(face: np.ndarray, person: Person, atlas: Atlas) -> None:
    """The dark line at the roots of the lashes, and shadow on the upper lid."""
    t, window = person.traits, atlas.eye_window
    part = face[window]
    f = {n: atlas.fields[n][atlas.face][window] for n in ("upper_lash", "lower_lash", "lid_shadow")}
    cover = np.float32(0.25 + 0.75 * t["lash"]) * (f["upper_lash"] + np.float32(0.35) * f["lower_lash"])
    part *= 1 - np.float32(0.85) * np.clip(cover, 0, 0.9)[..., None]
    part *= 1 - (np.float32(1.5 * t["lid_shadow"]) * f["lid_shadow"])[..., None]


def paint_beard(skin: np.ndarray, person: Person, atlas: Atlas) -> None:
    """The shadow of a shaven beard, or its stubble."""
    amounts = {name: person.traits[name] for name in ("beard", "moustache", "goatee")}
    if max(amounts.values()) < 0.01:
        return
    window = atlas.beard_window
    growth = np.max([np.float32(a) * atlas.fields[n][window] for n, a in amounts.items() if a > 0], axis=0)
    part = skin[window]
    grey = 0.75 * grey_share(person.surface, person.age)
    growth *= 1 + np.float32(0.20) * shifted(atlas.stubble, person, atlas, window)
    # below the surface first, and above it where the hairs are longer
    below = np.clip(growth * np.float32(1.6), 0, 1)[..., None] * (1 - np.float32(grey))
    part *= 1 - below * (1 - BEARD)
    # stubble is darker than the skin around it, unless it is grey
    hairs = np.minimum(brow_colour(person), 0.4 * part.mean((0, 1)))
    hairs = (1 - grey) * hairs + grey * GREY_HAIR * np.array([0.62, 0.58, 0.52])
    above = np.clip(np.float32(1.5 - 0.6 * grey) * (growth - np.float32(0.12)), 0, 0.8)[..., None]
    part += above * (hairs.astype(np.float32) - part)


def paint_moles(face: np.ndarray, person: Person, atlas: Atlas) -> None:
    """Moles, each painted in a small window."""
    for mole in person.moles:
        row, column = atlas.spots[int(mole.place * len(atlas.spots))]
        reach = 5 * atlas.scale
        window = (
            slice(max(row - reach, 0), row + reach + 1),
            slice(max(column - reach, 0), column + reach + 1),
        )
        rows, columns = np.ogrid[window]
        cover = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * (atlas.scale * mole.size) ** 2))
        cover = cover[: face[window].shape[0], : face[window].shape[1], None].astype(np.float32)
        dark = np.float32(mole.darkness * (0.75 - 0.3 * person.melanin))
        face[window] *= 1 - dark * cover * np.array([0.8, 1.0, 1.05], np.float32)
