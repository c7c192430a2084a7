"""Views: pose, light and framing of a face, and its expression."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

EXPRESSIONS = ("neutral", "smile", "open", "frown", "surprise", "pucker")


@dataclass(frozen=True)
class View:
    """One view of a face; angles in degrees.

    Attributes
    ----------
    yaw : positive to the right of the image
    pitch : positive upwards
    roll : positive clockwise in the image
    light_azimuth, light_elevation : direction of the light: to the right of the camera, and above it
    light : strength of the light, 1 by default; the sky stays the same
    x, y : shift of the face to the right and down, in widths of the frame
    scale : size relative to the default framing
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    light_azimuth: float = 25.0
    light_elevation: float = 35.0
    light: float = 1.0
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0


def draw_view(rng: np.random.Generator, max_yaw: float, vary_light: bool, jitter: float) -> View:
    """A random view: uniform yaw, pitch, roll and light, normal jitter of position and size.

    Parameters
    ----------
    rng : Generator
    max_yaw : largest yaw in degrees, either way; pitch is at most a third of it, roll a tenth
    vary_light : whether the light varies: azimuth up to 60 degrees either way, elevation 5 to 50 degrees
    jitter : standard deviation of the face's position, in widths of the frame; its size varies twice as much
    """
    u = rng.uniform(-1, 1, 6)
    shift = np.clip(rng.normal(size=3), -2, 2) * jitter
    default = View()
    return View(
        yaw=float(max_yaw * u[0]),
        pitch=float(max_yaw / 3 * u[1]),
        roll=float(max_yaw / 10 * u[2]),
        light_azimuth=float(60 * u[3]) if vary_light else default.light_azimuth,
        light_elevation=float(27.5 + 22.5 * u[4]) if vary_light else default.light_elevation,
        light=float(1 + 0.25 * u[5]) if vary_light else default.light,
        x=float(shift[0]),
        y=float(shift[1]),
        scale=float(1 + 2 * shift[2]),
    )


def draw_actions(rng: np.random.Generator, expression: str) -> dict[str, float]:
    """Facial actions of an expression, with random strength and slight asymmetry; all squint a little."""
    actions: dict[str, float] = {}

    def both(name: str, low: float, high: float) -> None:
        strength, asymmetry = rng.uniform(low, high), rng.normal(0, 0.06)
        for side, sign in (("Left", 1), ("Right", -1)):
            actions[name + side] = float(max(0.0, strength * (1 + sign * asymmetry)))

    def one(name: str, low: float, high: float) -> None:
        actions[name] = float(rng.uniform(low, high))

    if expression == "smile":
        both("mouthSmile", 0.3, 0.9)
        both("cheekSquint", 0.0, 0.4)
        if rng.random() < 0.5:  # with the teeth
            both("mouthUpperUp", 0.3, 0.8)
            one("jawOpen", 0.03, 0.14)
    elif expression == "open":
        one("jawOpen", 0.06, 0.26)
        both("mouthSmile", 0.0, 0.35)
    elif expression == "frown":
        both("mouthFrown", 0.2, 0.7)
        both("browDown", 0.2, 0.7)
    elif expression == "surprise":
        one("browInnerUp", 0.2, 0.8)
        both("browOuterUp", 0.2, 0.7)
        both("eyeWide", 0.0, 0.3)
    elif expression == "pucker":
        one("mouthPucker", 0.1, 0.5)
        both("noseSneer", 0.0, 0.4)
    both("eyeSquint", 0.0, 0.2)
    return actions


def rotation_matrix(view: View) -> np.ndarray:
    """Rotation matrix of the head in a view: yaw about z, then pitch about x, then roll about y."""
    (cy, sy), (cp, sp), (cr, sr) = (
        (cos(a), sin(a)) for a in map(radians, (view.yaw, -view.pitch, view.roll))
    )
    yaw = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    return roll @ pitch @ yaw
