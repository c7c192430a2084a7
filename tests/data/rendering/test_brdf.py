"""Surfaces reflect, and textures are looked up, as in Mitsuba."""

import mitsuba as mi
import numpy as np
import pytest
from mitsuba_reference import bitmap, bsdf

from faceinv.data.rendering.brdf import Gloss, look_up, reflect


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
        diffuse, white = reflect(gloss, *(np.array([each], np.float32) for each in cosines))
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
