"""The layouts of LFW and CelebA, and real photographs."""

import os
from pathlib import Path

import numpy as np
import pytest
import torchvision
from conftest import REPOSITORY
from photograph_files import picture

from faceinv.data.photographs.datasets import photographs, read_celeba, read_lfw
from faceinv.data.photographs.folder import ReadOptions
from faceinv.data.tasks import split
from faceinv.errors import InputError

SHARED = Path(os.environ.get("FACEINV_SHARED") or REPOSITORY.parent / "shared")
SUBSET = SHARED / "data" / "lfw_subset"


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
    ours = read_lfw(tmp_path, options=ReadOptions(size=25))
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
    assert len(read_lfw(tmp_path, "funneled", options=ReadOptions(size=8))) == 6
    with pytest.raises(InputError, match=r"there are 1 images of 'Ann_Lee'"):
        read_lfw(tmp_path, "original")
    (tmp_path / "lfw-py" / "lfw-names.txt").unlink()
    assert len(read_lfw(tmp_path, "original", options=ReadOptions(size=8))) == 1
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
    ours = read_celeba(tmp_path, ReadOptions(size=17))
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
