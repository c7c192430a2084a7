"""UV atlas of the skin: the layout of the texture, with fields for painting and for region maps.

The atlas is MakeHuman's texture layout of the head, turned upright, with more texels for the face and the
neck in a strip below. Every field is sampled at the texels (rows x columns) and computed once from
`head.npz`. It is the same for all heads, because texture coordinates do not depend on the shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree

from faceinv.data.faces.morphable_head import Head, Phenotype, load_head
from faceinv.data.stimuli import REGIONS

ROWS, COLUMNS = 320, 448
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
    uv : corners x 2
        Column and row of each corner as shares of the atlas.
    position : rows x columns x 3, metres
        Point of the neutral head; the origin is midway between the eyes.
    sky : share of the light of the sky that arrives
    fields : masks of features, by name: lips, eyelids, ears, front, beard, moustache, goatee, upper_lash, ...
    noise : smooth noise, one field for each of `NOISE_SIZES`, zero mean and unit standard deviation
    grain, stubble, strokes, combed : fine noise, zero mean and unit standard deviation
    freckles : three patterns of spots
    regions : uint8
        Region of each texel.
    face : two slices
        The part of the atlas that contains everything painted on a face.
    lip_window, eye_window, brow_window : two slices each
        Parts of the face (the first two within `face`, the brows' within the atlas).
    spots : n x 2
        Rows and columns, within `face`, where a mole may sit.
    """

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
    regions: np.ndarray
    face: Window
    lip_window: Window
    eye_window: Window
    brow_window: Window
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


