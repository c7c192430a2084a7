"""Drawing faces one after the other, without repeating what successive ones share."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from faceinv.data.faces.face import Face, Spot, Transplant
from faceinv.data.faces.face_regions import region_weight
from faceinv.data.faces.face_renderer import RenderedView, renderer
from faceinv.data.faces.hair import scalp_cover
from faceinv.data.faces.identities import Person
from faceinv.data.faces.lashes import grow_lashes
from faceinv.data.faces.scalp_hair import grow_scalp_hair
from faceinv.data.faces.skin_texture import Texture, paint_person
from faceinv.data.faces.strands import Hairs
from faceinv.data.faces.uv_atlas import Atlas, ramp


class Studio:
    """Draws faces of a few people; faces that share the same objects share what is made of these.

    One studio at a time: all of a process have one renderer, and each remembers what it set there.

    Parameters
    ----------
    size, samples : as of `faceinv.data.faces.face_renderer.Renderer`
    grey : whether only luminance is drawn
    """

    def __init__(self, size: int, samples: int, grey: bool) -> None:
        self.renderer, self.grey = renderer(size, samples), grey
        self._painted: dict[tuple[int, bool], tuple[Person, Texture]] = {}
        self._grown: list[tuple[tuple[object, ...], dict[str, Hairs]]] = []
        self._hairs: dict[str, Hairs] | None = None
        self._texture: tuple[object, ...] = ()
        self._geometry: tuple[object, ...] = ()

    def draw(self, face: Face, original: RenderedView | None = None) -> RenderedView:
        """The picture of a face and its region map; for a counterfactual, given that of its original."""
        self.sit(face)
        return self.renderer.view(face.view, before=original)

    def sit(self, face: Face) -> None:
        """Give the renderer the hairs, the texture and the geometry of a face."""
        person, taken = face.person, face.borrowed
        hairs = self.hairs(face)
        if hairs is not self._hairs:
            self.renderer.set_hairs(**hairs)
            self._hairs, self._texture, self._geometry = hairs, (), ()
        texture = (person, face.hair, taken if taken and "texture" in taken.parts else None, face.spot)
        if not _same(texture, self._texture):
            self.renderer.set_texture(self.texture(face), grey=self.grey)
            self._texture = texture
        framed_as = face.framed_as or person
        geometry = (
            *(person.phenotype, person.local, framed_as.phenotype, framed_as.local, face.actions),
            taken if taken and "shape" in taken.parts else None,
        )
        if not _same(geometry, self._geometry):
            rest = self.rest(face)
            frame = rest if face.framed_as is None else self._shape(face.framed_as)
            self.renderer.set_geometry(self.renderer.head.act(rest, dict(face.actions)), rest, frame)
            self._geometry = geometry

    def hairs(self, face: Face) -> dict[str, Hairs]:
        """Hairs that are shapes of the scene, by name.

        The hair of the head grows on the person's own head, whatever else of it is another person's.
        """
        lashes, scalp, framed_as = face.person, face.person, face.framed_as or face.person
        if face.borrowed is not None and "texture" in face.borrowed.parts:
            if face.borrowed.region == "eye":
                lashes = _with_lashes_of(face.person, face.borrowed)
            if face.borrowed.region == "hair":
                scalp = _with_hair_of(face.person, face.borrowed)
        of_lashes = (lashes.traits["lash"], tuple(lashes.hair), lashes.surface.hair_seed)
        of_scalp = (
            *(face.hair, tuple(scalp.hair), scalp.age, scalp.surface.half_grey, scalp.surface.half_receded),
            *(scalp.phenotype, scalp.local, framed_as.phenotype, framed_as.local),
        )
        key = of_lashes + (of_scalp if face.hair else ())
        for known, grown in self._grown:
            if _same(key, known):
                return grown
        hairs: dict[str, Hairs] = {"lash": grow_lashes(lashes)}
        if face.hair:
            standing = self.renderer.head.stand(self._shape(scalp), self._shape(framed_as))
            hairs["hair"] = grow_scalp_hair(scalp, face.hair, standing, self.renderer.atlas.scale)
        self._grown.append((key, hairs))
        return hairs

    def texture(self, face: Face) -> Texture:
        """What is painted on the head of a face."""
        texture, taken, atlas = self._paint(face.person, face.hair), face.borrowed, self.renderer.atlas
        if taken is not None and "texture" in taken.parts:
            if taken.region == "hair":
                other = self._paint(_with_hair_of(face.person, taken), face.hair)
                weight = (scalp_cover(face.person, atlas.scale) > 0).astype(np.float32)
            else:
                other = self._paint(taken.donor, face.hair)
                weight = np.float32(taken.share) * region_weight(taken.region, atlas.position)
            texture = mix_textures(texture, other, weight, taken.share if taken.region == "eye" else 0.0)
        return texture if face.spot is None else paint_spot(texture, face.spot, atlas)

    def rest(self, face: Face) -> np.ndarray:
        """Vertices of the head of a face, without its expression."""
        rest = self._shape(face.person)
        if face.borrowed is not None and "shape" in face.borrowed.parts:
            rest = self._mix_shapes(rest, face.borrowed)
        return rest

    def _paint(self, person: Person, hair: str) -> Texture:
        key = (id(person), bool(hair))  # ids stay unique, because the people are kept
        if key not in self._painted:
            self._painted[key] = person, paint_person(person, bool(hair), self.renderer.atlas.scale)
        return self._painted[key][1]

    def _shape(self, person: Person) -> np.ndarray:
        return self.renderer.head.shape(person.phenotype, person.local)

    def _mix_shapes(self, rest: np.ndarray, taken: Transplant) -> np.ndarray:
        """Vertices of which a region is another person's.

        The donor's head is brought to the same distance between the eyes, and its region shifted so that it
        meets its surroundings as well as it can.
        """
        head = self.renderer.head
        weight = region_weight(taken.region, self.renderer.neutral)
        globes = np.concatenate([head.left_globe, head.right_globe])
        weight[globes] = 1.0 if taken.region == "eye" else 0.0  # a globe is never bent
        donor = self._shape(taken.donor)
        centres, donors = head.eye_centres(rest), head.eye_centres(donor)
        scale = np.linalg.norm(centres[1] - centres[0]) / np.linalg.norm(donors[1] - donors[0])
        way = (donor - donors.mean(0)) * scale + centres.mean(0) - rest
        seam = weight * (1 - weight)
        way -= np.average(way, axis=0, weights=seam)
        inside = weight > 0
        out = rest.copy()
        out[inside] += (np.float32(taken.share) * weight[inside][:, None] * way[inside]).astype(np.float32)
        return out


def mix_textures(texture: Texture, donor: Texture, weight: np.ndarray, of_eyes: float) -> Texture:
    """A texture that is partly another one.

    Parameters
    ----------
    texture, donor : the two
    weight : rows x columns, share of the donor's at the texels of the skin, float32
    of_eyes : share of the donor's at the texels of the eyes
    """
    inside = np.nonzero(weight)
    changed = {}
    for name in (field.name for field in fields(Texture)):
        mine, other = getattr(texture, name), getattr(donor, name)
        if mine is None:
            continue
        if mine.shape[:2] == weight.shape:
            out, part = mine.copy(), weight[inside].reshape(-1, *(1,) * (mine.ndim - 2))
            out[inside] += part * (other[inside] - mine[inside])
            changed[name] = out
        elif of_eyes:
            changed[name] = mine + np.float32(of_eyes) * (other - mine)
    return replace(texture, **changed)


def paint_spot(texture: Texture, spot: Spot, atlas: Atlas) -> Texture:
    """A texture with a spot on the skin."""
    x, y, z = np.moveaxis(atlas.position, -1, 0)
    distance = np.hypot(x - spot.x, z - spot.z)
    cover = (1 - ramp(distance, 0.7 * spot.radius, spot.radius)) * (y < 0.045)
    inside = np.nonzero(cover)
    skin = texture.skin.copy()
    skin[inside] *= (1 - spot.darkness * cover[inside][:, None]).astype(np.float32)
    return replace(texture, skin=skin)


def _with_lashes_of(person: Person, taken: Transplant) -> Person:
    """A person with a share of the donor's lashes."""
    lash = person.traits["lash"] + taken.share * (taken.donor.traits["lash"] - person.traits["lash"])
    hair = person.hair + taken.share * (taken.donor.hair - person.hair)
    return replace(person, traits=person.traits | {"lash": lash}, hair=hair)


def _with_hair_of(person: Person, taken: Transplant) -> Person:
    """A person with a share of the colour of the donor's hair, and with the donor's disposition to grey."""
    own, other = person.surface.half_grey, taken.donor.surface.half_grey
    return replace(
        person,
        hair=person.hair + taken.share * (taken.donor.hair - person.hair),
        surface=replace(person.surface, half_grey=own + taken.share * (other - own)),
    )


def _same(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    """Whether two tuples hold the same objects, or equal simple ones."""
    return len(a) == len(b) and all(
        x is y or (isinstance(x, _SIMPLE) and x == y) for x, y in zip(a, b, strict=True)
    )


_SIMPLE = (int, float, str, tuple, dict, Spot)
"""Types that are compared by value."""
