"""The colour of skin follows from its pigments, and is one that skin has."""

import numpy as np
import pytest

from faceinv.data.faces.skin_colour import WAVELENGTH, matching_functions, pigment_response, reflectance

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(melanin, haemoglobin):
    """CIELAB under daylight, from linear sRGB (its definition)."""
    xyz = TO_XYZ @ np.exp(pigment_response(melanin, haemoglobin)[0].astype(float))
    x, y, z = np.cbrt(xyz / TO_XYZ.sum(1))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_matching_functions_have_their_known_peaks():
    x, y, z = matching_functions()
    assert WAVELENGTH[y.argmax()] in (550, 560) and y.max() == pytest.approx(1, abs=0.02)
    assert WAVELENGTH[x.argmax()] == 600 and WAVELENGTH[z.argmax()] in (440, 450)


def test_blood_absorbs_green_light_twice():
    """Oxygenated blood has its absorption bands at 540 and 580 nm, with less absorption between them."""
    little, much = reflectance(np.array([0.1, 0.1]), np.array([0.1, 0.9]))
    ratio = dict(zip(WAVELENGTH, much / little, strict=True))
    assert ratio[540] < ratio[560] > ratio[580] and ratio[650] > 0.9 > 0.7 > ratio[540]


def test_reflectances_fall_with_melanin_most_at_short_wavelengths():
    light, dark = reflectance(np.array([0.1, 0.8]), np.array([0.5, 0.5]))
    assert (dark < light).all() and (light < 1).all() and (dark > 0).all()
    assert dark[0] / light[0] < dark[-1] / light[-1]


@pytest.mark.parametrize("melanin", [0.05, 0.35, 0.65, 0.95])
@pytest.mark.parametrize("haemoglobin", [0.3, 0.7])
def test_colours_are_those_of_skin(melanin, haemoglobin):
    """Ranges of measured facial skin: lightness 25 to 75, redness 5 to 20, yellowness 8 to 26."""
    lightness, red, yellow = lab(melanin, haemoglobin)
    assert 25 < lightness < 75 and 5 < red < 20 and 8 < yellow < 26


def test_lightness_falls_with_melanin_and_redness_rises_with_blood():
    assert lab(0.1, 0.4)[0] > lab(0.5, 0.4)[0] > lab(0.9, 0.4)[0]
    assert lab(0.3, 0.2)[1] + 3 < lab(0.3, 0.8)[1]


def test_derivatives_are_those_of_the_logarithm():
    base, by_melanin, by_blood = pigment_response(0.41, 0.37)
    more = pigment_response(0.415, 0.37)[0]
    np.testing.assert_allclose((more - base) / 0.005, by_melanin, atol=0.02)
    more = pigment_response(0.41, 0.375)[0]
    np.testing.assert_allclose((more - base) / 0.005, by_blood, atol=0.02)
