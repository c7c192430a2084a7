"""Colour of skin from its pigments: melanin in the epidermis, and the haemoglobin of blood in the dermis.

Two layers that absorb and scatter, with the coefficients of Jacques (2013, *Phys. Med. Biol.* 58, R37-R61): a
thin epidermis, where melanosomes absorb, over a dermis, where blood does, solved as by Kubelka and Munk.
Reflectance spectra become linear sRGB under daylight. Amounts of both pigments are scales from 0 to 1,
logarithmic in the fraction of volume, so that equal steps look about equally large. Lightness and hue are in
the range measured on faces of four ethnic groups, in which redness is the same (Xiao et al. 2017, *Skin Res.
Technol.* 23, 21-29): that is why the two pigments vary independently.
"""

from __future__ import annotations

from functools import cache

import numpy as np

WAVELENGTH = np.arange(400.0, 701.0, 10.0)
"""In nanometres."""
MELANOSOMES = (0.015, 0.22)
"""Fraction of the epidermis that is melanosomes, at melanin 0 and 1 (Jacques: 1.3 % to 43 %)."""
BLOOD = (0.006, 0.060)
"""Fraction of the dermis that is blood, at haemoglobin 0 and 1."""
OXYGENATED = 0.75
"""Share of the haemoglobin that carries oxygen."""
EPIDERMIS = 0.006
"""Thickness of the epidermis, in centimetres."""
INTERNAL = 0.3
"""Share of the light from below that the surface of the skin reflects back inwards."""
TABLE_STEPS = 33
"""Steps of the table of colours along each pigment."""

# Molar extinction of haemoglobin with and without oxygen, in 1000 litres per centimetre and mole, as
# tabulated by Prahl at 400, 410 ... 700 nm
_OXYGEN = (
    266.2, 466.8, 480.4, 246.1, 102.6, 62.8, 44.5, 33.2, 26.6, 23.7, 20.9, 20.0, 24.2, 40.0, 53.2, 43.0, 32.6,
    44.5, 50.1, 14.4, 3.2, 1.51, 0.94, 0.61, 0.44, 0.37, 0.32, 0.29, 0.28, 0.28, 0.29,
)  # fmt: skip
_NO_OXYGEN = (
    223.3, 304.0, 407.6, 528.6, 413.3, 103.3, 23.4, 16.2, 14.6, 16.7, 20.9, 25.8, 31.6, 39.0, 46.6, 53.4,
    53.8, 45.1, 37.0, 28.3, 14.7, 9.44, 6.51, 5.15, 4.35, 3.75, 3.23, 2.80, 2.41, 2.05, 1.79,
)  # fmt: skip
# Daylight of 6500 K (CIE D65), relative power at the same wavelengths
_DAYLIGHT = (
    82.8, 91.5, 93.4, 86.7, 104.9, 117.0, 117.8, 114.9, 115.9, 108.8, 109.4, 107.8, 104.8, 107.7, 104.4,
    104.0, 100.0, 96.3, 95.8, 88.7, 90.0, 89.6, 87.7, 83.3, 83.7, 80.0, 80.2, 82.3, 78.3, 69.7, 71.6,
)  # fmt: skip
_TO_RGB = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)  # linear sRGB from XYZ (IEC 61966-2-1)


