"""Forecasts: how long an execution of the book takes, and how much of that is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Forecast:
    """What an execution of the book takes.

    Attributes
    ----------
    sentence : what is to be done, and how long it takes, in one line
    seconds : predicted time of each chapter, of which only the ratios matter here
    """

    sentence: str
    seconds: Mapping[str, float]

    def left(self, elapsed: float, running: Collection[str], waiting: Collection[str]) -> float:
        """Seconds that are left, from those that have passed: what was predicted is corrected by them.

        Of chapters that are running, half counts as done.

        Parameters
        ----------
        elapsed : seconds since the execution began
        running, waiting : names of chapters that are not finished
        """
        half = sum(self.seconds.get(name, 0.0) for name in running) / 2
        ahead = sum(self.seconds.get(name, 0.0) for name in waiting) + half
        done = sum(self.seconds.values()) - ahead
        return elapsed * ahead / done if done > 0 else 0.0


def duration(seconds: float) -> str:
    """A duration in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h" if seconds < 36_000 else f"{seconds / 3600:,.0f} h"
