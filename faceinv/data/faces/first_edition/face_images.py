"""Images of one identity, as the first edition draws them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from faceinv.data.faces.face_set import FaceColour, FaceSet
from faceinv.data.faces.first_edition.face_renderer import renderer
from faceinv.data.faces.first_edition.hair import grow_hair
from faceinv.data.faces.first_edition.identities import Person, draw_person
from faceinv.data.faces.first_edition.skin_texture import paint_person
from faceinv.data.faces.first_edition.views import EXPRESSIONS, draw_actions, draw_view
from faceinv.data.rendering.colour import BACKGROUND, encode, standardise
from faceinv.data.rendering.views import View

VIEWS_PER_EXPRESSION = 4


def images_of(faces: FaceSet, index: int) -> list[tuple[np.ndarray, np.ndarray, dict]]:
    """Images, region maps and table rows of one identity."""
    person = draw_person(faces.seed, index)
    face_renderer = renderer(faces.size, faces.samples)
    rest = face_renderer.head.shape(person.phenotype, person.local)
    if faces.hair:
        rest = grow_hair(rest, person, face_renderer.head, face_renderer.teeth.neutral)
    face_renderer.set_texture(paint_person(person, bool(faces.hair)), grey=faces.colour != "colour")
    out = []
    for k in range(faces.views):
        if k % VIEWS_PER_EXPRESSION == 0:
            rng = np.random.default_rng([faces.seed, index, 2, k // VIEWS_PER_EXPRESSION])
            expression = str(rng.choice(EXPRESSIONS)) if faces.expression else "neutral"
            actions = draw_actions(rng, expression) if faces.expression else {}
            face_renderer.set_geometry(face_renderer.head.act(rest, actions), rest)
        view = choose_view(faces, index, k)
        rendered = face_renderer.view(view)
        image = finish_image(rendered.radiance, rendered.coverage, faces.colour)
        assert rendered.regions is not None
        out.append((image, rendered.regions, _row(faces, person, index, k, view, expression)))
    return out


def choose_view(faces: FaceSet, index: int, k: int) -> View:
    """View `k` of person `index`."""
    rng = np.random.default_rng([faces.seed, index, 3, k])
    drawn = draw_view(rng, faces.max_yaw, faces.light, faces.jitter)
    if faces.yaws is None:
        return drawn
    return View(**{**drawn.__dict__, "yaw": faces.yaws[k], "pitch": 0.0, "roll": 0.0})


def _row(faces: FaceSet, person: Person, index: int, k: int, view: View, expression: str) -> dict:
    name = f"{k:03d}" if faces.yaws is None else f"{k:03d} {faces.yaws[k]:+g}"
    return {
        "identity": f"{faces.seed}-{index:05d}",
        "gender": person.gender,
        "view": name,
        "masculinity": person.masculinity,
        "expression": expression,
        **{f.name: getattr(view, f.name) for f in fields(view)},
    }


def finish_image(radiance: np.ndarray, coverage: np.ndarray, colour: FaceColour) -> np.ndarray:
    """An 8-bit image (H x W x 3) on grey, from linear radiance (multiplied by coverage) and coverage."""
    cover = np.clip(coverage, 0, 1)[..., None]
    level = 255 * encode(radiance / np.maximum(cover, 1e-6))
    if colour == "controlled" and cover.any():
        level = standardise(level, cover)
    image = np.clip(np.rint(BACKGROUND + cover * (level - BACKGROUND)), 0, 255).astype(np.uint8)
    return np.broadcast_to(image, (*coverage.shape, 3)).copy()
