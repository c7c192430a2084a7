"""Rendering of face sets.

The images of a set are a pure function of it: identical on every run and in any number of processes, and a
slice of its identities gives the same images as the whole set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from faceinv.data.faces.causes import change_faces, donor_index, is_changed, told
from faceinv.data.faces.face import Face
from faceinv.data.faces.face_set import FaceColour, FaceSet
from faceinv.data.faces.haircuts import choose_cut
from faceinv.data.faces.identities import draw_person
from faceinv.data.rendering.colour import BACKGROUND, encode, grey_scale, standardise
from faceinv.data.rendering.slices import check_slice, draw_slices
from faceinv.data.rendering.views import EXPRESSIONS, View, draw_actions, draw_view
from faceinv.data.stimuli import REGIONS, Stimuli, join

if TYPE_CHECKING:
    from faceinv.data.faces.face_renderer import RenderedView

VIEWS_PER_EXPRESSION = 4
"""Consecutive views with the same expression, because a new one costs as much as half a view."""
IDENTITIES_AT_ONCE = 8
"""Identities rendered per job."""
Picture = tuple[np.ndarray, np.ndarray, dict]
"""An image, its region map, and its row of the table."""


def render(faces: FaceSet, processes: int = 1, progress: bool = False) -> Stimuli:
    """Render a set.

    Parameters
    ----------
    faces : FaceSet
    processes : number of worker processes; each uses one core
    progress : whether to show a progress bar

    Returns
    -------
    Stimuli
        With exact region maps, and a table of `identity`, `gender`, `view`, `masculinity`, `age` (years),
        `hair` (the cut), `yaw`, `pitch`, `roll`, `light_azimuth`,
        `light_elevation` (degrees), `light` (relative strength), `expression`, `x`, `y` and `scale`. Images
        are sorted by identity.

    Examples
    --------
    >>> faces = faceinv.render(faceinv.FaceSet(identities=1, views=2, size=16, samples=4))
    >>> faces.images.shape, faces.regions.shape
    ((2, 16, 16, 3), (2, 16, 16))
    """
    people = faces.identities
    return join(draw_slices(render_identities, faces, people, IDENTITIES_AT_ONCE, processes, progress))


def render_identities(faces: FaceSet, first: int, count: int) -> Stimuli:
    """Render `count` identities of a set, from its `first` on: a pure function of its arguments."""
    check_slice("identities", "a face set", first, count, faces.identities)
    images, maps, rows = [], [], []
    for index in range(faces.first + first, faces.first + first + count):
        for image, regions, row in images_of_person(faces, index):
            images.append(image)
            maps.append(regions)
            rows.append(row)
    return Stimuli(np.stack(images), pd.DataFrame(rows), np.stack(maps), faces.name)


def images_of_person(faces: FaceSet, index: int) -> list[Picture]:
    """Images, region maps and table rows of one identity."""
    originals, what = choose_faces(faces, index), faces.cause
    changed = counterfactuals_of(faces, index, originals)
    if what is not None:
        kept = [
            is_changed(what, faces.seed, index, k, face.person.gender, face.expression)
            for k, face in enumerate(originals)
        ]
        changed = [face if change else None for face, change in zip(changed, kept, strict=True)]
    out = []
    for original, counterfactual in draw_pairs(faces, index, originals, changed):
        image, regions, row = original if counterfactual is None else counterfactual
        if what is not None:
            row |= told(what, faces.seed, index, counterfactual is not None)
            row["present"] = counterfactual is not None
        out.append((image, regions, row))
    return out


def draw_pairs(
    faces: FaceSet, index: int, originals: Sequence[Face], changed: Sequence[Face | None]
) -> list[tuple[Picture, Picture | None]]:
    """Pictures of the faces of one identity, and of those of their counterfactuals that are given."""
    drawn, (others,) = draw_changes(faces, index, dict(enumerate(originals)), [changed])
    return list(zip(drawn, others, strict=True))


def draw_changes(
    faces: FaceSet, index: int, originals: Mapping[int, Face], changes: Sequence[Sequence[Face | None]]
) -> tuple[list[Picture], list[list[Picture | None]]]:
    """Pictures of faces of one identity, by view, and of their counterfactuals, for each of some changes.

    A counterfactual is finished with the scale of grey levels of its original.
    """
    # imported here, so that describing a set does not load Embree
    from faceinv.data.faces.studio import Studio

    studio = Studio(faces.size, faces.samples, grey=faces.colour != "colour")
    # all originals before the others, which may need other geometry
    drawn = {k: studio.draw(face) for k, face in originals.items()}
    scales = {k: scale_of(view) if faces.colour == "controlled" else None for k, view in drawn.items()}
    counterfactuals: list[list[Picture | None]] = []
    for changed in changes:
        counterfactuals.append([])
        for (k, face), other in zip(originals.items(), changed, strict=True):
            picture = None
            if other is not None:
                # rays of another view meet other points
                same_side = replace(other.view, light_azimuth=0.0) == replace(face.view, light_azimuth=0.0)
                rendered = studio.draw(other, drawn[k] if same_side else None)
                picture = _finish_picture(faces, index, k, other, rendered, scales[k])
            counterfactuals[-1].append(picture)
    pictures = [_finish_picture(faces, index, k, originals[k], drawn[k], scales[k]) for k in originals]
    return pictures, counterfactuals


def counterfactuals_of(faces: FaceSet, index: int, originals: list[Face]) -> list[Face | None]:
    """The faces of one identity with the cause of the set changed; None if the set has no cause."""
    if faces.cause is None:
        return [None] * len(originals)
    donor = draw_person(faces.seed, donor_index(faces.cause, index))
    return list(change_faces(faces.cause, originals, donor))


def choose_faces(faces: FaceSet, index: int) -> list[Face]:
    """The faces of person `index` of a set's population, one for each view."""
    person, out = draw_person(faces.seed, index), []
    for k in range(faces.views):
        if k % VIEWS_PER_EXPRESSION == 0:
            rng = np.random.default_rng([faces.seed, index, 2, k // VIEWS_PER_EXPRESSION])
            expression = str(rng.choice(EXPRESSIONS)) if faces.expression else "neutral"
            actions = draw_actions(rng, expression) if faces.expression else {}
        out.append(
            Face(
                person,
                choose_cut(person, faces.hair_of_set),
                expression,
                actions,
                choose_view(faces, index, k),
            )
        )
    return out


def choose_view(faces: FaceSet, index: int, k: int) -> View:
    """View `k` of person `index`."""
    rng = np.random.default_rng([faces.seed, index, 3, k])
    drawn = draw_view(rng, faces.max_yaw, faces.light, faces.jitter)
    if faces.yaws is None:
        return drawn
    return View(**{**drawn.__dict__, "yaw": faces.yaws[k], "pitch": 0.0, "roll": 0.0})


def _row(faces: FaceSet, face: Face, index: int, k: int) -> dict:
    person = face.person
    return {
        "identity": f"{faces.seed}-{index:05d}",
        "gender": person.gender,
        "view": f"{k:03d}" if faces.yaws is None else f"{k:03d} {faces.yaws[k]:+g}",
        "masculinity": person.masculinity,
        "age": person.age,
        "hair": face.hair or "none",
        "expression": face.expression,
        **{f.name: getattr(face.view, f.name) for f in fields(face.view)},
    }


def _finish_picture(
    faces: FaceSet, index: int, k: int, face: Face, rendered: RenderedView, scale: tuple[float, float] | None
) -> Picture:
    """The picture of a face, view `k` of person `index`, with the scale of a controlled image."""
    ground = background(face, faces.size)
    image = finish_image(rendered.radiance, rendered.coverage, faces.colour, scale, ground)
    assert rendered.regions is not None
    return image, rendered.regions, _row(faces, face, index, k)


def background(face: Face, size: int) -> np.ndarray:
    """Grey levels behind a face, H x W x 1, float32."""
    ground = np.full((size, size, 1), BACKGROUND, np.float32)
    if face.disc is not None:
        centre = (np.arange(size) + 0.5) / size
        distance = np.hypot(centre - face.disc.x, centre[:, None] - face.disc.y)
        cover = np.clip((face.disc.radius - distance) * size + 0.5, 0, 1)  # its edge is one pixel wide
        ground[..., 0] += (face.disc.level * cover).astype(np.float32)
    return ground


def scale_of(rendered: RenderedView) -> tuple[float, float] | None:
    """The scale by which the grey levels of an image are standardised; None if no face is in view.

    Hair does not count, or dark hair would make faces pale.
    """
    cover = np.clip(rendered.coverage, 0, 1)[..., None]
    if rendered.regions is not None:
        without_hair = cover * (rendered.regions != REGIONS.index("hair"))[..., None]
        cover = without_hair if without_hair.any() else cover
    return grey_scale(_levels(rendered.radiance, cover), cover) if cover.any() else None


def finish_image(
    radiance: np.ndarray,
    coverage: np.ndarray,
    colour: FaceColour,
    scale: tuple[float, float] | None = None,
    ground: np.ndarray | int = BACKGROUND,
) -> np.ndarray:
    """An 8-bit image (H x W x 3) from linear radiance, multiplied by coverage, and coverage.

    Parameters
    ----------
    radiance, coverage : H x W x C and H x W
    colour : what the pixels carry
    scale : of the grey levels of a controlled image (see `scale_of`); None for its own
    ground : grey level behind the face, or H x W x 1 of them
    """
    cover = np.clip(coverage, 0, 1)[..., None]
    level = _levels(radiance, cover)
    if colour == "controlled" and cover.any():
        level = standardise(level, cover, scale)
    image = np.clip(np.rint(ground + cover * (level - ground)), 0, 255).astype(np.uint8)
    return np.broadcast_to(image, (*coverage.shape, 3)).copy()


def _levels(radiance: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Levels, 0 to 255, of what covers each pixel."""
    return 255 * encode(radiance / np.maximum(cover, 1e-6))
