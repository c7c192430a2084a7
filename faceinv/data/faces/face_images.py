"""Rendering of face sets.

The images of a set are a pure function of it: identical on every run and in any number of processes, and a
slice of its identities gives the same images as the whole set.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from faceinv.data.faces.face import Face
from faceinv.data.faces.face_set import FaceColour, FaceSet
from faceinv.data.faces.haircuts import choose_cut
from faceinv.data.faces.identities import draw_person
from faceinv.data.rendering.colour import BACKGROUND, encode, standardise
from faceinv.data.rendering.views import EXPRESSIONS, View, draw_actions, draw_view
from faceinv.data.stimuli import Stimuli, join
from faceinv.errors import InputError

VIEWS_PER_EXPRESSION = 4
"""Consecutive views with the same expression, because a new one costs as much as half a view."""
IDENTITIES_AT_ONCE = 8
"""Identities rendered per job."""


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
        With exact region maps, and a table of `identity`, `gender`, `view`, `masculinity`, `age` (years; not
        in the first edition), `yaw`, `pitch`, `roll`, `light_azimuth`, `light_elevation` (degrees), `light`
        (relative strength), `expression`, `x`, `y` and `scale`. Images are sorted by identity.

    Examples
    --------
    >>> faces = faceinv.render(faceinv.FaceSet(identities=1, views=2, size=16, samples=4))
    >>> faces.images.shape, faces.regions.shape
    ((2, 16, 16, 3), (2, 16, 16))
    """
    starts = range(0, faces.identities, IDENTITIES_AT_ONCE)
    work = (
        delayed(render_identities)(faces, i, min(IDENTITIES_AT_ONCE, faces.identities - i)) for i in starts
    )
    parts = Parallel(n_jobs=processes, return_as="generator")(work)
    return join(list(tqdm(parts, total=len(starts), desc="rendering", disable=not progress)))


def render_identities(faces: FaceSet, first: int, count: int) -> Stimuli:
    """Render `count` identities of a set, from its `first` on: a pure function of its arguments."""
    if first < 0 or count < 1 or first + count > faces.identities:
        last = first + count - 1
        raise InputError(
            f"identities {first} to {last} of a face set were requested; expected 0 to {faces.identities - 1}"
        )
    # imported here, so that describing a set does not load Embree
    from faceinv.data.faces.first_edition import face_images as first_edition

    images_of = first_edition.images_of if faces.edition == 1 else images_of_person
    images, maps, rows = [], [], []
    for index in range(faces.first + first, faces.first + first + count):
        for image, regions, row in images_of(faces, index):
            images.append(image)
            maps.append(regions)
            rows.append(row)
    return Stimuli(np.stack(images), pd.DataFrame(rows), np.stack(maps), faces.name)


def images_of_person(faces: FaceSet, index: int) -> list[tuple[np.ndarray, np.ndarray, dict]]:
    """Images, region maps and table rows of one identity."""
    # imported here, so that describing a set does not load Embree
    from faceinv.data.faces.studio import Studio

    studio = Studio(faces.size, faces.samples, grey=faces.colour != "colour")
    out = []
    for k, face in enumerate(choose_faces(faces, index)):
        rendered = studio.draw(face)
        image = finish_image(rendered.radiance, rendered.coverage, faces.colour)
        assert rendered.regions is not None
        out.append((image, rendered.regions, _row(faces, face, index, k)))
    return out


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
        "expression": face.expression,
        **{f.name: getattr(face.view, f.name) for f in fields(face.view)},
    }


def finish_image(radiance: np.ndarray, coverage: np.ndarray, colour: FaceColour) -> np.ndarray:
    """An 8-bit image (H x W x 3) on grey, from linear radiance (multiplied by coverage) and coverage."""
    cover = np.clip(coverage, 0, 1)[..., None]
    level = 255 * encode(radiance / np.maximum(cover, 1e-6))
    if colour == "controlled" and cover.any():
        level = standardise(level, cover)
    image = np.clip(np.rint(BACKGROUND + cover * (level - BACKGROUND)), 0, 255).astype(np.uint8)
    return np.broadcast_to(image, (*coverage.shape, 3)).copy()
