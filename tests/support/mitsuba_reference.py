"""The scenes that Mitsuba 3 (Jakob et al. 2022) draws: slower, and not needed to run the package."""

import mitsuba as mi
import numpy as np

from faceinv.data.rendering.scene import FIELD_OF_VIEW

mi.set_variant("scalar_rgb")


def bitmap(values):
    return {
        "type": "bitmap",
        "bitmap": mi.Bitmap(np.ascontiguousarray(values, np.float32)),
        "raw": True,
        "wrap_mode": "clamp",
    }


def bsdf(gloss, colour):
    if gloss is None:
        return mi.load_dict({"type": "diffuse", "reflectance": colour})
    shine = {"type": "principled", "roughness": gloss.roughness, "specular": gloss.specular}
    return mi.load_dict({**shine, "base_color": colour})


def mesh(shape, normals, painted):
    """The shape as one of Mitsuba's, whose glow is looked at and lights nothing."""
    properties = mi.Properties()
    properties["bsdf"] = bsdf(shape.gloss, bitmap(painted[..., :3]))
    glow = {"type": "area", "radiance": bitmap(painted[..., 3:]), "sampling_weight": 0.0}
    properties["emitter"] = mi.load_dict(glow)
    made = mi.Mesh(
        "shape",
        len(shape.points),
        len(shape.triangles),
        has_vertex_normals=True,
        has_vertex_texcoords=True,
        props=properties,
    )
    uv = np.zeros((len(shape.points), 2)) if shape.uv is None else shape.uv
    parameters = mi.traverse(made)
    parameters["faces"] = shape.triangles.astype(np.uint32).ravel()
    parameters["vertex_positions"] = shape.points.astype(np.float32).ravel()
    parameters["vertex_texcoords"] = uv.astype(np.float32).ravel()
    parameters["vertex_normals"] = normals.astype(np.float32).ravel()
    parameters.update()
    return made


def picture(shapes, camera, light, normals, paints, size, samples):
    """What `Scene.picture` should give."""

    def look(origin, target, up):
        return mi.ScalarTransform4f().look_at(*(list(map(float, each)) for each in (origin, target, up)))

    sensor = {
        "type": "perspective",
        "fov": FIELD_OF_VIEW,
        "to_world": look(camera.eye, camera.eye + camera.axes[1], camera.axes[2]),
        "principal_point_offset_x": -camera.x,
        "principal_point_offset_y": -camera.y,
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
    sun = {"type": "rgb", "value": light.irradiance}
    scene = {
        "type": "scene",
        "integrator": {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0},
        "sensor": sensor,
        "light": {"type": "directional", "direction": list(map(float, -light.towards)), "irradiance": sun},
        **{
            f"shape{index}": mesh(*each)
            for index, each in enumerate(zip(shapes, normals, paints, strict=True))
        },
    }
    pixels = np.array(mi.render(mi.load_dict(scene)), dtype=np.float32)
    return pixels[..., :3], pixels[..., 3]
