"""Surface points: which place of the head each pixel of a rendered face shows.

All heads have the same vertices and triangles (`faceinv.data.faces.morphable_head.Head`), so that a triangle,
and a point within it, is the same place of any head, in any expression and from any side. What is gathered
there can be compared between people and views.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse

from faceinv.data.faces.face import Face
from faceinv.data.faces.face_images import choose_faces
from faceinv.data.faces.face_renderer import EYE_HEIGHT, camera_at
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.head_surface import LOWEST
from faceinv.data.faces.morphable_head import Phenotype, load_head
from faceinv.data.rendering.camera import Camera
from faceinv.data.rendering.ray_tracing import Surface, as_tuples
from faceinv.data.rendering.views import View, rotation_matrix

RAYS = 3
"""Rays along each side of a pixel: the middle one of an odd number goes through the centre of the pixel."""


@dataclass(frozen=True)
class HeadMesh:
    """The surface of the head: skin, eyes and the inside of the mouth.

    Attributes
    ----------
    vertices : V x 3, float32
        Of the neutral head in metres: x to the right in a frontal image, y towards the back of the head, z
        up; the origin lies midway between the eyes.
    triangles : T x 3
        Indices of vertices; those that can be seen from outside come first.
    outside : number of triangles that can be seen from outside: those of the skin and the eyes
    """

    vertices: np.ndarray
    triangles: np.ndarray
    outside: int


@dataclass(frozen=True)
class SurfacePoints:
    """The points of the head that the rays of one image meet, N of them; other rays meet no head.

    Attributes
    ----------
    pixel : N, index of the pixel, row by row
    triangle : N, index of the triangle of `head_mesh`
    weights : N x 3, float32
        Barycentric coordinates: weights of the triangle's corners, which sum to one.
    size : width and height of the image in pixels
    rays : rays of each pixel
    """

    pixel: np.ndarray
    triangle: np.ndarray
    weights: np.ndarray
    size: int
    rays: int

    def vertex_weights(self) -> sparse.csr_matrix:
        """How much of each pixel shows which vertex: sparse, pixels x V.

        A row sums to the share of the pixel that shows the head: one within it, and zero beside it.
        """
        mesh = head_mesh()
        corners = mesh.triangles[self.triangle]
        places = np.repeat(self.pixel, 3), corners.ravel()
        shape = self.size**2, len(mesh.vertices)
        return sparse.csr_matrix(((self.weights / self.rays).ravel(), places), shape=shape)


@cache
def head_mesh() -> HeadMesh:
    """The mesh that all heads share, with the vertices of the neutral one."""
    head = load_head()
    vertices = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
    # as in pictures: no lining of the sockets, which is behind the eyes, and nothing below the neck
    skin = head.skin[(vertices[head.skin, 2] > LOWEST).any(1) & ~head.socket]
    triangles = np.concatenate([skin, head.eye, head.mouth])
    return HeadMesh(vertices, triangles, len(skin) + len(head.eye))


def surface_points(
    faces: FaceSet, images: Sequence[tuple[int, int]], rays: int = RAYS
) -> list[SurfacePoints]:
    """The points of the head that some images of a set show.

    Parameters
    ----------
    faces : FaceSet
        Without a cause.
    images : index of the person in the population, and of the view, for each image
    rays : rays along each side of a pixel

    Returns
    -------
    list of SurfacePoints
        Of each image. Lashes and hair are not there: what they cover counts as seen, as skin or eye.

    Examples
    --------
    >>> faces = faceinv.FaceSet(identities=1, views=1, size=32, yaws=(0.0,))
    >>> (points,) = surface_points(faces, [(0, 0)])
    >>> points.vertex_weights().shape[0]
    1024
    """
    people = {index: choose_faces(faces, index) for index in dict.fromkeys(index for index, _ in images)}
    return [
        points_of_view(placed_vertices(people[index][k]), people[index][k].view, faces.size, rays)
        for index, k in images
    ]


def placed_vertices(face: Face) -> np.ndarray:
    """Vertices of the head of a face, with its expression (V x 3, metres)."""
    head = load_head()
    rest = head.shape(face.person.phenotype, face.person.local)
    return head.stand(head.act(rest, dict(face.actions)), rest)


def points_of_view(vertices: np.ndarray, view: View, size: int, rays: int = RAYS) -> SurfacePoints:
    """The points of a head with these vertices (V x 3) that an image of `size` pixels shows in a view."""
    turn = rotation_matrix(view)
    eye = camera_at(turn, view.scale)
    camera = Camera(eye, turn, view.x, view.y + EYE_HEIGHT - 0.5)
    hits = Surface(vertices, _triangles_as_tuples()).cast(
        eye.astype(np.float32), camera.directions(size * rays)
    )
    row, column = np.divmod(hits.ray, size * rays)
    weights = np.stack([1 - hits.u - hits.v, hits.u, hits.v], 1)
    return SurfacePoints(row // rays * size + column // rays, hits.triangle, weights, size, rays**2)


@cache
def _triangles_as_tuples() -> np.ndarray:
    return as_tuples(head_mesh().triangles)
