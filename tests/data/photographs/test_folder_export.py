"""Stimuli written to folders, and read again."""

import numpy as np
import pandas as pd
import pytest
from photograph_files import people_folder, picture, rendered
from PIL import Image

from faceinv.data.photographs.folder import ReadOptions, read_folder
from faceinv.data.photographs.folder_export import CC0, write_folder
from faceinv.data.stimuli import REGIONS
from faceinv.errors import InputError


def test_round_trip_is_exact(tmp_path):
    stimuli = rendered(
        yaw=np.linspace(-105, 105, 6) / 7,
        light=["0", "01", "", "NA", "a,b", 'sp"ace\nline'],
        seed=np.arange(6),
        hair=[True, False] * 3,
        noise=[np.nan, 1e-300, 2 / 3, -0.0, np.inf, 1.0],
    )
    write_folder(stimuli, tmp_path / "deep" / "set", CC0, {"What this is": "A test."})
    again = read_folder(tmp_path / "deep" / "set", ReadOptions(size=16))
    assert (again.images == stimuli.images).all()
    assert again.regions is not None and (again.regions == stimuli.regions).all()
    pd.testing.assert_frame_equal(again.table, stimuli.table, check_exact=True)
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["set"]


def test_what_is_written(tmp_path):
    write_folder(rendered(yaw=np.arange(6.0)), tmp_path / "set", CC0, {"How it was made": "By dice."})
    root = tmp_path / "set"
    assert sorted(p.name for p in root.iterdir()) == [
        "LICENCE",
        "README.md",
        "columns.csv",
        "images",
        "regions",
        "regions.csv",
        "table.csv",
    ]
    assert Image.open(root / "regions" / "000" / "front.png").mode == "P"
    assert (root / "LICENCE").read_text() == CC0
    card = (root / "README.md").read_text()
    for part in (
        "# rendered",
        "## How it was made\n\nBy dice.",
        "6 images of 16 x 16",
        "3 identities (gender: 2 female, 1 male)",
        "| yaw | 6 | 0 to 5 |",
        "| view | 2 | front, left |",
        "CC0-1.0",
    ):
        assert part in card
    legend = pd.read_csv(root / "regions.csv")
    assert legend["region"].tolist() == list(REGIONS) and legend["colour"].nunique() == len(REGIONS)


def test_photographs_round_trip_without_regions(tmp_path):
    people_folder(tmp_path / "in", "identity,gender\nann,\nbob,\n")
    stimuli = read_folder(tmp_path / "in", ReadOptions(size=8))
    write_folder(stimuli, tmp_path / "out", "Theirs.", {})
    again = read_folder(tmp_path / "out", ReadOptions(size=8))
    assert again.regions is None and (again.images == stimuli.images).all()
    pd.testing.assert_frame_equal(again.table, stimuli.table)


def test_region_maps_are_resized_without_mixing_and_read_by_name(tmp_path):
    stimuli = rendered()
    assert stimuli.regions is not None
    stimuli.regions[:] = np.where(np.arange(16) < 8, REGIONS.index("eye"), REGIONS.index("neck"))
    write_folder(stimuli, tmp_path / "set", CC0, {})
    small = read_folder(tmp_path / "set", ReadOptions(size=4)).regions
    assert small is not None and small[0, 0].tolist() == [3, 3, 10, 10]
    (tmp_path / "set" / "regions.csv").write_text("label,region\n3,mouth\n10,hair\n")
    renamed = read_folder(tmp_path / "set", ReadOptions(size=4)).regions
    assert renamed is not None and renamed[0, 0].tolist() == [5, 5, 11, 11]
    (tmp_path / "set" / "regions.csv").write_text("label,region\n3,mouth\n")
    with pytest.raises(InputError, match=r"front\.png has a label that regions\.csv does not explain"):
        read_folder(tmp_path / "set", ReadOptions(size=4))
    (tmp_path / "set" / "regions.csv").write_text("label,region\n3,tail\n")
    with pytest.raises(InputError, match=r"regions\.csv names 3 'tail'"):
        read_folder(tmp_path / "set", ReadOptions(size=4))


def test_the_types_of_columns_are_checked(tmp_path):
    write_folder(rendered(light=["1"] * 6), tmp_path / "set", CC0, {})
    columns = (tmp_path / "set" / "columns.csv").read_text()
    (tmp_path / "set" / "columns.csv").write_text(columns.replace("light,text", "light,integer"))
    assert read_folder(tmp_path / "set").table["light"].tolist() == [1] * 6
    (tmp_path / "set" / "columns.csv").write_text(columns.replace("light,text", "light,colour"))
    with pytest.raises(InputError, match=r"columns\.csv gives 'light' the type 'colour'"):
        read_folder(tmp_path / "set")


def test_a_missing_or_coloured_region_map_is_named(tmp_path):
    write_folder(rendered(), tmp_path / "set", CC0, {})
    target = tmp_path / "set" / "regions" / "001" / "left.png"
    picture(target)
    with pytest.raises(InputError, match=r"region map .*001/left\.png has mode RGB"):
        read_folder(tmp_path / "set", ReadOptions(size=16))
    target.unlink()
    with pytest.raises(InputError, match=r"there is no image .*001/left\.png"):
        read_folder(tmp_path / "set", ReadOptions(size=16))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"view": "same"}, "more than one image 000/same"),
        ({"view": "a/b"}, "'a/b' in 'rendered' cannot be the name of a file"),
        ({"identity": ".."}, r"'\.\.' in 'rendered' cannot be"),
        ({"identity": ""}, "'' in 'rendered' cannot be"),
        ({"gender": ["", *["male"] * 5]}, "gives the gender ''"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, change, sentence):
    with pytest.raises(InputError, match=sentence):
        write_folder(rendered(**change), tmp_path / "set", CC0, {})
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_or_left_behind(tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not an empty folder"):
        write_folder(rendered(), tmp_path / "full", CC0, {})
    with pytest.raises(InputError, match="cannot be written to"):
        write_folder(rendered(), tmp_path / "full" / "mine.txt" / "set", CC0, {})
    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "disk full")))
        with pytest.raises(InputError, match=r"cannot be written to .* \(disk full\)"):
            write_folder(rendered(), tmp_path / "set", CC0, {})
    assert [p.name for p in tmp_path.iterdir()] == ["full"]
    (tmp_path / "empty").mkdir()
    write_folder(rendered(), tmp_path / "empty", CC0, {})
    assert len(read_folder(tmp_path / "empty")) == 6
