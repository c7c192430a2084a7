"""Stimuli: what the networks look at."""

import faceinv.vision  # noqa: F401  (before anything imports torchvision)
from faceinv.data.stimuli import REGIONS, TASKS, Split, Stimuli, split

__all__ = ["REGIONS", "TASKS", "Split", "Stimuli", "split"]