def reflectance(melanin: np.ndarray, haemoglobin: np.ndarray) -> np.ndarray:
    """Diffuse reflectance of skin at `WAVELENGTH`.

    Parameters
    ----------
    melanin, haemoglobin : ndarray of one shape
        Amounts of the pigments, 0 to 1.

    Returns
    -------
    ndarray, that shape x wavelengths, 0 to 1
    """
    melanosomes, blood = (
        (low * (high / low) ** np.asarray(amount, float))[..., None]
        for amount, (low, high) in ((melanin, MELANOSOMES), (haemoglobin, BLOOD))
    )
    bloodless = 0.244 + 85.3 * np.exp(-(WAVELENGTH - 154) / 66.2)
    extinction = OXYGENATED * np.array(_OXYGEN) + (1 - OXYGENATED) * np.array(_NO_OXYGEN)
    # 150 g of haemoglobin in a litre of blood, 64,500 g in a mole; 2.303 from decadic to natural absorption
    whole_blood = 2.303 * 1000 * extinction * 150 / 64_500
    dark = 6.6e11 * WAVELENGTH**-3.33
    scattered = 0.75 * 46.0 * (WAVELENGTH / 500) ** -1.421
    # Kubelka and Munk's coefficient of absorption is twice that of the medium
    dermis = 1 + 2 * (bloodless + blood * (whole_blood - bloodless)) / scattered
    from_dermis = dermis - np.sqrt(dermis * dermis - 1)
    epidermis = 1 + 2 * (bloodless + melanosomes * (dark - bloodless)) / scattered
    root = np.sqrt(epidermis * epidermis - 1)
    depth = root * scattered * EPIDERMIS
    below = epidermis * np.sinh(depth) + root * np.cosh(depth)
    from_epidermis, through = np.sinh(depth) / below, root / below
    inner = from_epidermis + through * through * from_dermis / (1 - from_epidermis * from_dermis)
    # of the light that comes from below, the surface throws some back (Saunderson)
    return (1 - INTERNAL) * inner / (1 - INTERNAL * inner)


def matching_functions() -> np.ndarray:
    """CIE 1931 colour matching functions at `WAVELENGTH`, 3 x wavelengths (the fits of Wyman et al. 2013)."""

    def lobe(height: float, centre: float, left: float, right: float) -> np.ndarray:
        away = WAVELENGTH - centre
        return height * np.exp(-0.5 * (away * np.where(away < 0, left, right)) ** 2)

    x = lobe(0.362, 442.0, 0.0624, 0.0374) + lobe(1.056, 599.8, 0.0264, 0.0323)
    x += lobe(-0.065, 501.1, 0.0490, 0.0382)
    y = lobe(0.821, 568.8, 0.0213, 0.0247) + lobe(0.286, 530.9, 0.0613, 0.0322)
    z = lobe(1.217, 437.0, 0.0845, 0.0278) + lobe(0.681, 459.0, 0.0385, 0.0725)
    return np.stack([x, y, z])


@cache
def _table() -> np.ndarray:
    """Logarithm of linear sRGB on a grid of melanin x haemoglobin, `TABLE_STEPS` x `TABLE_STEPS` x 3."""
    melanin, haemoglobin = np.meshgrid(
        np.linspace(0, 1, TABLE_STEPS), np.linspace(0, 1, TABLE_STEPS), indexing="ij"
    )
    weights = matching_functions() * _DAYLIGHT
    white = weights.sum(1)
    # of a white surface exactly (1, 1, 1): daylight is white
    rgb = np.einsum("mhw,xw,cx->mhc", reflectance(melanin, haemoglobin), weights / white[1], _TO_RGB)
    return np.log(rgb / (_TO_RGB @ (white / white[1])))


def pigment_response(melanin: float, haemoglobin: float) -> np.ndarray:
    """Linear colour of skin, and what more of each pigment does to it.

    Parameters
    ----------
    melanin, haemoglobin : amounts of the pigments, 0 to 1; clipped to that range

    Returns
    -------
    ndarray of float32, 3 x 3
        Logarithm of linear sRGB, and its derivatives by melanin and by haemoglobin: absorption multiplies, so
        that small local differences of pigment add to the logarithm (Tsumura et al. 2003).
    """
    table, last = _table(), TABLE_STEPS - 2
    m, h = (float(np.clip(amount, 0, 1)) * (TABLE_STEPS - 1) for amount in (melanin, haemoglobin))
    i, j = min(int(m), last), min(int(h), last)
    a, b, c, d = table[i, j], table[i + 1, j], table[i, j + 1], table[i + 1, j + 1]
    s, t = m - i, h - j
    value = (1 - s) * ((1 - t) * a + t * c) + s * ((1 - t) * b + t * d)
    by_melanin = (TABLE_STEPS - 1) * ((1 - t) * (b - a) + t * (d - c))
    by_haemoglobin = (TABLE_STEPS - 1) * ((1 - s) * (c - a) + s * (d - b))
    return np.stack([value, by_melanin, by_haemoglobin]).astype(np.float32)
