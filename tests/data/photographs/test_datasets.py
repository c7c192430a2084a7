"""Photographs: every kind of image file, folders with a table, and the layouts of LFW and CelebA."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torchvision
from conftest import REPOSITORY
from PIL import Image

from faceinv.data.photographs.datasets import photographs, read_celeba, read_lfw
from faceinv.data.photographs.decoding import GREY, Frame, decode, decode_all
from faceinv.data.photographs.folder import read_folder
from faceinv.data.photographs.folder_export import CC0, write_folder
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.data.tasks import split
from faceinv.errors import InputError

SHARED = Path(os.environ.get("FACEINV_SHARED") or REPOSITORY.parent / "shared")
SUBSET = SHARED / "data" / "lfw_subset"
ORANGE = (200, 100, 50)
LUMINANCE = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)


def picture(path: Path, colour=ORANGE, size=(20, 20), **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)
    return path


def people_folder(root: Path, people="identity,gender\nann,female\nbob,male\n", images=3) -> Path:
    for number, identity in enumerate(("ann", "bob")):
        for i in range(images):
            picture(root / "images" / identity / f"{identity}_{i:04d}.png", (50 * number, 10 * i, 0))
    (root / "people.csv").write_text(people)
    return root


def rendered(n=3, views=("front", "left"), size=16, **columns) -> Stimuli:
    rng = np.random.default_rng(0)
    rows = [
        {"identity": f"{i:03d}", "gender": ("female", "male")[i % 2], "view": view}
        for i in range(n)
        for view in views
    ]
    table = pd.DataFrame(rows).assign(**columns)
    images = rng.integers(0, 256, (len(rows), size, size, 3), dtype=np.uint8)
    regions = rng.integers(0, len(REGIONS), (len(rows), size, size), dtype=np.uint8)
    return Stimuli(images, table, regions, name="rendered")


# Image files


def sixteen_bits(value: int) -> Image.Image:
    return Image.fromarray(np.full((8, 8), value, dtype=np.uint16))


def transparent_palette() -> Image.Image:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, *ORANGE])
    return image


@pytest.mark.parametrize(
    ("image", "name", "options", "expected"),
    [
        (Image.new("RGB", (8, 8), ORANGE), "a.png", {}, ORANGE),
        (Image.new("L", (8, 8), 77), "a.png", {}, (77, 77, 77)),
        (Image.new("1", (8, 8), 1), "a.png", {}, (255, 255, 255)),
        (Image.new("RGBA", (8, 8), (*ORANGE, 255)), "a.png", {}, ORANGE),
        (Image.new("RGBA", (8, 8), (*ORANGE, 0)), "a.png", {}, (GREY, GREY, GREY)),
        (Image.new("RGBA", (8, 8), (228, 128, 28, 51)), "a.png", {}, (148, 128, 108)),
        (Image.new("LA", (8, 8), (228, 51)), "a.png", {}, (148, 148, 148)),
        (transparent_palette(), "a.png", {}, ORANGE),
        (transparent_palette(), "a.png", {"transparency": 1}, (GREY, GREY, GREY)),
        (Image.new("RGB", (8, 8), ORANGE), "a.png", {"transparency": ORANGE}, (GREY, GREY, GREY)),
        (sixteen_bits(65535), "a.png", {}, (255, 255, 255)),
        (sixteen_bits(257 * 100 + 100), "a.png", {}, (100, 100, 100)),
        (sixteen_bits(257 * 100 + 140), "a.tiff", {}, (101, 101, 101)),
        (Image.new("CMYK", (8, 8), (0, 127, 255, 0)), "a.jpg", {"quality": 100}, (255, 128, 0)),
        (Image.new("CMYK", (8, 8), (0, 127, 255, 0)), "a.tif", {}, (255, 128, 0)),
        (Image.new("L", (8, 8), 77), "a.JPEG", {"quality": 100}, (77, 77, 77)),
        (Image.new("RGB", (8, 8), ORANGE), "a.webp", {"lossless": True}, ORANGE),
        (Image.new("RGB", (8, 8), ORANGE), "a.bmp", {}, ORANGE),
    ],
)
def test_every_kind_of_file(tmp_path, image, name, options, expected):
    image.save(tmp_path / name, **options)
    pixels = decode(tmp_path / name, Frame(4))
    assert pixels.shape == (4, 4, 3) and pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - expected).max() <= 1


def test_sixteen_bit_graymap(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"P5 2 2 65535\n" + (257 * 30).to_bytes(2, "big") * 4)
    assert (decode(tmp_path / "a.tif", Frame(2)) == 30).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotated_photographs_come_upright(tmp_path, orientation):
    upright = np.zeros((8, 8, 3), np.uint8)
    upright[:4, :4], upright[:4, 4:], upright[4:, :4] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    # What a camera stores is the inverse of what EXIF's orientation tells to do.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.png", exif=exif)
    assert (decode(tmp_path / "a.png", Frame(8)) == upright).all()


def test_central_square_is_kept(tmp_path):
    ramp = np.broadcast_to(np.arange(30, dtype=np.uint8)[None, :, None], (10, 30, 3))
    Image.fromarray(np.ascontiguousarray(ramp)).save(tmp_path / "wide.png")
    assert (decode(tmp_path / "wide.png", Frame(10))[0, :, 0] == np.arange(10, 20)).all()
    assert (decode(tmp_path / "wide.png", Frame(4, crop=0.4))[0, :, 0] == np.arange(13, 17)).all()


def test_resizing_averages_instead_of_skipping(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "a.png")
    inner = decode(tmp_path / "a.png", Frame(16))[2:-2, 2:-2]
    assert np.abs(inner.astype(int) - 127.5).max() < 3


def test_grey(tmp_path):
    picture(tmp_path / "a.png")
    assert np.abs(decode(tmp_path / "a.png", Frame(4, colour="grey")).astype(int) - LUMINANCE).max() <= 1


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"])
@pytest.mark.parametrize("kept", [0, 3, 0.5])
def test_damaged_files_are_named(tmp_path, name, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(kept * len(whole)) if kept == 0.5 else kept])
    with pytest.raises(InputError, match=rf"image .*{name} is damaged") as caught:
        decode(tmp_path / name, Frame(8))
    assert "\n" not in str(caught.value)


def test_text_and_floats_are_no_photographs(tmp_path):
    (tmp_path / "a.jpg").write_text("not an image")
    with pytest.raises(InputError, match=r"a\.jpg is damaged, cut off, or no image"):
        decode(tmp_path / "a.jpg", Frame(8))
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif holds floating-point brightness"):
        decode(tmp_path / "a.tif", Frame(8))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 0}, "size is 0"),
        ({"crop": 0.0}, r"crop is 0\.0"),
        ({"crop": 1.1}, r"crop is 1\.1"),
        ({"colour": "sepia"}, "colour is 'sepia'"),
    ],
)
def test_frame_refuses_nonsense(options, sentence):
    with pytest.raises(InputError, match=sentence):
        Frame(**options)


def test_the_first_failure_in_order_is_told(tmp_path):
    files = [picture(tmp_path / f"{i}.png") for i in range(50)]
    for i in (9, 30):
        files[i].write_bytes(b"")
    with pytest.raises(InputError, match=r"/9\.png"):
        decode_all(files, Frame(4))


# Folders


def test_folder_with_people(tmp_path):
    people_folder(tmp_path / "faces", "identity,gender,age\nbob,male,30\nann,female,41\n")
    (tmp_path / "faces" / "images" / "ann" / "notes.txt").write_text("no image")
    (tmp_path / "faces" / "images" / "ann" / "._ann_0000.png").write_bytes(b"\0\5")
    stimuli = read_folder(tmp_path / "faces", size=8)
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
    stimuli = read_folder(tmp_path, size=8)
    assert stimuli.table["identity"].tolist() == ["007", "NA"]
    assert stimuli.table["view"].tolist() == ["bob_0002", "ann_0001"]
    assert stimuli.images[:, 0, 0].tolist() == [[50, 20, 0], [0, 10, 0]]


def test_labels_of_any_name_are_read_and_none_is_needed(tmp_path):
    people_folder(tmp_path / "any", "identity,age,smiling\nann,30,yes\nbob,41,no\n")
    stimuli = read_folder(tmp_path / "any", size=8)
    assert "gender" not in stimuli.table and stimuli.classes("age") == ("30", "41")
    assert stimuli.classes("smiling") == ("no", "yes") and stimuli.held_out == {}
    people_folder(tmp_path / "none", "identity\nann\nbob\n")
    assert list(read_folder(tmp_path / "none", size=8).table) == ["identity", "view"]


def test_a_table_of_columns_says_what_a_test_holds_out(tmp_path):
    people_folder(tmp_path / "in", "identity,side\nann,left\nbob,right\n")
    (tmp_path / "in" / "columns.csv").write_text("column,held_out\nside,view\n")
    stimuli = read_folder(tmp_path / "in", size=8)
    assert stimuli.held_out == {"side": "view"}
    write_folder(stimuli, tmp_path / "out", CC0, {})
    again = read_folder(tmp_path / "out", size=8)
    assert again.held_out == {"side": "view"} and again.table.equals(stimuli.table)
    (tmp_path / "in" / "columns.csv").write_text("column,held_out\nside,people\n")
    with pytest.raises(InputError, match=r"columns\.csv says that 'side' holds out 'people'"):
        read_folder(tmp_path / "in", size=8)


def test_unknown_gender_of_all_is_fine(tmp_path):
    people_folder(tmp_path, "identity,gender\nann,\nbob,\n")
    assert set(read_folder(tmp_path, size=8).table["gender"]) == {""}


def test_identities_are_chosen_by_their_images(tmp_path):
    people_folder(tmp_path)
    (tmp_path / "images" / "ann" / "ann_0000.png").unlink()
    assert read_folder(tmp_path, size=8, min_images=3).classes("identity") == ("bob",)
    assert read_folder(tmp_path, size=8, identities=1).classes("identity") == ("bob",)
    with pytest.raises(InputError, match="has 4 or more images"):
        read_folder(tmp_path, size=8, min_images=4)


def test_an_identity_with_one_image_is_read_but_not_split(tmp_path):
    people_folder(tmp_path, images=1)
    stimuli = read_folder(tmp_path, size=8)
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
        read_folder(tmp_path, size=8)
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


# Round trip


def test_round_trip_is_exact(tmp_path):
    stimuli = rendered(
        yaw=np.linspace(-105, 105, 6) / 7,
        light=["0", "01", "", "NA", "a,b", 'sp"ace\nline'],
        seed=np.arange(6),
        hair=[True, False] * 3,
        noise=[np.nan, 1e-300, 2 / 3, -0.0, np.inf, 1.0],
    )
    write_folder(stimuli, tmp_path / "deep" / "set", CC0, {"What this is": "A test."})
    again = read_folder(tmp_path / "deep" / "set", size=16)
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
    stimuli = read_folder(tmp_path / "in", size=8)
    write_folder(stimuli, tmp_path / "out", "Theirs.", {})
    again = read_folder(tmp_path / "out", size=8)
    assert again.regions is None and (again.images == stimuli.images).all()
    pd.testing.assert_frame_equal(again.table, stimuli.table)


def test_region_maps_are_resized_without_mixing_and_read_by_name(tmp_path):
    stimuli = rendered()
    assert stimuli.regions is not None
    stimuli.regions[:] = np.where(np.arange(16) < 8, REGIONS.index("eye"), REGIONS.index("neck"))
    write_folder(stimuli, tmp_path / "set", CC0, {})
    small = read_folder(tmp_path / "set", size=4).regions
    assert small is not None and small[0, 0].tolist() == [3, 3, 10, 10]
    (tmp_path / "set" / "regions.csv").write_text("label,region\n3,mouth\n10,hair\n")
    renamed = read_folder(tmp_path / "set", size=4).regions
    assert renamed is not None and renamed[0, 0].tolist() == [5, 5, 11, 11]
    (tmp_path / "set" / "regions.csv").write_text("label,region\n3,mouth\n")
    with pytest.raises(InputError, match=r"front\.png has a label that regions\.csv does not explain"):
        read_folder(tmp_path / "set", size=4)
    (tmp_path / "set" / "regions.csv").write_text("label,region\n3,tail\n")
    with pytest.raises(InputError, match=r"regions\.csv names 3 'tail'"):
        read_folder(tmp_path / "set", size=4)


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
        read_folder(tmp_path / "set", size=16)
    target.unlink()
    with pytest.raises(InputError, match=r"there is no image .*001/left\.png"):
        read_folder(tmp_path / "set", size=16)


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


# Labeled Faces in the Wild


def lfw(root: Path, folder="lfw_funneled") -> Path:
    people = {"Ann_Lee": 3, "Bob": 1, "Cid_de_Ruy": 2}
    base = root / "lfw-py"
    for i, (name, count) in enumerate(people.items()):
        for number in range(1, count + 1):
            picture(base / folder / name / f"{name}_{number:04d}.jpg", (60 * i, 0, 0), (25, 25), quality=100)
    (base / "lfw-names.txt").write_text("".join(f"{name}\t{count}\n" for name, count in people.items()))
    (base / "people.txt").write_text("2\n2\nAnn_Lee\t3\nBob\t1\n1\nCid_de_Ruy\t2\n")
    return root


def test_lfw_is_what_torchvision_reads(tmp_path, monkeypatch):
    lfw(tmp_path)
    monkeypatch.setattr(torchvision.datasets.lfw, "check_integrity", lambda *_: True)
    theirs = torchvision.datasets.LFWPeople(str(tmp_path), download=False)
    names = {i: name for name, i in theirs.class_to_idx.items()}
    ours = read_lfw(tmp_path, size=25)
    assert ours.table["identity"].tolist() == [names[target] for target in theirs.targets]
    assert ours.table["view"].tolist() == [Path(file).stem for file in theirs.data]
    assert (ours.images == np.stack([np.asarray(image) for image, _ in theirs])).all()
    assert set(ours.table["gender"]) == {""} and ours.name == "lfw"


def test_lfw_with_genders_by_name(tmp_path, monkeypatch):
    lfw(tmp_path, "lfw-deepfunneled")
    monkeypatch.setenv("FACEINV_DATA", str(tmp_path))
    assert len(photographs("lfw", size=8, min_images=2)) == 5
    (tmp_path / "lfw-py" / "people.csv").write_text("identity,gender\nCid_de_Ruy,male\nAnn_Lee,female\n")
    stimuli = photographs("lfw", size=8)
    assert stimuli.table["gender"].tolist() == ["female"] * 3 + ["male"] * 2
    (tmp_path / "other.csv").write_text("identity,gender\nBob,male\n")
    assert len(read_lfw(tmp_path, table=tmp_path / "other.csv")) == 1
    (tmp_path / "other.csv").write_text("identity,gender\nBo,male\n")
    with pytest.raises(InputError, match=r"other\.csv names identity 'Bo'"):
        read_lfw(tmp_path, table=tmp_path / "other.csv")


def test_lfw_that_is_missing_ambiguous_or_incomplete(tmp_path, monkeypatch):
    monkeypatch.delenv("FACEINV_DATA", raising=False)
    with pytest.raises(InputError, match="FACEINV_DATA is not set"):
        photographs("lfw")
    with pytest.raises(InputError, match=r"there is no .*lfw-py/lfw or .*fetch Labeled Faces in the Wild"):
        read_lfw(tmp_path)
    with pytest.raises(InputError, match="image_set is 'aligned'"):
        read_lfw(tmp_path, "aligned")  # type: ignore[arg-type]
    lfw(tmp_path)
    with pytest.raises(InputError, match=r"there is no .*lfw-py/lfw-deepfunneled; fetch"):
        read_lfw(tmp_path, "deepfunneled")
    picture(tmp_path / "lfw-py" / "lfw" / "Ann_Lee" / "Ann_Lee_0001.jpg")
    with pytest.raises(InputError, match="holds lfw and lfw_funneled; say which"):
        read_lfw(tmp_path)
    assert len(read_lfw(tmp_path, "funneled", size=8)) == 6
    with pytest.raises(InputError, match=r"there are 1 images of 'Ann_Lee'"):
        read_lfw(tmp_path, "original")
    (tmp_path / "lfw-py" / "lfw-names.txt").unlink()
    assert len(read_lfw(tmp_path, "original", size=8)) == 1
    (tmp_path / "lfw-py" / "lfw" / "Ann_Lee" / "Ann_Lee_0001.jpg").unlink()
    with pytest.raises(InputError, match="lfw holds no images"):
        read_lfw(tmp_path, "original")


# CelebA


def celeba(root: Path) -> Path:
    base = root / "celeba"
    people = ["2880", "17", "17", "2880", "17", "9", "9"]
    male = [-1, 1, 1, -1, -1, 1, -1]
    files = [f"{i:06d}.jpg" for i in range(1, len(people) + 1)]
    for i, file in enumerate(files):
        picture(base / "img_align_celeba" / file, (30 * i, 0, 0), (17, 21), quality=100)

    def write(name, lines):
        (base / name).write_text("".join(line + "\n" for line in lines))

    count = str(len(files))
    write("identity_CelebA.txt", [f"{file} {who}" for file, who in zip(files, people, strict=True)])
    write(
        "list_attr_celeba.txt",
        [count, "5_o_Clock_Shadow Male Young "]
        + [f"{file} -1 {value:2d}  1" for file, value in zip(files, male, strict=True)],
    )
    write("list_eval_partition.txt", [f"{file} {i % 3}" for i, file in enumerate(files)])
    write(
        "list_bbox_celeba.txt",
        [count, "image_id x_1 y_1 width height", *(f"{f}    95  71 226 313" for f in files)],
    )
    points = ("lefteye", "righteye", "nose", "leftmouth", "rightmouth")
    header = " ".join(f"{point}_{axis}" for point in points for axis in "xy")
    write(
        "list_landmarks_align_celeba.txt",
        [count, header, *(f"{f} 69 109 106 113 77 142 73 152 108 154" for f in files)],
    )
    return root


def test_celeba_is_what_torchvision_reads(tmp_path, monkeypatch):
    celeba(tmp_path)
    monkeypatch.setattr(torchvision.datasets.celeba, "check_integrity", lambda *_: True)
    theirs = torchvision.datasets.CelebA(tmp_path, split="all", target_type="identity", download=False)
    ours = read_celeba(tmp_path, size=17)
    kept = [i for i, who in enumerate(theirs.identity[:, 0].tolist()) if who != 9]
    assert ours.table["identity"].tolist() == [str(int(theirs.identity[i, 0])) for i in kept]
    assert ours.table["view"].tolist() == [theirs.filename[i].removesuffix(".jpg") for i in kept]
    middle = np.stack([np.asarray(theirs[i][0])[2:19] for i in kept])
    assert (ours.images == middle).all()


def test_celeba_gender_is_that_of_most_images(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEINV_DATA", str(celeba(tmp_path)))
    stimuli = photographs("celeba", size=8)
    genders = dict(zip(stimuli.table["identity"], stimuli.table["gender"], strict=True))
    assert genders == {"2880": "female", "17": "male"}
    assert photographs("celeba", size=8, identities=1).classes("identity") == ("17",)


@pytest.mark.parametrize("missing", ["identity_CelebA.txt", "list_attr_celeba.txt", "img_align_celeba"])
def test_celeba_says_what_to_fetch(tmp_path, missing):
    celeba(tmp_path)
    (tmp_path / "celeba" / missing).rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=rf"there is no .*{missing}; fetch .*unpack in .*celeba"):
        read_celeba(tmp_path)


def test_celeba_that_is_damaged(tmp_path):
    celeba(tmp_path)
    attributes = tmp_path / "celeba" / "list_attr_celeba.txt"
    whole = attributes.read_text().splitlines(keepends=True)
    attributes.write_text("".join(whole[:-1]))
    with pytest.raises(InputError, match=r"lists 000007\.jpg, which .*lacks"):
        read_celeba(tmp_path)
    attributes.write_text("".join(whole).replace("Male", "Man"))
    with pytest.raises(InputError, match=r"is damaged .*fetch it again"):
        read_celeba(tmp_path)
    attributes.write_text("".join(whole))
    (tmp_path / "celeba" / "img_align_celeba" / "000003.jpg").unlink()
    with pytest.raises(InputError, match=r"lists 000003\.jpg, which .*lacks"):
        read_celeba(tmp_path)


# Real photographs


@pytest.mark.skipif(not SUBSET.is_dir(), reason=f"{SUBSET} with real photographs is absent")
def test_real_photographs():
    stimuli = photographs(SUBSET, size=32)
    people = stimuli.table.drop_duplicates("identity")
    assert len(stimuli) == 593
    assert people["gender"].value_counts().to_dict() == {"female": 38, "male": 38}
    assert (stimuli.table["images"] == stimuli.table.groupby("identity")["view"].transform("count")).all()
    assert all(
        view.startswith(who)
        for who, view in zip(stimuli.table["identity"], stimuli.table["view"], strict=True)
    )
    assert stimuli.images.std(axis=(1, 2, 3)).min() > 10
    for task in ("gender", "identity"):
        assert len(split(stimuli, task).test) > 100
