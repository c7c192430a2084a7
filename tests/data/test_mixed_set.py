"""A mixed set has the images of its parts, as classes of one set."""

from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.mixed_set import MixedSet, render_mixed, render_mixed_classes
from faceinv.data.objects.object_set import ObjectSet, render_objects
from faceinv.data.sources import class_counts, describe, load_stimuli
from faceinv.data.textures.texture_set import TextureSet, render_textures
from faceinv.errors import InputError

MIXED = MixedSet(
    ObjectSet(2, 2, size=16, samples=1),
    TextureSet(3, 2, size=16, samples=1),
    FaceSet(2, 2, size=16, samples=1, first=70),
)


@pytest.mark.slow
def test_it_has_the_images_of_its_parts_whatever_the_slices(tmp_path, monkeypatch):
    mixed = render_mixed(MIXED)
    parts = [render_objects(MIXED.objects), render_textures(MIXED.textures), render(MIXED.faces)]
    np.testing.assert_array_equal(mixed.images, np.concatenate([part.images for part in parts]))
    assert list(mixed.table["identity"]) == [name for part in parts for name in part.table["identity"]]
    assert list(mixed.table["part"]) == ["objects"] * 4 + ["textures"] * 6 + ["faces"] * 4
    assert mixed.table["gender"].eq("").all() and mixed.regions is None
    assert len(mixed.classes("identity")) == MIXED.classes == 7
    np.testing.assert_array_equal(render_mixed_classes(MIXED, 1, 5).images, mixed.images[2:12])
    np.testing.assert_array_equal(render_mixed(MIXED, processes=2).images, mixed.images)
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    np.testing.assert_array_equal(load_stimuli(MIXED).images, mixed.images)


def test_it_counts_the_classes_of_its_parts():
    assert class_counts(MIXED) == (7, 2) and MIXED.size == 16
    assert describe(MIXED) == "rendered objects, textures and faces"
    assert MIXED.name == "7 kinds of objects, textures and heads in 2 images"


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(
        InputError, match=r"images of each class of a mixed set are 2 .objects., 2 .*and 3 .faces"
    ):
        replace(MIXED, faces=replace(MIXED.faces, views=3))
    with pytest.raises(InputError, match=r"sizes of a mixed set are 16 .objects., 32 .textures. and 16"):
        replace(MIXED, textures=replace(MIXED.textures, size=32))
    with pytest.raises(InputError, match="classes 6 to 7 of a mixed set were requested; expected 0 to 6"):
        render_mixed_classes(MIXED, 6, 2)
