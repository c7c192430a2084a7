"""UV atlas of the skin: the layout of the texture, with fields for painting and for region maps.

The atlas is MakeHuman's texture layout of the head, turned upright, with more texels for the face and the
neck in a strip below. Every field is sampled at the texels (rows x columns) and computed once from
`head.npz`. It is the same for all heads, because texture coordinates do not depend on the shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom
from scipy.spatial import cKDTree

from faceinv.data.faces.lids import lid_edges
from faceinv.data.faces.morphable_head import Head, Phenotype, load_head
from faceinv.data.stimuli import REGIONS

ROWS, COLUMNS = 320, 448
"""Texels of the atlas at scale 1; at scale 2 there are twice as many each way."""
FINE_FROM = 97
"""Size of images, in pixels, from which the atlas has scale 2: below it, texels are smaller than pixels."""
HEAD_SHARE = 0.9
"""Share of the rows for the head; the rest is for the neck."""
Window = tuple[slice, slice]
LABEL = {name: i for i, name in enumerate(REGIONS)}
NOISE_SIZES = (30, 30, 18, 18, 10, 10, 5, 5)
"""Standard deviations, in texels, of the smooth noise fields."""


def ramp(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """Smooth step from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


@dataclass(frozen=True)
class Atlas:
    """Fields over the texels (rows x columns, float32, 0 to 1 unless said otherwise).

    Attributes
    ----------
    scale : texels for each one of `ROWS` and `COLUMNS`
    uv : corners x 2
        Column and row of each corner as shares of the atlas.
    position : rows x columns x 3, metres
        Point of the neutral head; the origin is midway between the eyes.
    sky : share of the light of the sky that arrives
    fields : masks of features, by name: lips, eyelids, ears, front, beard, moustache, goatee, upper_lash, ...
    noise : smooth noise, one field for each of `NOISE_SIZES`, zero mean and unit standard deviation
    grain, stubble, strokes, combed : fine noise, zero mean and unit standard deviation
    freckles : three patterns of spots
    age_spots : a pattern of fewer, larger ones
    regions : uint8
        Region of each texel.
    face : two slices
        The part of the atlas that contains everything painted on a face.
    lip_window, eye_window, brow_window, beard_window : two slices each
        Parts of the face (the first two within `face`, the others within the atlas).
    spots : n x 2
        Rows and columns, within `face`, where a mole may sit; the same places at any scale.
    """

    scale: int
    uv: np.ndarray
    position: np.ndarray
    sky: np.ndarray
    fields: dict[str, np.ndarray]
    noise: np.ndarray
    grain: np.ndarray
    stubble: np.ndarray
    strokes: np.ndarray
    combed: np.ndarray
    freckles: np.ndarray
    age_spots: np.ndarray
    regions: np.ndarray
    face: Window
    lip_window: Window
    eye_window: Window
    brow_window: Window
    beard_window: Window
    spots: np.ndarray


def corner_places(head: Head, points: np.ndarray) -> np.ndarray:
    """Column and row of each corner, as shares of the atlas, for a head with the vertices `points`."""
    u, v = head.corner_uv.T
    across = np.arcsinh(4 * (v - 0.483) / 0.34) / np.arcsinh(4)
    along = np.arcsinh(3 * (u - 0.885) / 0.25)
    low, high = np.arcsinh(3 * (np.array([0.635, 0.9955]) - 0.885) / 0.25)
    place = np.stack([0.5 + 0.5 * across, HEAD_SHARE * (along - low) / (high - low)], 1)
    x, y, z = points[head.corner_vertex].T
    neck = u < 0.6
    azimuth = np.arctan2(x, 0.06 - y) / np.pi
    place[neck, 0] = 0.5 + 0.4 * azimuth[neck]
    place[neck, 1] = HEAD_SHARE + 0.02 + 0.07 * np.clip((-0.06 - z[neck]) / 0.15, 0, 1)
    place[np.unique(head.skin_corners[head.socket])] = [0.01, 0.99]
    return np.clip(place, 0.5 / COLUMNS, 1 - 0.5 / COLUMNS)


