"""A contact sheet of kinds has a block of rows for each set, and names the class of every image."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.mixed_set import MixedSet
from faceinv.data.objects.object_set import ObjectSet, render_objects
from faceinv.data.sources import render_samples
from faceinv.data.textures.texture_set import TextureSet
from faceinv.errors import InputError
from faceinv.figures.kinds_grid import kinds

OBJECTS = ObjectSet(4, 2, size=16, samples=1)
TEXTURES = TextureSet(3, 2, size=16, samples=1)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))


def test_each_set_begins_with_a_row_of_its_own():
    samples = {"objects": render_samples(OBJECTS, 4), "textures": render_samples(TEXTURES, 2)}
    figure = kinds(samples, columns=3)
    assert figure.layout.yaxis.ticktext == ("objects", "", "textures")
    names = [f"objects: {kind}" for kind in samples["objects"].table["identity"]]
    textures = [f"textures: {kind}" for kind in samples["textures"].table["identity"]]
    assert list(figure.data[0].text) == [*names, "", "", *textures, ""]
    data = base64.b64decode(figure.layout.images[0].source.partition(",")[2])
    canvas = np.asarray(Image.open(io.BytesIO(data)))
    # Images are compressed with some loss.
    np.testing.assert_allclose(canvas[2:18, 2:18, :3], samples["objects"].images[0], atol=24)
    np.testing.assert_allclose(canvas[42:58, 22:38, :3], samples["textures"].images[1], atol=24)
    assert not canvas[22:38, 42:58, 3:].any()  # where the objects end


def test_samples_are_images_of_the_set_evenly_spaced_over_its_classes():
    found = render_samples(OBJECTS, 2)
    whole = render_objects(OBJECTS)
    np.testing.assert_array_equal(found.images, whole.images[[0, 6]])
    assert list(found.table["identity"]) == list(whole.table["identity"].iloc[[0, 6]])
    assert len(render_samples(OBJECTS, 99)) == 4


@pytest.mark.slow
def test_samples_of_a_mixed_set_are_of_all_its_parts():
    mixed = MixedSet(OBJECTS, TEXTURES, FaceSet(2, 2, size=16, samples=1))
    assert list(render_samples(mixed, 9).table["part"]) == ["objects"] * 4 + ["textures"] * 3 + ["faces"] * 2


def test_sets_of_several_sizes_are_refused():
    large = render_samples(TextureSet(1, 1, size=24, samples=1), 1)
    with pytest.raises(InputError, match=r"sizes of the images to show are \[16, 24\]; expected one"):
        kinds({"objects": render_samples(OBJECTS, 1), "textures": large})
    with pytest.raises(InputError, match="are none; expected one"):
        kinds({})