def sample(place: np.ndarray, triangles: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` of the corners interpolated over the texels; outside the head, those of the nearest texel."""
    corner = place[triangles] * [COLUMNS, ROWS] - 0.5
    low, high = np.floor(corner.min(1)).astype(int), np.ceil(corner.max(1)).astype(int)
    width, height = (np.clip(high, 0, [COLUMNS - 1, ROWS - 1]) - np.clip(low, 0, None) + 1).T
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
    out = np.full((ROWS, COLUMNS, values.shape[1]), np.nan, np.float32)
    out[row[inside], column[inside]] = np.einsum(
        "tk,tkv->tv", shares[inside], values[triangles[triangle[inside]]]
    )
    nearest = distance_transform_edt(np.isnan(out[..., 0]), return_distances=False, return_indices=True)
    return out[tuple(nearest)]


def signed_area(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Signed area of the parallelograms of two-dimensional vectors."""
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


@cache
def load_atlas() -> Atlas:
    """The atlas of the head in `head.npz`, computed once."""
    head = load_head()
    points = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
    place = corner_places(head, points)
    values = np.concatenate([points, np.stack([head.lips, head.eyelids, head.ears, head.sky], 1)], 1)
    texels = sample(place, head.skin_corners[~head.socket], values[head.corner_vertex])
    position, sky = texels[..., :3], np.clip(texels[..., 6], 0.05, 1)
    neck = slice(round(HEAD_SHARE * ROWS), None)
    sky[neck] = gaussian_filter(sky[neck], (2, 10))  # the neck's corners are few and overlap
    fields = {
        "lips": np.clip(texels[..., 3], 0, 1),
        "eyelids": np.clip(texels[..., 4], 0, 1),
        "ears": ramp(gaussian_filter(texels[..., 5], 1.5), 0.15, 0.6),
    }
    eye = head.eye_centres(points)[1]
    fields["front"] = (position[..., 1] < 0.045).astype(np.float32)
    fields["front"][round(HEAD_SHARE * ROWS) :] = 0
    fields |= lids(head, points, position)
    fields |= beard(position, fields)
    fields |= folds(position, eye, fields)
    fields["plain"] = plain(position) * (1 - fields["ears"])
    fields = {name: f.astype(np.float32) for name, f in fields.items()}
    labels = texel_regions(position, eye, fields)
    face = window((fields["front"] > 0) & (position[..., 2] < 0.085))
    marked = np.isin(labels, [LABEL[name] for name in ("cheek", "chin", "forehead", "nose")])
    x, z = np.abs(position[..., 0]), position[..., 2]
    return Atlas(
        uv=place,
        position=position,
        sky=sky,
        fields=fields,
        regions=labels,
        face=face,
        lip_window=window(fields["lips"][face] > 0.01),
        eye_window=window(
            np.max([fields[n] for n in ("upper_lash", "lower_lash", "lid_shadow")], 0)[face] > 0.01
        ),
        brow_window=window((fields["front"] > 0) & (z > 0.002) & (z < 0.045) & (x < 0.066)),
        spots=np.argwhere((marked & (position[..., 1] < 0.02))[face]),
        **noises(),
    )


def window(where: np.ndarray) -> Window:
    """The smallest window that contains all true texels."""
    rows, columns = np.where(where)
    return slice(int(rows.min()), int(rows.max()) + 1), slice(int(columns.min()), int(columns.max()) + 1)


def plain(position: np.ndarray) -> np.ndarray:
    """Mask of texels small and even enough for fine noise to look like skin: 1 on the face, 0 behind it."""
    down, right = (np.linalg.norm(np.gradient(position, axis=axis), axis=-1) for axis in (0, 1))
    evenness = 1 - ramp(gaussian_filter(np.maximum(down, right), 2), 0.0014, 0.0024)
    evenness[round(HEAD_SHARE * ROWS) - 3 :] = 0
    return gaussian_filter(evenness * (1 - ramp(position[..., 1], 0.02, 0.05)), 3)


def lids(head: Head, points: np.ndarray, position: np.ndarray) -> dict[str, np.ndarray]:
    """Lash lines, lid shadow and lid crease, by the distance to the margins of the lids."""
    on_socket, on_skin = (np.unique(head.skin[head.socket == side]) for side in (True, False))
    margin = points[np.intersect1d(on_socket, on_skin)]
    names = ("upper_lash", "lower_lash", "lid_shadow", "lid_crease")
    out = {name: np.zeros(position.shape[:2], np.float32) for name in names}
    for side in (-1, 1):
        edge = margin[np.sign(margin[:, 0]) == side]
        inner, outer = edge[np.abs(edge[:, 0]).argmin()], edge[np.abs(edge[:, 0]).argmax()]
        angle = np.arctan2(*(edge - edge.mean(0))[:, [2, 0]].T)
        ring = edge[np.argsort(angle)]
        line = np.concatenate(
            [np.linspace(a, b, 8, endpoint=False) for a, b in zip(ring, np.roll(ring, -1, 0), strict=True)]
        )
        near = np.hypot(position[..., 0] - edge[:, 0].mean(), position[..., 2]) < 0.03
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


def beard(position: np.ndarray, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Masks of beard, moustache and goatee."""
    x, y, z = np.abs(position[..., 0]), position[..., 1], position[..., 2]
    azimuth = np.rad2deg(np.arctan2(x, 0.04 - y))
    lips = np.clip(1.5 * gaussian_filter(fields["lips"], 1.2), 0, 1)
    upper_edge = -0.066 + 0.05 * ramp(azimuth, 30, 82)
    cheek = 1 - ramp(z - upper_edge, -0.012, 0.008)
    moustache = (1 - ramp(x, 0.021, 0.031)) * (1 - ramp(z, -0.0535, -0.0485)) * (z > -0.085)
    growth = np.maximum(cheek * (0.62 + 0.38 * (1 - ramp(x, 0.028, 0.05))), moustache)
    growth *= (1 - lips) * (1 - np.clip(2 * fields["ears"], 0, 1)) * (1 - ramp(azimuth, 80, 92))
    # thins out towards the throat
    growth *= ramp(z - 0.35 * np.clip(y, 0, None), -0.155, -0.112)
    growth[round(HEAD_SHARE * ROWS) - 2 :] = 0
    growth = gaussian_filter(growth, 1.5) * (1 - fields["ears"])
    return {
        "beard": growth,
        "moustache": gaussian_filter(moustache * (1 - lips), 1.2),
        "goatee": growth * (1 - ramp(x, 0.016, 0.026)) * ramp(-z, 0.074, 0.08),
    }


def folds(position: np.ndarray, eye: np.ndarray, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Lines, folds, blush and the line between the lips."""
    x, z, front, lips = np.abs(position[..., 0]), position[..., 2], fields["front"], fields["lips"]
    ex = eye[0]

    def blob(cx: float, cz: float, wx: float, wz: float) -> np.ndarray:
        return np.exp(-(((x - cx) / wx) ** 2) - ((z - cz) / wz) ** 2) * front

    def curve(points: list[tuple[float, float]], width: float) -> np.ndarray:
        knots = np.array(points)
        t = np.linspace(0, 1, 80)
        path = np.stack([np.interp(t, np.linspace(0, 1, len(knots)), k) for k in knots.T], 1)
        distance, index = cKDTree(path).query(np.stack([x, z], -1).reshape(-1, 2))
        taper = np.sin(np.pi * np.clip(index / 79 * 0.86 + 0.1, 0, 1)) ** 0.6
        return (np.exp(-((distance / width) ** 2) / 2) * taper).reshape(x.shape) * front

    middle = np.average(position[..., 2], weights=lips)
    forehead = [
        np.exp(-(((z - h - 0.0025 * np.cos(x / 0.012 + i)) / 0.0013) ** 2))
        for i, h in enumerate((0.036, 0.046, 0.057))
    ]
    return {
        "smile_fold": curve(
            [(0.0165, -0.036), (0.0215, -0.044), (0.027, -0.056), (0.0305, -0.068), (0.031, -0.074)], 0.0019
        ),
        "eye_bag": curve(
            [(ex - 0.012, -0.0085), (ex - 0.006, -0.0155), (ex + 0.004, -0.0175), (ex + 0.013, -0.0125)],
            0.0014,
        ),
        "under_eye": blob(ex - 0.002, -0.011, 0.013, 0.007),
        "forehead_lines": np.sum(forehead, 0) * (1 - ramp(x, 0.022, 0.042)) * front,
        "frown_lines": blob(0.0065, 0.019, 0.0017, 0.0085),
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
        "mouth_line": np.exp(-(((position[..., 2] - middle) / 0.0018) ** 2)) * lips,
        "lip_edge": np.clip(gaussian_filter(lips, 0.8) * (1 - lips) * 3, 0, 1),
    }


def texel_regions(position: np.ndarray, eye: np.ndarray, fields: dict[str, np.ndarray]) -> np.ndarray:
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
    out[round(HEAD_SHARE * ROWS) :] = LABEL["neck"]
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
    }
