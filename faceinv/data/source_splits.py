"""Splits of sources: stimuli for training, validation and test, by the value of their source."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from faceinv.data.sources import Source, load_stimuli
from faceinv.data.tasks import Split, split
from faceinv.runtime import large_arrays
from faceinv.runtime.cache import disk_cached
from faceinv.runtime.locations import cache_folder


def split_source(source: Source, task: str) -> Split:
    """The stimuli of a source for training, validation and test of a task (see `faceinv.data.tasks.split`).

    A split copies the images. That of a large set is cached in a file, which all workers of a machine share.
    """
    stimuli = load_stimuli(source)
    if stimuli.images.nbytes < large_arrays.MAPPED_BYTES:
        return split(stimuli, task)
    return _loaded_split(source, task, cache_folder())


@lru_cache(maxsize=1)  # a worker computes many results on the same split in a row
def _loaded_split(source: Source, task: str, _: Path) -> Split:
    return _kept_split(source, task)


@disk_cached
def _kept_split(source: Source, task: str) -> Split:
    return split(load_stimuli(source), task)
