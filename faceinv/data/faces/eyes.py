"""EyeBalls: balls with a cornea, and their texture.

The white of the eye is a sphere, and the cornea a smaller one that bulges out of it: 7.8 and 12 mm in radius,
meeting 5.9 mm from the axis (Bennett & Rabbetts, *Clinical Visual Optics*). Its curvature decides where the
lamp is mirrored, and how large.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from faceinv.data.faces.identities import Person
from faceinv.data.faces.morphable_head import Head
from faceinv.data.faces.uv_atlas import ramp
from faceinv.data.rendering.brdf import Coat

EYE_TEXELS = 96
"""Width of the texture of an eyeball."""
SPAN = 2.2
"""Width of the texture in radii of the eyeball: it is projected from the front."""
CORNEA = 0.65
"""Radius of the cornea, in radii of the eyeball."""
LIMBUS = 0.49
"""Distance from the axis at which the cornea ends, in radii of the eyeball."""
INSET = 0.96
"""Radius of the eyeballs relative to that of the head's own, which are spheres and leave corneas no room."""
SECTORS = 20
RINGS = np.array([0.0, 0.12, 0.24, 0.36, 0.46, 0.56, 0.7, 0.9, 1.25])
"""Angles from the axis at which the mesh has its points, in radians."""
FIXATION = 1.1
"""Distance in metres at which the lines of sight meet: about that of the camera."""
LID_REACH = 0.0045
"""Distance from the margin of a lid, in metres, from which on it takes no light of the sky from the eye."""
LID_SKY = 0.25
"""Share of the light of the sky at the margin of a lid."""
MUTED = 0.55
"""Saturation of an iris relative to its colour, which is that of the brightest fibres."""
IRIS = 0.43
"""Radius of the iris, in radii of the eyeball."""


def eye_profile() -> tuple[np.ndarray, np.ndarray]:
    """Distance from the centre, in radii, and slope of the surface outwards, at `RINGS`."""
    angle = np.linspace(-1.8, 1.8, 3601)
    centre = np.sqrt(1 - LIMBUS**2) - np.sqrt(CORNEA**2 - LIMBUS**2)
    inside = np.abs(angle) < np.arcsin(LIMBUS)
    bulge = centre * np.cos(angle) + np.sqrt(CORNEA**2 - (centre * np.sin(angle)) ** 2 * inside)
    distance = gaussian_filter1d(np.where(inside, bulge, 1.0), 50)  # the limbus is rounded
    slope = np.gradient(distance, angle)
    return np.interp(RINGS, angle, distance), np.interp(RINGS, angle, slope)


