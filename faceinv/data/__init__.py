"""Stimuli: what the networks look at."""

from faceinv.data.stimuli import REGIONS, TASKS, Split, Stimuli, split

__all__ = ["REGIONS", "TASKS", "Split", "Stimuli", "split"]
