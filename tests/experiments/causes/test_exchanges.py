"""Which networks can be asked about causes, and on which images."""

import numpy as np
import pytest

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import Photographs, load_stimuli
from faceinv.data.tasks import split
from faceinv.errors import InputError
from faceinv.experiments.causes.exchanges import (
    Exchange,
    exchanged_images,
    has_known_causes,
)
from faceinv.models.training_runs import TrainingRun

FACES = FaceSet(identities=8, views=1, size=16, samples=1, first=80_000)
PHOTOGRAPHS = Photographs("somewhere", 16, 1.0, "")


def test_causes_are_known_of_rendered_faces_alone():
    assert has_known_causes(FACES) and not has_known_causes(PHOTOGRAPHS)
    with pytest.raises(InputError, match="cannot be changed; expected rendered faces"):
        Exchange(TrainingRun(PHOTOGRAPHS, "gender", 0, ()))


def test_the_exchanged_images_are_the_test_images(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    exchange = Exchange(TrainingRun(FACES, "gender", 0, ()), images=2, causes=("mark",))
    originals, changed = exchanged_images(exchange)
    test = split(load_stimuli(FACES), "gender").test.evenly(2)
    np.testing.assert_array_equal(originals.images, test.images)
    assert originals.table["identity"].tolist() == test.table["identity"].tolist()
    assert (changed["mark"].images != test.images).any((1, 2, 3)).all()
