"""Limits of what is rendered: numbers outside of them are refused before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

from faceinv.errors import InputError

SIZES = (8, 2048)
"""Smallest and largest height and width of an image, in pixels."""
SAMPLES = (1, 1024)
"""Fewest and most samples of a pixel."""
COUNTS = (1, 10_000_000)
"""Fewest and most classes of a set, and images of a class."""
SEEDS = (0, 2**63 - 1)
"""Smallest and largest seed, and index of a first image or person."""


def check_set(rendered: object, what: str, counts: Sequence[str]) -> None:
    """Refuse a set of images that cannot be rendered.

    Parameters
    ----------
    rendered : the set, with the attributes size, samples, seed, first and those in `counts`
    what : what it is, such as ``"a face set"``
    counts : names of the attributes that count its classes and their images

    Raises
    ------
    InputError
        If a number is not whole or out of its limits, or the samples are not a square number.
    """
    limits = {
        "size": SIZES,
        "samples": SAMPLES,
        "seed": SEEDS,
        "first": SEEDS,
        **dict.fromkeys(counts, COUNTS),
    }
    for name, (least, most) in limits.items():
        value = getattr(rendered, name)
        if not isinstance(value, int):
            raise InputError(f"{name} of {what} is {value!r}; expected a whole number")
        square = name != "samples" or (value > 0 and round(value**0.5) ** 2 == value)
        if not square:
            raise InputError(f"{name} of {what} is {value}; expected a square number such as 4 or 9")
        if value < least:
            raise InputError(f"{name} of {what} is {value}; expected at least {least}")
        if value > most:
            raise InputError(f"{name} of {what} is {value}; expected at most {most}")