def sample(place: np.ndarray, triangles: np.ndarray, values: np.ndarray, scale: int = 1) -> np.ndarray:
    """`values` of the corners interpolated over the texels; outside the head, those of the nearest texel."""
    rows, columns = scale * ROWS, scale * COLUMNS
    corner = place[triangles] * [columns, rows] - 0.5
    low, high = np.floor(corner.min(1)).astype(int), np.ceil(corner.max(1)).astype(int)
    width, height = (np.clip(high, 0, [columns - 1, rows - 1]) - np.clip(low, 0, None) + 1).T
    # all texels in the bounding boxes of the triangles, triangle by triangle
    triangle = np.repeat(np.arange(len(triangles)), width * height)
    offset = np.arange(len(triangle)) - np.repeat(np.cumsum(width * height) - width * height, width * height)
    column = np.clip(low[triangle, 0], 0, None) + offset % width[triangle]
    row = np.clip(low[triangle, 1], 0, None) + offset // width[triangle]
    a, b, c = (corner[triangle, k] for k in range(3))
    texel = np.stack([column, row], 1)
    whole, *parts = (
        signed_area(q - p, r - p) for p, q, r in ((a, b, c), (texel, b, c), (a, texel, c), (a, b, texel))
    )
    shares = np.stack(parts, 1) / np.where(np.abs(whole) < 1e-9, np.inf, whole)[:, None]
    inside = (shares > -1e-6).all(1) & (shares.sum(1) > 0.5)
    out = np.full((rows, columns, values.shape[1]), np.nan, np.float32)
    out[row[inside], column[inside]] = np.einsum(
        "tk,tkv->tv", shares[inside], values[triangles[triangle[inside]]]
    )
    nearest = distance_transform_edt(np.isnan(out[..., 0]), return_distances=False, return_indices=True)
    return out[tuple(nearest)]


