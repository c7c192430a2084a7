"""Pictures are those of Mitsuba 3 (Jakob et al. 2022), which is slower and not needed to run the package."""

import mitsuba as mi
import numpy as np
import pytest

from faceinv.data.people import draw_person
from faceinv.data.rays import Surface
from faceinv.data.rendering import SHAPES, Renderer
from faceinv.data.scenes import FIELD_OF_VIEW, NOTHING, Camera, Light, Scene, Shape, direction
from faceinv.data.shading import Gloss, look_up, reflect
from faceinv.data.solids import ball, box
from faceinv.data.texture import paint
from faceinv.data.views import View

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


def by_mitsuba(shapes, camera, light, normals, paints, size, samples):
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


def assert_same_picture(scene, reference):
    """Of thousands of samples one may fall to the other side of an outline or of a shadow."""
    (radiance, coverage), (expected, covered) = scene, reference
    assert 0.05 < covered.mean() < 0.98
    np.testing.assert_array_equal(coverage, covered)
    away = np.abs(radiance - expected)
    assert np.mean(away > 1e-4) < 2e-3
    assert away.mean() < 1e-5 < 1e-3 < expected.mean()


@pytest.mark.parametrize("yaw", [0, -50, 90])
def test_a_head_looks_as_mitsuba_draws_it(yaw, monkeypatch):
    taken = {}
    monkeypatch.setattr(
        "faceinv.data.rendering.Scene", lambda shapes: taken.update(shapes=shapes) or Scene(shapes)
    )
    stage = Renderer(48, 4)
    person = draw_person(0, 3)
    rest = stage.head.shape(person.phenotype, person.local)
    stage.dress(paint(person))
    stage.shape(stage.head.act(rest, {"jawOpen": 0.4}), rest)
    drawn = stage.scene.picture
    monkeypatch.setattr(stage.scene, "picture", lambda *given: taken.update(given=given) or drawn(*given))
    view = View(yaw=yaw, pitch=5, roll=3, light_azimuth=-40, x=0.04, y=-0.03, scale=0.9)
    seen = stage.view(view)
    assert len(taken["shapes"]) == len(SHAPES)
    reference = by_mitsuba(taken["shapes"], *taken["given"])
    assert_same_picture((seen.radiance, seen.coverage), reference)


def test_shapes_shadow_each_other_as_mitsuba_draws_it():
    rng = np.random.default_rng(0)
    solids = [ball(radius=0.5, detail=20), box((0.5, -0.6, 0.4), (0.3, 0.3, 0.3))]
    glosses = [Gloss(0.4, 0.4), None]
    shapes = [
        Shape(s.points, s.triangles, gloss, rng.random((len(s.points), 2)))
        for s, gloss in zip(solids, glosses, strict=True)
    ]
    normals = [s.points - s.points.mean(0) for s in solids]
    normals = [n / np.linalg.norm(n, axis=1, keepdims=True) for n in normals]
    paints = [rng.random((rows, columns, 6), np.float32) for rows, columns in ((5, 7), (2, 3))]
    camera = Camera(np.array([0.0, -9.0, 0.0]), np.eye(3), x=0.1, y=-0.05)
    light = Light(direction(View(light_azimuth=30, light_elevation=20)), 2.0)
    assert_same_picture(
        Scene(shapes).picture(camera, light, normals, paints, 40, 9),
        by_mitsuba(shapes, camera, light, normals, paints, 40, 9),
    )


@pytest.mark.parametrize("gloss", [None, Gloss(0.52, 0.28), Gloss(0.12, 0.5), Gloss(0.9, 1.0)])
def test_reflection_is_that_of_mitsuba(gloss):
    colour = [0.7, 0.3, 0.1]
    surface = bsdf(gloss, {"type": "rgb", "value": colour})
    rng = np.random.default_rng(1)
    for _ in range(50):
        to_eye, to_light = rng.normal(size=(2, 3))
        to_eye[2], to_light[2] = abs(to_eye[2]) + 0.05, abs(to_light[2]) + 0.05
        to_eye, to_light = (each / np.linalg.norm(each) for each in (to_eye, to_light))
        halfway = (to_eye + to_light) / np.linalg.norm(to_eye + to_light)
        place = mi.SurfaceInteraction3f()
        place.wi = mi.Vector3f(*to_eye)
        expected = np.array(surface.eval(mi.BSDFContext(), place, mi.Vector3f(*to_light)))
        cosines = (to_eye[2], to_light[2], halfway[2], to_light @ halfway)
        diffuse, white = reflect(gloss, *(np.float32([each]) for each in cosines))
        np.testing.assert_allclose(diffuse * colour + white, expected, rtol=2e-4)


def test_textures_are_looked_up_as_mitsuba_does():
    rng = np.random.default_rng(2)
    values = rng.random((5, 9, 3), np.float32)
    texture = mi.load_dict(bitmap(values))
    u, v = rng.uniform(-0.2, 1.2, (2, 200)).astype(np.float32)
    place = mi.SurfaceInteraction3f()
    for here, there, found in zip(u, v, look_up(values, u, v), strict=True):
        place.uv = mi.Point2f(float(here), float(there))
        np.testing.assert_allclose(found, np.array(texture.eval(place)), atol=2e-6)
    np.testing.assert_array_equal(look_up(values[:1, :1], u, v), values[0, 0][None].repeat(200, 0))


def test_middles_tell_what_is_where():
    left, right = (box((x, 0, 0), (0.5, 0.5, 0.5)) for x in (-0.5, 0.5))
    uv = np.stack([left.points[:, 0] + 0.75, 0.25 - left.points[:, 2]], 1)
    scene = Scene([Shape(left.points, left.triangles, None, 2 * uv), Shape(right.points, right.triangles)])
    camera = Camera(np.array([0.0, -12.0, 0.0]), np.eye(3))
    shape, u, v = scene.middles(camera, 32)
    assert set(shape[16]) == {0, 1, NOTHING} and (shape[0] == NOTHING).all()
    assert (np.flatnonzero(shape[16] == 0) < 16).all() and (np.flatnonzero(shape[16] == 1) >= 16).all()
    inside = shape == 0
    rows, columns = np.nonzero(inside)
    assert np.corrcoef(columns, u[inside])[0, 1] > 0.99 and np.corrcoef(rows, v[inside])[0, 1] > 0.99


def test_rays_that_meet_nothing_are_left_out_and_shadows_fall():
    solid = ball(radius=0.5, detail=20)
    roof = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2]])
    points = np.concatenate([solid.points, roof])
    surface = Surface(
        points, np.concatenate([solid.triangles, [[len(points) - 3, len(points) - 2, len(points) - 1]]])
    )
    aims = np.float32([[0, 0, 0], [0.3, 0, 0.2], [3, 0, 0]])
    origin = np.float32([0, -5, 0])
    directions = aims - origin
    hits = surface.cast(origin, directions / np.linalg.norm(directions, axis=1, keepdims=True))
    assert hits.ray.tolist() == [0, 1]
    np.testing.assert_allclose(np.linalg.norm(hits.point, axis=1), 0.5, atol=0.02)
    assert surface.reached(hits, np.float32([0, -1, 0])).all()
    assert not surface.reached(hits, np.float32([0, 0, 1])).any()
    assert not surface.reached(hits, np.float32([0, 1, 0])).any()  # behind itself
