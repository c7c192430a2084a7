"""The scenes that Mitsuba 3 (Jakob et al. 2022) draws: slower, and not needed to run the package."""

from dataclasses import replace

import mitsuba as mi
import numpy as np

from faceinv.data.rendering.camera import FIELD_OF_VIEW

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


def look(origin, target, up):
    return mi.ScalarTransform4f().look_at(*(list(map(float, each)) for each in (origin, target, up)))


def render(shapes, camera, size, samples, normals, paints, integrator, lamp):
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
    scene = {
        "type": "scene",
        "integrator": integrator,
        "sensor": sensor,
        "lamp": lamp,
        **{
            f"shape{index}": mesh(*each)
            for index, each in enumerate(zip(shapes, normals, paints, strict=True))
        },
    }
    return np.array(mi.render(mi.load_dict(scene)), dtype=np.float32)


def directional(towards, irradiance):
    sun = {"type": "rgb", "value": float(irradiance)}
    return {"type": "directional", "direction": list(map(float, -towards)), "irradiance": sun}


DIRECT = {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0}


def picture(shapes, camera, light, normals, paints, size, samples):
    """What `Scene.picture` should give under a lamp that is a point, and a uniform sky."""
    lamp = directional(light.towards, light.irradiance)
    pixels = render(shapes, camera, size, samples, normals, paints, DIRECT, lamp)
    return pixels[..., :3], pixels[..., 3]


def soft_picture(shapes, camera, light, normals, paints, size, samples):
    """What `Scene.picture` should give: for each sample of a pixel a picture under a point of the lamp alone.

    The light of a sky that is not uniform is that of a uniform one, changed by the normals of Mitsuba.
    """
    side = round(samples**0.5)
    total, covered = 0, 0
    for sample, towards in enumerate(light.directions(samples)):
        down, right = ((each + 0.5) / side - 0.5 for each in divmod(sample, side))
        moved = replace(camera, x=camera.x - right / size, y=camera.y - down / size)
        given = (shapes, moved, size, 1, normals)
        dark = [np.concatenate([each[..., :3], 0 * each[..., 3:]], -1) for each in paints]
        lit = render(*given, dark, DIRECT, directional(towards, light.irradiance))
        aov = {"type": "aov", "aovs": "normal:sh_normal", "seen": DIRECT}
        glow = render(*given, paints, aov, directional(towards, 0.0))
        more = 1 + glow[..., 4:7] @ light.fill
        total = total + lit[..., :3] + glow[..., :3] * more[..., None]
        covered = covered + lit[..., 3]
    return total / samples, covered / samples