def signed_area(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Signed area of the parallelograms of two-dimensional vectors."""
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


@cache
def neutral_points() -> np.ndarray:
    """Vertices of the standing neutral head."""
    head = load_head()
    return head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))


def load_atlas(scale: int = 1) -> Atlas:
    """The atlas of the head in `head.npz` at a scale, 1 or 2, computed once."""
    return _atlas(scale)


@cache
def _atlas(scale: int) -> Atlas:
    head, points = load_head(), neutral_points()
    place = corner_places(head, points)
    values = np.concatenate([points, np.stack([head.lips, head.eyelids, head.ears, head.sky], 1)], 1)
    texels = sample(place, head.skin_corners[~head.socket], values[head.corner_vertex], scale)
    position, sky = texels[..., :3], np.clip(texels[..., 6], 0.05, 1)
    neck = slice(round(HEAD_SHARE * ROWS * scale), None)
    sky[neck] = gaussian_filter(sky[neck], (5 * scale, 18 * scale))  # the neck's corners are few and overlap
    cavity = (1 - ramp(gaussian_filter(sky, scale), 0.12, 0.42)) * nose_base(position)
    # light also reaches a nostril through the thin skin around it
    sky += cavity * np.clip(0.22 - sky, 0, None)
    fields = {
        "lips": np.clip(texels[..., 3], 0, 1),
        "eyelids": np.clip(texels[..., 4], 0, 1),
        "ears": ramp(gaussian_filter(texels[..., 5], 1.5 * scale), 0.15, 0.6),
    }
    eye = head.eye_centres(points)[1]
    fields["front"] = (position[..., 1] < 0.045).astype(np.float32)
    fields["front"][neck] = 0
    fields |= lids(points, position)
    fields |= beard(position, fields, scale)
    fields |= folds(position, eye, fields, scale)
    fields["nostril"] = cavity
    fields["plain"] = plain(position, scale) * (1 - fields["ears"])
    fields = {name: f.astype(np.float32) for name, f in fields.items()}
    labels = texel_regions(position, eye, fields, scale)
    face = window((fields["front"] > 0) & (position[..., 2] < 0.085))
    x, z = np.abs(position[..., 0]), position[..., 2]
    return Atlas(
        scale=scale,
        uv=place,
        position=position,
        sky=sky,
        fields=fields,
        regions=labels,
        face=face,
        lip_window=window(fields["lips_soft"][face] > 0.01),
        eye_window=window(
            np.max([fields[n] for n in ("upper_lash", "lower_lash", "lid_shadow")], 0)[face] > 0.01
        ),
        beard_window=window(np.max([fields[n] for n in ("beard", "moustache", "goatee")], 0) > 0.01),
        brow_window=window((fields["front"] > 0) & (z > 0.002) & (z < 0.045) & (x < 0.066)),
        spots=spots_of_moles(labels, position, face, scale),
        **(noises() if scale == 1 else fine_noises(load_atlas(), scale)),
    )


def spots_of_moles(labels: np.ndarray, position: np.ndarray, face: Window, scale: int) -> np.ndarray:
    """Texels where a mole may sit, within the window `face`: the same places at any scale."""
    corner = np.array([part.start for part in face])
    if scale > 1:
        coarse = load_atlas()
        return scale * (coarse.spots + [part.start for part in coarse.face]) - corner
    marked = np.isin(labels, [LABEL[name] for name in ("cheek", "chin", "forehead", "nose")])
    return np.argwhere((marked & (position[..., 1] < 0.02))[face])


def window(where: np.ndarray) -> Window:
    """The smallest window that contains all true texels."""
    rows, columns = np.where(where)
    return slice(int(rows.min()), int(rows.max()) + 1), slice(int(columns.min()), int(columns.max()) + 1)


def plain(position: np.ndarray, scale: int) -> np.ndarray:
    """Mask of texels small and even enough for fine noise to look like skin: 1 on the face, 0 behind it."""
    down, right = (np.linalg.norm(np.gradient(position, axis=axis), axis=-1) for axis in (0, 1))
    evenness = 1 - ramp(gaussian_filter(scale * np.maximum(down, right), 2 * scale), 0.0014, 0.0024)
    evenness[round(HEAD_SHARE * ROWS * scale) - 3 * scale :] = 0
    return gaussian_filter(evenness * (1 - ramp(position[..., 1], 0.02, 0.05)), 3 * scale)


def lids(points: np.ndarray, position: np.ndarray) -> dict[str, np.ndarray]:
    """Lash lines, lid shadow and lid crease, by the distance to the front edges of the lids."""
    names = ("upper_lash", "lower_lash", "lid_shadow", "lid_crease")
    out = {name: np.zeros(position.shape[:2], np.float32) for name in names}
    for upper, lower in lid_edges():
        ring = points[np.concatenate([upper.vertices, lower.vertices[::-1]])]
        inner, outer = points[upper.vertices[0]], points[upper.vertices[-1]]
        line = np.concatenate(
            [np.linspace(a, b, 8, endpoint=False) for a, b in zip(ring, np.roll(ring, -1, 0), strict=True)]
        )
        near = np.hypot(position[..., 0] - ring[:, 0].mean(), position[..., 2]) < 0.03
        near &= position[..., 1] < 0.03
        distance, index = cKDTree(line).query(position[near])
        nearest = line[index]
        along = np.clip((nearest[:, 0] - inner[0]) / (outer[0] - inner[0]), 0, 1)
        height = nearest[:, 2] - (inner[2] + (outer[2] - inner[2]) * along)
        above = ramp(height, -0.0012, 0.0008) * (position[near][:, 2] > nearest[:, 2] - 0.003)
        out["upper_lash"][near] = above * np.exp(-((distance / 0.0016) ** 2)) * (0.6 + 0.4 * along)
        out["lower_lash"][near] = (1 - above) * np.exp(-((distance / 0.0011) ** 2)) * (0.3 + 0.7 * along)
        out["lid_shadow"][near] = above * (1 - ramp(distance, 0.002, 0.009))
        out["lid_crease"][near] = (
            above * np.exp(-(((distance - 0.0045) / 0.0013) ** 2)) * ramp(along, 0.02, 0.3)
        )
    return out


def beard(position: np.ndarray, fields: dict[str, np.ndarray], scale: int) -> dict[str, np.ndarray]:
    """Masks of beard, moustache and goatee."""
    x, y, z = np.abs(position[..., 0]), position[..., 1], position[..., 2]
    azimuth = np.rad2deg(np.arctan2(x, 0.04 - y))
    lips = np.clip(1.5 * gaussian_filter(fields["lips"], 1.2 * scale), 0, 1)
    upper_edge = -0.066 + 0.070 * ramp(azimuth, 30, 100)
    cheek = 1 - ramp(z - upper_edge, -0.012, 0.008)
    # lower to the sides, and thinner in the groove below the nose
    top = z + 14.0 * x * x
    moustache = (1 - ramp(x, 0.017, 0.033)) * (1 - ramp(top, -0.0555, -0.0470)) * (z > -0.085)
    moustache *= 1 - 0.45 * np.exp(-((x / 0.0035) ** 2)) * ramp(z, -0.062, -0.056)
    growth = np.maximum(cheek * (0.62 + 0.38 * (1 - ramp(x, 0.028, 0.05))), moustache)
    growth *= (1 - lips) * (1 - np.clip(2 * fields["ears"], 0, 1)) * (1 - ramp(azimuth, 100, 114))
    # thins out towards the throat
    growth *= ramp(z - 0.35 * np.clip(y, 0, None), -0.155, -0.112)
    growth[round(HEAD_SHARE * ROWS * scale) - 2 * scale :] = 0
    growth = gaussian_filter(growth, 1.5 * scale) * (1 - fields["ears"])
    return {
        "beard": growth,
        "moustache": gaussian_filter(moustache * (1 - lips), 1.6 * scale),
        "goatee": growth * (1 - ramp(np.hypot(x / 0.024, (z + 0.1) / 0.027), 0.45, 1.15)),
    }


def folds(
    position: np.ndarray, eye: np.ndarray, fields: dict[str, np.ndarray], scale: int
) -> dict[str, np.ndarray]:
    """Lines, folds, blush and the line between the lips."""
    x, z, front, lips = np.abs(position[..., 0]), position[..., 2], fields["front"], fields["lips"]
    ex = eye[0]

    def blob(cx: float, cz: float, wx: float, wz: float) -> np.ndarray:
        return np.exp(-(((x - cx) / wx) ** 2) - ((z - cz) / wz) ** 2) * front

    middle = np.average(position[..., 2], weights=lips)
    soft = ramp(gaussian_filter(lips, 1.6 * scale), 0.16, 0.62)
    return {
        "under_eye": blob(ex - 0.002, -0.011, 0.013, 0.007),
        "chin_dimple": blob(0.0, -0.1, 0.011, 0.008),
        "blush": blob(0.042, -0.037, 0.023, 0.024),
        "nose_tip": blob(0.0, -0.036, 0.017, 0.017),
        "freckled": np.clip(
            blob(0.03, -0.026, 0.028, 0.023)
            + 0.6 * blob(0, 0.045, 0.03, 0.02)
            + 0.7 * blob(0, -0.03, 0.012, 0.02),
            0,
            1,
        ),
        "chin_redness": blob(0.0, -0.098, 0.018, 0.012),
        "lips_soft": soft,
        "mouth_line": np.exp(-(((position[..., 2] - middle) / 0.0016) ** 2)) * lips,
        "lip_edge": np.clip(4 * soft * (1 - soft), 0, 1),
        "sun": np.clip(
            blob(0.045, -0.03, 0.022, 0.03) + blob(0.02, 0.05, 0.05, 0.03) + blob(0.066, 0.01, 0.02, 0.03),
            0,
            1,
        ),
    }


def nose_base(position: np.ndarray) -> np.ndarray:
    """Mask of the underside of the nose, where the nostrils are."""
    x, z = np.abs(position[..., 0]), position[..., 2]
    return (1 - ramp(x, 0.017, 0.021)) * ramp(z, -0.056, -0.052) * (1 - ramp(z, -0.036, -0.03))


def texel_regions(
    position: np.ndarray, eye: np.ndarray, fields: dict[str, np.ndarray], scale: int
) -> np.ndarray:
    """Region of each texel of a head without brows and hair."""
    x, y, z = np.abs(position[..., 0]), position[..., 1], position[..., 2]
    lips = fields["lips"]
    azimuth = np.rad2deg(np.arctan2(x, 0.04 - y))
    mouth, low = np.average(z, weights=lips), z[lips > 0.5].min()
    brow = 0.0225
    out = np.full(x.shape, LABEL["skin"], np.uint8)
    side = azimuth < 80 + 60 * np.clip(-z, -0.05, 0.02)
    out[side & (z > brow) & (z < brow + 0.056 - 0.045 * np.clip(x / 0.075, 0, 1) ** 4) & (x < 0.066)] = LABEL[
        "forehead"
    ]
    out[side & (z <= brow)] = LABEL["cheek"]
    out[side & (z < low + 0.001) & (x < 0.03 + 0.25 * np.clip(low - z, 0, 0.02))] = LABEL["chin"]
    out[side & ((x / 0.032) ** 2 + ((z - mouth) / 0.0205) ** 2 < 1)] = LABEL["mouth"]
    down = np.clip((0.012 - z) / 0.0595, 0, 1)
    out[side & (z < 0.012) & (z > -0.0475) & (x < 0.0085 + 0.0135 * down**1.3)] = LABEL["nose"]
    out[lips > 0.4] = LABEL["mouth"]
    out[side & (((x - eye[0]) / 0.0205) ** 2 + (z / 0.0135) ** 2 < 1)] = LABEL["eye"]
    out[fields["ears"] > 0.5] = LABEL["ear"]
    jaw = -0.1105 + 0.42 * (y + 0.02)
    out[(z < jaw) & (fields["ears"] < 0.5) & (z < -0.03)] = LABEL["neck"]
    out[round(HEAD_SHARE * ROWS * scale) :] = LABEL["neck"]
    return out


def noises() -> dict[str, np.ndarray]:
    """Fixed noise fields; people differ in the weights and shifts applied to them."""
    rng = np.random.default_rng(11)

    def smooth(size: float | tuple[float, float]) -> np.ndarray:
        f = gaussian_filter(rng.normal(size=(ROWS, COLUMNS)), size)
        return ((f - f.mean()) / f.std()).astype(np.float32)

    noise = np.stack([smooth(size) for size in NOISE_SIZES])
    grain = smooth(0.6) + 0.8 * smooth(1.6)
    spots = [
        np.clip(gaussian_filter((rng.random((ROWS, COLUMNS)) < share).astype(float), size) * gain, 0, 1)
        for share, size, gain in ((0.035, 0.75, 3.2), (0.02, 1.0, 5.0), (0.03, 0.85, 4.0))
    ]
    return {
        "noise": noise,
        "grain": grain / grain.std(),
        "stubble": smooth(0.5),
        "strokes": smooth((0.5, 2.2)),
        "combed": smooth((2.2, 0.5)),
        "freckles": np.stack(spots).astype(np.float32),
        "age_spots": age_spots(rng),
    }


def age_spots(rng: np.random.Generator) -> np.ndarray:
    """Spots with blurred, uneven borders, 2 to 5 texels wide."""
    layers = [
        np.clip(gaussian_filter((rng.random((ROWS, COLUMNS)) < share).astype(float), size) * gain, 0, 1)
        for share, size, gain in ((0.004, 1.1, 5.0), (0.0012, 1.9, 14.0))
    ]
    uneven = gaussian_filter(rng.normal(size=(ROWS, COLUMNS)), 1.5)
    return np.clip(np.max(layers, 0) * (1 + 0.3 * uneven / uneven.std()), 0, 1).astype(np.float32)


def fine_noises(coarse: Atlas, scale: int) -> dict[str, np.ndarray]:
    """The noise fields of an atlas at a finer scale: those of scale 1, and for the fine ones more detail."""
    rng = np.random.default_rng(12)

    def larger(field: np.ndarray) -> np.ndarray:
        return zoom(field, scale, order=1, grid_mode=True, mode="grid-wrap").astype(np.float32)

    def finer(field: np.ndarray, size: tuple[float, float]) -> np.ndarray:
        detail = gaussian_filter(rng.normal(size=(scale * ROWS, scale * COLUMNS)), size)
        out = larger(field) + 0.8 * detail / detail.std()
        return (out / out.std()).astype(np.float32)

    return {
        "noise": np.stack([larger(field) for field in coarse.noise]),
        "grain": finer(coarse.grain, (0.6, 0.6)),
        "stubble": finer(coarse.stubble, (0.6, 0.6)),
        "strokes": finer(coarse.strokes, (0.5, 2.2)),
        "combed": finer(coarse.combed, (2.2, 0.5)),
        "freckles": np.stack([larger(field) for field in coarse.freckles]),
        "age_spots": larger(coarse.age_spots),
    }
