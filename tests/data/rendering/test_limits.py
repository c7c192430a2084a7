"""Sets that cannot be rendered are refused at once."""

from pathlib import Path

import pytest

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.objects.object_set import ObjectSet
from faceinv.data.sources import check_space, load_stimuli, photograph_source
from faceinv.data.textures.texture_set import TextureSet
from faceinv.errors import InputError

SETS = {FaceSet: ("identities", "views"), ObjectSet: ("classes", "images"), TextureSet: ("classes", "images")}


@pytest.mark.parametrize("kind", SETS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("samples", -4, "a square number such as 4 or 9"),
        ("samples", 0, "a square number"),
        ("samples", 5, "a square number"),
        ("samples", 10**12, "at most 1024"),
        ("samples", 4.0, "a whole number"),
        ("size", 7, "at least 8"),
        ("size", 10**9, "at most 2048"),
        ("seed", -1, "at least 0"),
        ("seed", 2**64, "at most"),
        ("first", -1, "at least 0"),
        ("first", 2**64, "at most"),
    ],
)
def test_numbers_out_of_their_limits_are_refused(kind, name: str, value: object, expected: str) -> None:
    counts = dict.fromkeys(SETS[kind], 2)
    with pytest.raises(InputError, match=rf"{name} of an? \w+ set is .*; expected {expected}"):
        kind(**{**counts, name: value})


@pytest.mark.parametrize("kind", SETS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("value", [0, -1, 10**15, "2"])
def test_counts_are_refused(kind, value: object) -> None:
    for name in SETS[kind]:
        with pytest.raises(InputError, match=rf"{name} of an? \w+ set is "):
            kind(**{**dict.fromkeys(SETS[kind], 2), name: value})


def test_a_set_that_does_not_fit_into_the_cache_is_refused_before_it_is_rendered() -> None:
    large = FaceSet(identities=1_000_000, views=1000, size=224)
    with pytest.raises(InputError, match=r"1000000000 images of 224 pixels take 602112 GB, and \d+ are free"):
        load_stimuli(large)
    check_space(FaceSet(identities=10, views=10))


def test_a_link_that_leads_nowhere_does_not_stop_a_folder_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "notes").symlink_to(tmp_path / "gone")
    assert photograph_source(str(tmp_path), 64).stamp
