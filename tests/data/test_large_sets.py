"""Sets that lie in files are the same sets: here everything above a kilobyte counts as large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from faceinv.data import source_splits, sources
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.source_splits import split_source
from faceinv.data.sources import load_stimuli, photograph_source
from faceinv.data.stimuli import Stimuli, join
from faceinv.experiments import pixel_baselines
from faceinv.experiments.invariance.tolerance import transformed_stimuli
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun, learning_curves, train
from faceinv.runtime import large_arrays

FACES = FaceSet(identities=4, views=6, size=16, samples=1)
Cache = Callable[[str], None]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Begin with an empty cache, ``small`` as it is or ``large`` with everything in files."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")

    def begin(size: str) -> None:
        monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / size))
        monkeypatch.setattr(large_arrays, "MAPPED_BYTES", 1 << 10 if size == "large" else 1 << 28)
        monkeypatch.setattr(large_arrays, "BLOCK_BYTES", 1 << 11 if size == "large" else 1 << 26)
        for loaded in (sources._loaded, source_splits._loaded_split):
            loaded.cache_clear()

    return begin


def equal(one: Stimuli, other: Stimuli) -> bool:
    same = np.array_equal(one.images, other.images) and one.table.equals(other.table)
    if one.regions is None or other.regions is None:
        return same and one.regions is other.regions
    return same and np.array_equal(one.regions, other.regions)


def test_a_rendered_set_and_its_splits_are_the_same_in_files(cache: Cache) -> None:
    cache("small")
    small, split = load_stimuli(FACES), split_source(FACES, "identity")
    assert type(small.images) is type(split.train.images) is np.ndarray
    cache("large")
    large, parts = load_stimuli(FACES), split_source(FACES, "identity")
    assert isinstance(large.images, np.memmap) and isinstance(large.regions, np.memmap)
    assert isinstance(parts.train.images, np.memmap)
    assert equal(small, large)
    for part in ("train", "validation", "test"):
        assert equal(getattr(split, part), getattr(parts, part))
    assert split_source(FACES, "identity") is parts  # read once


def test_what_a_process_changes_in_a_large_set_stays_with_it(cache: Cache) -> None:
    cache("large")
    images = load_stimuli(FACES).images
    before = images.copy()
    images[:] = 0
    sources._loaded.cache_clear()
    assert np.array_equal(load_stimuli(FACES).images, before)


def test_photographs_are_the_same_in_files(cache: Cache, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for person in "abc":
        (tmp_path / "set" / "images" / person).mkdir(parents=True)
        for view in range(4):
            grey = rng.integers(0, 256, (20, 20), dtype=np.uint8)
            Image.fromarray(grey).save(tmp_path / "set" / "images" / person / f"{view}.png")
    (tmp_path / "set" / "people.csv").write_text("identity,gender\na,female\nb,male\nc,male\n")
    source = photograph_source(str(tmp_path / "set"), 16)
    cache("small")
    small = load_stimuli(source)
    cache("large")
    large = load_stimuli(source)
    assert isinstance(large.images, np.memmap) and equal(small, large)


def test_a_network_learns_the_same_from_files(cache: Cache) -> None:
    run = TrainingRun(
        replace(FACES, size=32), "identity", 0, (TrainingConfig(exposures=32, batch=8),), "resnet18"
    )
    found = []
    for size in ("small", "large"):
        cache(size)
        weights = train(run).network.module.state_dict()
        found.append((weights, learning_curves(run).to_csv()))
    (small, curve), (large, other) = found
    assert curve == other and all(torch.equal(small[name], large[name]) for name in small)


def test_transformed_images_and_simple_properties_are_the_same_by_blocks(cache: Cache) -> None:
    found = []
    for size in ("small", "large"):
        cache(size)
        stimuli = load_stimuli(FACES)
        properties = {
            name: pixel_baselines.in_blocks(each, stimuli) for name, each in pixel_baselines.CUES.items()
        }
        found.append((transformed_stimuli(stimuli, copies=2), properties))
    (small, before), (large, after) = found
    assert isinstance(large.images, np.memmap) and equal(small, large)
    for name, values in before.items():
        assert np.allclose(values, after[name], atol=1e-6)


def test_slices_are_taken_one_by_one() -> None:
    """What was joined is not held: the array of the first slice is free when the third is asked for."""
    alive: list[int] = []

    def slices():
        for number in range(3):
            table = pd.DataFrame({"identity": [str(number)], "view": ["0"]})
            yield Stimuli(np.full((1, 2, 2, 3), number, np.uint8), table)
            alive.append(number)

    joined = join(slices(), 3)
    assert joined.images[:, 0, 0, 0].tolist() == [0, 1, 2] and joined.regions is None
    assert joined.table["identity"].tolist() == ["0", "1", "2"] and alive == [0, 1, 2]


def test_blocks_cover_everything_once() -> None:
    for size, count in ((1 << 25, 7), (1 << 30, 3), (1, 5)):
        parts = list(large_arrays.row_blocks(size, count))
        assert [place for part in parts for place in range(count)[part]] == list(range(count))
        assert all(part.stop - part.start <= max(1, large_arrays.BLOCK_BYTES // size) for part in parts)


def test_aligned_photographs_are_read_again_with_another_version_of_opencv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, aligned = (photograph_source(str(tmp_path), 16, align=align) for align in (False, True))
    monkeypatch.setattr("faceinv.data.sources.versions", lambda _: {"opencv-python": "0.0"})
    assert photograph_source(str(tmp_path), 16) == plain
    assert photograph_source(str(tmp_path), 16, align=True).stamp != aligned.stamp
