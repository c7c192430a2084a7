"""Noise: clouds, marble, wood, relief and other functions of random fields with a given spectrum."""

from __future__ import annotations

import numpy as np

from faceinv.data.textures.plane import Family, Plane, cells, look_up_wrapped, periodic


def cloud(plane: Plane, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Noise with a power-law spectrum, from grain to clouds."""
    return plane.noise(rng, slope)


def streaks(plane: Plane, rng: np.random.Generator, slope: float, stretch: float) -> np.ndarray:
    return plane.noise(rng, slope, 2, stretch)


def islands(plane: Plane, rng: np.random.Generator, slope: float, level: float) -> np.ndarray:
    """Where noise is above a level."""
    return np.tanh(8 * (plane.noise(rng, slope, 2) - level))


def camouflage(plane: Plane, rng: np.random.Generator, steps: float) -> np.ndarray:
    """Few levels in random order."""
    order = rng.permutation(int(steps))
    level = np.clip(np.floor((plane.noise(rng, 2, 2) / 3 + 0.5) * steps), 0, steps - 1)
    return order[level.astype(int)].astype(float)


def ridged(plane: Plane, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Sharp crests."""
    return 1 - np.sqrt(np.abs(plane.noise(rng, slope, 2)))


def billows(plane: Plane, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Sharp valleys between round hills, at two scales."""
    return np.abs(plane.noise(rng, slope, 3)) + 0.4 * np.abs(plane.noise(rng, slope, 7))


def marble(plane: Plane, rng: np.random.Generator, count: float, warp: float) -> np.ndarray:
    """Bands that are displaced by noise (Perlin 1985)."""
    return periodic("sine", count * plane.xy[0] + warp * plane.noise(rng, 1.7))


def veins(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """Thin lines through stone."""
    return 0.3 * plane.noise(rng, 1.5) - 2 * periodic(
        "line", count * plane.xy[0] + 0.5 * plane.noise(rng, 1.8)
    )


def wood(plane: Plane, rng: np.random.Generator, count: float, cut: str) -> np.ndarray:
    """Year rings, cut across or along the stem, with grain."""
    x, y = plane.xy
    distance = np.hypot(x, y) if cut == "across" else np.hypot(x - 0.4, 0.12 * y)
    ring = (count * distance + 0.25 * plane.noise(rng, 2)) % 1
    return ring**2 + 0.12 * plane.noise(rng, 0.6, 4, 8)


def warped_clouds(plane: Plane, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Noise at places that are displaced by noise."""
    tile = Plane(64).noise(rng, 1.8)
    x, y = plane.xy
    return look_up_wrapped(tile, x + strength * plane.noise(rng, 2, 2), y + strength * plane.noise(rng, 2, 2))


def fur(plane: Plane, rng: np.random.Generator, curl: float) -> np.ndarray:
    """Streaks along bent lines."""
    tile = Plane(96).noise(rng, 0.7, 2, 14)
    x, y = plane.xy
    return look_up_wrapped(tile, x + 0.02 * curl * plane.noise(rng, 3), y + 0.12 * curl * plane.noise(rng, 3))


def band_noise(plane: Plane, rng: np.random.Generator, frequency: float, width: float) -> np.ndarray:
    """Noise of one spatial frequency and every orientation."""
    along, across = plane.frequencies
    return plane.filtered(
        rng, np.exp(-0.5 * (np.log(np.hypot(along, across) / frequency + 1e-9) / width) ** 2)
    )


def gabor_noise(plane: Plane, rng: np.random.Generator, frequency: float, spread: float) -> np.ndarray:
    """Noise of one spatial frequency and about one orientation (Lagae et al. 2009); `spread` in degrees."""
    along, across = plane.frequencies
    radial = np.log(np.hypot(along, across) / frequency + 1e-9) / 0.2
    turn = np.arctan(across / np.where(along == 0, 1e-9, along)) / np.radians(spread)
    return plane.filtered(rng, np.exp(-0.5 * (radial**2 + turn**2)))


def crossed_noise(plane: Plane, rng: np.random.Generator, joined: str) -> np.ndarray:
    """Oriented noise in two directions at right angles."""
    other = Plane(plane.side, plane.angle + np.pi / 2, plane.zoom)
    one, two = (gabor_noise(each, rng, 9, 8) for each in (plane, other))
    return one + two if joined == "sum" else np.maximum(one, two)


def contours(plane: Plane, rng: np.random.Generator, slope: float, count: float) -> np.ndarray:
    """Lines of equal height."""
    return periodic("line", count * plane.noise(rng, slope) / 4)


def relief(plane: Plane, rng: np.random.Generator, kind: str) -> np.ndarray:
    """A rough surface in grazing light."""
    height = {
        "hills": lambda: plane.noise(rng, 2.6, 2),
        "rock": lambda: plane.noise(rng, 1.9, 2),
        "crests": lambda: 1.3 * ridged(plane, rng, 2.2),
        "dunes": lambda: periodic("triangle", 5 * plane.xy[0] + 0.5 * plane.noise(rng, 2.2)),
        "steps": lambda: np.tanh(9 * np.sin(3 * plane.noise(rng, 2.2, 2))) / 4,
    }[kind]()
    down, right = np.gradient(height * plane.side / 40)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * right + np.sin(angle) * down
    return (1 + slope) / np.sqrt(1 + 2 * (right**2 + down**2))


def blocks(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """Squares of random grey."""
    grey = rng.uniform(0, 1, (64, 64))
    i, j = (np.floor(count * each).astype(int) % 64 for each in plane.xy)
    return grey[j, i]


def nested_blocks(plane: Plane, rng: np.random.Generator, slope: float) -> np.ndarray:
    """Squares of random grey at every scale, as wavelets of Haar."""
    return sum(2.0 ** (-slope * k) * blocks(plane, rng, 2.0 ** (k + 1)) for k in range(5))  # type: ignore[return-value]


def caustics(plane: Plane, rng: np.random.Generator, count: float) -> np.ndarray:
    """Bright nets as under water."""
    return np.exp(-2.5 * np.abs(plane.noise(rng, 2.5, count))) + np.exp(
        -2.5 * np.abs(plane.noise(rng, 2.5, count))
    )


def scratches(plane: Plane, rng: np.random.Generator, across: float) -> np.ndarray:
    """Brushed metal, in one or more directions."""
    turns = [Plane(plane.side, plane.angle + np.pi * k / across, plane.zoom) for k in range(int(across))]
    return np.max([each.noise(rng, 0.3, 1, 40) for each in turns], 0)


NOISES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(cloud, cells(slope=(0.0, 0.8, 1.4, 2.2))),
        Family(streaks, cells(slope=(0.8, 1.6), stretch=(4, 14))),
        Family(islands, cells(slope=(1.3, 2.4), level=(0, 1))),
        Family(camouflage, cells(steps=(3, 6))),
        Family(ridged, cells(slope=(1.3, 2.2))),
        Family(billows, cells(slope=(2.5,))),
        Family(marble, (*cells(count=(3, 7), warp=(0.25,)), {"count": 3, "warp": 0.8})),
        Family(veins, cells(count=(2, 5))),
        Family(wood, cells(count=(8, 16), cut=("across", "along"))),
        Family(warped_clouds, cells(strength=(0.05, 0.15))),
        Family(fur, cells(curl=(0.5, 1.5))),
        Family(band_noise, cells(frequency=(5, 9, 16), width=(0.08, 0.3))),
        Family(gabor_noise, cells(frequency=(5, 12), spread=(6, 20))),
        Family(crossed_noise, cells(joined=("sum", "max"))),
        Family(contours, cells(slope=(2.2, 3), count=(5, 12))),
        Family(relief, cells(kind=("hills", "rock", "crests", "dunes", "steps"))),
        Family(blocks, cells(count=(6, 12, 24))),
        Family(nested_blocks, cells(slope=(0.2, 0.9))),
        Family(caustics, cells(count=(3, 6))),
        Family(scratches, cells(across=(1, 3))),
    )
}
"""Families of noise by name."""
