"""Drawing faces one after the other, without repeating what successive ones share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from faceinv.data.faces.face import Face
from faceinv.data.faces.face_renderer import RenderedView, renderer
from faceinv.data.faces.identities import Person
from faceinv.data.faces.lashes import grow_lashes
from faceinv.data.faces.scalp_hair import grow_scalp_hair
from faceinv.data.faces.skin_texture import Texture, paint_person
from faceinv.data.faces.strands import Hairs


class Studio:
    """Draws faces of a few people; faces that share the same objects share what is made of these.

    Parameters
    ----------
    size, samples : as of `faceinv.data.faces.face_renderer.Renderer`
    grey : whether only luminance is drawn
    """

    def __init__(self, size: int, samples: int, grey: bool) -> None:
        self.renderer, self.grey = renderer(size, samples), grey
        self._textures: dict[tuple[int, str], tuple[Person, Texture]] = {}
        self._grown: dict[tuple[int, str], tuple[Person, dict[str, Hairs]]] = {}
        self._hairs: dict[str, Hairs] | None = None
        self._texture: Texture | None = None
        self._geometry: tuple[Person, str, Mapping[str, float]] | None = None

    def draw(self, face: Face) -> RenderedView:
        """The picture of a face and its region map."""
        self.sit(face)
        return self.renderer.view(face.view)

    def sit(self, face: Face) -> None:
        """Give the renderer the texture and the geometry of a face."""
        hairs = self.hairs(face)
        if hairs is not self._hairs:
            self.renderer.set_hairs(**hairs)
            self._hairs, self._texture, self._geometry = hairs, None, None
        texture = self.texture(face)
        if texture is not self._texture:
            self.renderer.set_texture(texture, grey=self.grey)
            self._texture = texture
        geometry = (face.person, face.hair, face.actions)
        if self._geometry is None or any(a is not b for a, b in zip(geometry, self._geometry, strict=True)):
            rest = self.rest(face)
            self.renderer.set_geometry(self.renderer.head.act(rest, dict(face.actions)), rest)
            self._geometry = geometry

    def hairs(self, face: Face) -> dict[str, Hairs]:
        """Hairs that are shapes of the scene, by name."""
        key = (id(face.person), face.hair)
        if key not in self._grown:
            hairs: dict[str, Hairs] = {"lash": grow_lashes(face.person)}
            if face.hair:
                hairs["hair"] = grow_scalp_hair(
                    face.person,
                    face.hair,
                    self.renderer.head.stand(self.rest(face)),
                    self.renderer.atlas.scale,
                )
            self._grown[key] = face.person, hairs
        return self._grown[key][1]

    def texture(self, face: Face) -> Texture:
        """What is painted on a head."""
        key = (id(face.person), face.hair)  # ids stay unique, because the people are kept
        if key not in self._textures:
            self._textures[key] = (
                face.person,
                paint_person(face.person, bool(face.hair), self.renderer.atlas.scale),
            )
        return self._textures[key][1]

    def rest(self, face: Face) -> np.ndarray:
        """Vertices of a head without its expression."""
        return self.renderer.head.shape(face.person.phenotype, face.person.local)
