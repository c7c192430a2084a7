"""Folders of photographs with a table."""

import pandas as pd
import pytest
from photograph_files import people_folder

from faceinv.data.photographs.datasets import photographs
from faceinv.data.photographs.folder import ReadOptions, read_folder
from faceinv.data.photographs.folder_export import CC0, write_folder
from faceinv.data.tasks import split
from faceinv.errors import InputError


def test_folder_with_people(tmp_path):
    people_folder(tmp_path / "faces", "identity,gender,age\nbob,male,30\nann,female,41\n")
    (tmp_path / "faces" / "images" / "ann" / "notes.txt").write_text("no image")
    (tmp_path / "faces" / "images" / "ann" / "._ann_0000.png").write_bytes(b"\0\5")
    stimuli = read_folder(tmp_path / "faces", ReadOptions(size=8))
    assert stimuli.name == "faces" and stimuli.regions is None and stimuli.images.shape == (6, 8, 8, 3)
    expected = pd.DataFrame(
        {
            "identity": ["ann"] * 3 + ["bob"] * 3,
            "view": [f"{who}_{i:04d}" for who in ("ann", "bob") for i in range(3)],
            "gender": ["female"] * 3 + ["male"] * 3,
            "age": [41] * 3 + [30] * 3,
        }
    )
    pd.testing.assert_frame_equal(stimuli.table, expected)
    assert stimuli.images[:, 0, 0].tolist() == [[50 * n, 10 * i, 0] for n in range(2) for i in range(3)]


def test_folder_with_a_table_of_images(tmp_path):
    people_folder(tmp_path)
    (tmp_path / "table.csv").write_text(
        "file,identity,gender\nimages/bob/bob_0002.png,007,male\nimages/ann/ann_0001.png,NA,female\n"
    )
    stimuli = read_folder(tmp_path, ReadOptions(size=8))
    assert stimuli.table["identity"].tolist() == ["007", "NA"]
    assert stimuli.table["view"].tolist() == ["bob_0002", "ann_0001"]
    assert stimuli.images[:, 0, 0].tolist() == [[50, 20, 0], [0, 10, 0]]


def test_labels_of_any_name_are_read_and_none_is_needed(tmp_path):
    people_folder(tmp_path / "any", "identity,age,smiling\nann,30,yes\nbob,41,no\n")
    stimuli = read_folder(tmp_path / "any", ReadOptions(size=8))
    assert "gender" not in stimuli.table and stimuli.classes("age") == ("30", "41")
    assert stimuli.classes("smiling") == ("no", "yes") and stimuli.held_out == {}
    people_folder(tmp_path / "none", "identity\nann\nbob\n")
    assert list(read_folder(tmp_path / "none", ReadOptions(size=8)).table) == ["identity", "view"]


def test_a_table_of_columns_says_what_a_test_holds_out(tmp_path):
    people_folder(tmp_path / "in", "identity,side\nann,left\nbob,right\n")
    (tmp_path / "in" / "columns.csv").write_text("column,held_out\nside,view\n")
    stimuli = read_folder(tmp_path / "in", ReadOptions(size=8))
    assert stimuli.held_out == {"side": "view"}
    write_folder(stimuli, tmp_path / "out", CC0, {})
    again = read_folder(tmp_path / "out", ReadOptions(size=8))
    assert again.held_out == {"side": "view"} and again.table.equals(stimuli.table)
    (tmp_path / "in" / "columns.csv").write_text("column,held_out\nside,people\n")
    with pytest.raises(InputError, match=r"columns\.csv says that 'side' holds out 'people'"):
        read_folder(tmp_path / "in", ReadOptions(size=8))


def test_unknown_gender_of_all_is_fine(tmp_path):
    people_folder(tmp_path, "identity,gender\nann,\nbob,\n")
    assert set(read_folder(tmp_path, ReadOptions(size=8)).table["gender"]) == {""}


def test_identities_are_chosen_by_their_images(tmp_path):
    people_folder(tmp_path)
    (tmp_path / "images" / "ann" / "ann_0000.png").unlink()
    assert read_folder(tmp_path, ReadOptions(size=8, min_images=3)).classes("identity") == ("bob",)
    assert read_folder(tmp_path, ReadOptions(size=8, identities=1)).classes("identity") == ("bob",)
    with pytest.raises(InputError, match="has 4 or more images"):
        read_folder(tmp_path, ReadOptions(size=8, min_images=4))


def test_an_identity_with_one_image_is_read_but_not_split(tmp_path):
    people_folder(tmp_path, images=1)
    stimuli = read_folder(tmp_path, ReadOptions(size=8))
    assert len(stimuli) == 2
    with pytest.raises(InputError, match="identity 'ann' has 1 images"):
        split(stimuli, "identity")


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("people.csv", None, r"has no people\.csv and no table\.csv"),
        ("people.csv", "", r"people\.csv cannot be read"),
        ("people.csv", "name,gender\nann,female\n", r"people\.csv lacks the column\(s\) identity"),
        ("people.csv", "identity,gender\nann,female\n", "bob holds images of an identity that .*people"),
        ("people.csv", "identity,gender\nann,female\nbob,male\ncid,male\n", "names identity 'cid'"),
        ("people.csv", "identity,gender\nann,female\nbob,\n", "gives the gender '' for 'bob'"),
        ("people.csv", "identity,gender\nann,F\nbob,male\n", "gives the gender 'F' for 'ann'"),
        ("people.csv", "identity,gender\nann,female\nann,female\nbob,male\n", "lists identity 'ann' twice"),
        ("table.csv", "file,identity,gender\n", r"table\.csv lists no images"),
        ("table.csv", "file,identity,gender\nimages/ann/x.png,ann,female\n", "names the image 'images/ann/x"),
        ("table.csv", "file,identity,gender\n,ann,female\n", "names the image ''"),
        ("table.csv", "file,identity,gender\n/etc/hostname,ann,female\n", "names the image '/etc/hostname'"),
        ("table.csv", "file,identity,gender\n../people.csv,ann,female\n", "names the image '../people.csv'"),
        (
            "table.csv",
            "file,identity,gender\nimages/ann/ann_0000.png,,female\n",
            "no identity for images/ann",
        ),
        (
            "table.csv",
            "file,identity,gender\nimages/ann/ann_0000.png,ann,female\nimages/ann/ann_0001.png,ann,male\n",
            "gives 'ann' two genders",
        ),
        (
            "table.csv",
            "file,identity,gender,view\nimages/ann/ann_0000.png,ann,,1\nimages/ann/ann_0001.png,ann,,1\n",
            "has two images called '1'",
        ),
        ("images/bob/bob_0001.png", "no image", r"bob_0001\.png is damaged"),
        ("images/bob/bob_0001.jpg", "no image", "has two images called 'bob_0001'"),
    ],
)
def test_what_is_wrong_in_a_folder_is_told(tmp_path, file, content, sentence):
    people_folder(tmp_path)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(content)
    with pytest.raises(InputError, match=sentence) as caught:
        read_folder(tmp_path, ReadOptions(size=8))
    assert "\n" not in str(caught.value)


def test_empty_and_missing_folders(tmp_path):
    with pytest.raises(InputError, match=r"there is no folder .*nowhere"):
        photographs(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"has no people\.csv"):
        photographs(tmp_path)
    (tmp_path / "people.csv").write_text("identity,gender\nann,female\n")
    with pytest.raises(InputError, match="has no folder images"):
        photographs(str(tmp_path))
    (tmp_path / "images" / "ann").mkdir(parents=True)
    with pytest.raises(InputError, match="images holds no images"):
        photographs(str(tmp_path))
