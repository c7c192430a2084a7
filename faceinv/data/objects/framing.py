"""Framing: poses by which an object lies wholly within the frame and is large enough to be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from faceinv.data.objects.meshes import Solid
from faceinv.data.objects.object_renderer import CAMERA, FRAME
from faceinv.data.rendering.views import View, rotation_matrix

MARGIN = 0.035
"""Least distance of an object from the border, in widths of the frame: two pixels of 64."""
SMALLEST = 0.13
"""Least extent of an object in either direction, in widths of the frame: eight pixels of 64."""
LONGER_SIDE = (0.55, 0.93)
"""Range of the extent of an object along its longer side, in widths of the frame."""
TRIES = 12


def extent(solid: Solid, view: View) -> np.ndarray:
    """Where an object lies in the frame: left, top and right, bottom (2 x 2), from 0 to 1 within it."""
    placed = view.scale * solid.points @ rotation_matrix(view).T + [2 * view.x, 0, -2 * view.y]
    across = placed[:, [0, 2]] / (1 - FRAME * placed[:, 1:2] / CAMERA.eye[1])
    corners = np.stack([across.min(0), across.max(0)])
    return 0.5 + 0.5 * np.stack([corners[:, 0], -corners[::-1, 1]], 1)


def fitted_pose(solid: Solid, rng: np.random.Generator) -> View:
    """A random view that shows a whole object, from the front and mostly from above.

    The longer side of its extent is drawn from `LONGER_SIDE`. Poses in which the shorter side would be less
    than `SMALLEST`, as of a rod along a side of the frame, are drawn again; if there is none in `TRIES`, the
    best of them is shown as large as fits.
    """
    best, best_share = View(), -1.0
    for _ in range(TRIES):
        view = View(
            yaw=float(rng.uniform(-65, 65)),
            pitch=float(rng.uniform(-50, 10)),  # an object that looks down is seen from above
            roll=float(np.clip(rng.normal(0, 15), -40, 40)),
        )
        low, high = extent(solid, view)
        share = float(min(high - low) / max(high - low))
        if share > best_share:
            best, best_share = view, share
        if share * LONGER_SIDE[1] >= SMALLEST:
            break
    longest = rng.uniform(min(max(LONGER_SIDE[0], SMALLEST / best_share), LONGER_SIDE[1]), LONGER_SIDE[1])
    where = rng.uniform(0, 1, 2)
    view = replace(
        best,
        light_azimuth=float(rng.uniform(-65, 65)),
        light_elevation=float(rng.uniform(10, 65)),
        light=float(rng.uniform(0.6, 1.4)),
    )
    for _ in range(3):  # perspective makes size and position depend on each other a little
        low, high = extent(solid, view)
        view = replace(view, scale=float(view.scale * longest / max(high - low)))
        low, high = extent(solid, view)
        left_above = MARGIN + where * (1 - 2 * MARGIN - (high - low))
        x, y = left_above - low
        view = replace(view, x=float(view.x + x), y=float(view.y + y))
    return view