def lid_margins(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Edges along the margins of the lids, E x 2 vertices, of the left and of the right eye in the image."""
    on_socket, on_skin = (
        {
            tuple(sorted((a, b)))
            for t in head.skin[head.socket == side]
            for a, b in zip(t, np.roll(t, 1), strict=True)
        }
        for side in (True, False)
    )
    edges = np.array(sorted(on_socket & on_skin))
    right = head.template[edges].mean(1)[:, 0] > head.template[head.lips > 0.5].mean(0)[0]
    return edges[~right], edges[right]


class EyeBalls:
    """Both eyeballs of a head, made anew for each geometry.

    Parameters
    ----------
    head : Head
    neutral : V x 3, the vertices of the neutral head

    Attributes
    ----------
    triangles : T x 3
    uv : V x 2
    coat : the wet surface of the cornea and of the white
    """

    def __init__(self, head: Head, neutral: np.ndarray) -> None:
        self._head = head
        self._radius = radius = float(INSET * np.ptp(neutral[head.left_globe, 1]) / 2)
        self._margins = lid_margins(head)
        self.coat = Coat(index=1.376, curvature=CORNEA * radius)
        distance, slope = eye_profile()
        around = np.arange(SECTORS) * 2 * np.pi / SECTORS
        sine, cosine = np.sin(RINGS), np.cos(RINGS)
        # in a plane through the axis: outwards from the axis, and along it towards the front
        points = distance[:, None] * np.stack([sine, cosine], 1)
        tangent = slope[:, None] * np.stack([sine, cosine], 1)
        tangent += distance[:, None] * np.stack([cosine, -sine], 1)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        self._points, self._normals = (spun(each, around) for each in (points, normal))
        one = rings_of_triangles(len(RINGS), SECTORS)
        count = len(self._points)
        self.triangles = np.concatenate([one, one + count])
        front = 0.5 + self._points[:, [0, 2]] / SPAN * [1, -1]
        self.uv = np.concatenate([front, front])

    def place(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points, unit normals and share of the light of the sky, in a head with these vertices."""
        points, normals, sky = [], [], []
        for centre, margin in zip(self._head.eye_centres(vertices), self._margins, strict=True):
            angle = np.arctan2(centre[0], FIXATION)
            turn = np.array(
                [[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
            )
            ball = (centre + self._radius * self._points @ turn.T).astype(np.float32)
            points.append(ball)
            normals.append((self._normals @ turn.T).astype(np.float32))
            sky.append(lid_shade(ball, vertices[margin]))
        return np.concatenate(points), np.concatenate(normals), np.concatenate(sky)


def spun(curve: np.ndarray, around: np.ndarray) -> np.ndarray:
    """A curve (from the axis, and along it) spun about the axis, which points to the front: V x 3."""
    across = curve[:, None, :1] * np.stack([np.cos(around), np.sin(around)], 1)
    forwards = np.broadcast_to(-curve[:, None, 1:], (*across.shape[:2], 1))
    return np.concatenate([across[..., :1], forwards, across[..., 1:]], -1).reshape(-1, 3)


def rings_of_triangles(rings: int, sectors: int) -> np.ndarray:
    """Triangles between rings of points."""
    ring, sector = (
        each.ravel() for each in np.meshgrid(np.arange(rings - 1), np.arange(sectors), indexing="ij")
    )
    a, b = ring * sectors + sector, ring * sectors + (sector + 1) % sectors
    return np.concatenate([np.stack([a, a + sectors, b], 1), np.stack([b, a + sectors, b + sectors], 1)])


def lid_shade(points: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Share of the light of the sky at points of an eye: lids take it away near their margin (E x 2 x 3)."""
    steps = np.linspace(0, 1, 6, endpoint=False)[:, None, None]
    line = (margin[:, 0] * (1 - steps) + margin[:, 1] * steps).reshape(-1, 3)
    front = points[:, 1] < points[:, 1].mean()
    share = np.full(len(points), LID_SKY)
    distance, nearest = cKDTree(line).query(points[front])
    # the upper lid, with its lashes, takes more than the lower one
    reach = np.where(line[nearest, 2] > points[front, 2], LID_REACH, 0.5 * LID_REACH)
    share[front] += (1 - LID_SKY) * ramp(distance / reach, -0.2, 1.0)
    return share


@cache
def rings() -> tuple[np.ndarray, np.ndarray]:
    """Distance from the pupil in eyeball radii, and angle, of each texel of an eye."""
    rows, columns = np.mgrid[:EYE_TEXELS, :EYE_TEXELS]
    x, y = ((v + 0.5) / EYE_TEXELS * SPAN - SPAN / 2 for v in (columns, rows))
    return np.hypot(x, y).astype(np.float32), np.arctan2(y, x).astype(np.float32)


def paint_eye(person: Person) -> np.ndarray:
    """An eyeball from the front: white, iris and pupil, sRGB, EYE_TEXELS x EYE_TEXELS x 3."""
    r, angle = rings()
    eye = np.empty((*r.shape, 3), np.float32)
    eye[:] = (0.70, 0.665, 0.645)
    eye *= (1 - 0.14 * ramp(r, 0.5, 0.95))[..., None]
    eye += ramp(r, 0.6, 1.0)[..., None] * np.array([0.03, -0.05, -0.05], np.float32)
    mean = person.iris.mean()
    colour = (0.9 * (mean + MUTED * (person.iris - mean))).astype(np.float32)
    # fibres run outwards from the ruff around the pupil, which is browner, and the rim is dark
    phase = person.noise[-1] * 9
    fibres = np.sin(phase + 23 * angle + 3 * np.sin(7 * angle + phase)) + np.sin(37 * angle - 2 * phase)
    rays = 1 + 0.09 * fibres * ramp(r, 0.16, 0.3)
    rays += 0.22 * np.exp(-(((r - 0.25) / 0.05) ** 2)) - 0.5 * ramp(r, 0.74 * IRIS, IRIS)
    ruff = np.exp(-(((r - 0.2) / 0.05) ** 2))[..., None] * np.array([0.05, 0.01, -0.04], np.float32)
    iris = (1 - ramp(r, IRIS - 0.035, IRIS + 0.025))[..., None]
    eye += iris * (colour * rays[..., None] + ruff - eye)
    eye += (1 - ramp(r, 0.155, 0.19))[..., None] * (0.02 - eye)
    return eye
