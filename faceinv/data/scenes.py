"""Scenes: what every rendered set needs of Mitsuba, in its scalar variant: camera, meshes and materials."""

from __future__ import annotations

import mitsuba as mi
import numpy as np

from faceinv.data.head import normals

mi.set_variant("scalar_rgb")

FIELD_OF_VIEW = 12.0
"""In degrees: a portrait from about a metre."""

Material = tuple[dict, dict]
"""A surface's reflection, and its glow under the sky."""


def look(origin: np.ndarray, target: np.ndarray, up: np.ndarray) -> mi.ScalarTransform4f:
    """Mitsuba's transformation of something at `origin` that looks at `target`."""
    return mi.ScalarTransform4f().look_at(*(list(map(float, point)) for point in (origin, target, up)))


def camera(size: int, samples: int) -> dict:
    """A perspective camera with samples on a regular grid."""
    return {
        "type": "perspective",
        "fov": FIELD_OF_VIEW,
        "near_clip": 0.1,
        "far_clip": 10.0,
        "film": {
            "type": "hdrfilm",
            "width": size,
            "height": size,
            "pixel_format": "rgba",
            "component_format": "float32",
            "rfilter": {"type": "box"},
        },
        "sampler": {"type": "stratified", "sample_count": samples, "jitter": False},
    }


def bitmap(rows: int, columns: int) -> dict:
    """A texture that is written in place later."""
    return {
        "type": "bitmap",
        "bitmap": mi.Bitmap(np.full((rows, columns, 3), 0.5, np.float32)),
        "raw": True,
        "filter_type": "bilinear",
        "wrap_mode": "clamp",
    }


def painted(surface: dict, shape: tuple[int, int]) -> Material:
    """A material whose colour is a texture of `shape`."""
    return {**surface, "base_color": bitmap(*shape)}, {"radiance": bitmap(*shape)}


def mesh(
    name: str, points: np.ndarray, triangles: np.ndarray, material: Material, uv: np.ndarray | None = None
) -> mi.Mesh:
    """A mesh with smooth normals."""
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(material[0])
    # weight zero: the glow is only looked at, it lights nothing and is never sampled
    properties["emitter"] = mi.load_dict({"type": "area", **material[1], "sampling_weight": 0.0})
    out = mi.Mesh(
        name,
        len(points),
        len(triangles),
        has_vertex_normals=True,
        has_vertex_texcoords=uv is not None,
        props=properties,
    )
    parameters = mi.traverse(out)
    parameters["faces"] = triangles.astype(np.uint32).ravel()
    parameters["vertex_positions"] = points.astype(np.float32).ravel()
    parameters["vertex_normals"] = normals(points, triangles).ravel()
    if uv is not None:
        parameters["vertex_texcoords"] = uv.astype(np.float32).ravel()
    parameters.update()
    return out


def bounds(reach: float = 2.0) -> mi.Mesh:
    """Two tiny triangles that fix the scene's extent.

    Where a directional light starts depends on it, and it would otherwise depend on which heads came before.
    """
    e = 1e-3
    low, high = np.full(3, -reach), np.full(3, reach)
    x, y = np.eye(3)[:2] * e
    corners = [low, low + x, low + y, high, high - x, high - y]
    out = mi.Mesh("bounds", 6, 2)
    parameters = mi.traverse(out)
    parameters["vertex_positions"] = np.array(corners, np.float32).ravel()
    parameters["faces"] = np.arange(6, dtype=np.uint32)
    parameters.update()
    return out
