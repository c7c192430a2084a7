from pathlib import Path

import numpy as np
import pytest

from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import load_stimuli
from faceinv.data.stimuli import Stimuli
from faceinv.runtime import parallel


def loaded(faces: FaceSet) -> Stimuli:
    """What a cell of a grid does with its stimuli."""
    return load_stimuli(faces)


@pytest.mark.slow
def test_a_worker_of_a_grid_renders_what_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0)
    sets = [FaceSet(identities=12, views=1, size=16, samples=1, first=first) for first in (0, 50)]
    for asked, found in zip(sets, parallel.parallel_map(loaded, sets, "loading"), strict=True):
        assert np.array_equal(found.images, render(asked).images)
