"""Pretraining on tiny sets, and the bases that ship."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv import cli
from faceinv.data.faces.face_set import FACE_SETS, FaceSet
from faceinv.data.mixed_set import MixedSet
from faceinv.data.objects.object_set import ObjectSet
from faceinv.data.sources import Rendered, class_counts
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.data.textures.texture_set import TextureSet
from faceinv.errors import InputError
from faceinv.experiments import image_sets
from faceinv.experiments.profiles import PROFILES
from faceinv.models import pretraining
from faceinv.models.architectures import load
from faceinv.models.pretraining import (
    BASES,
    EVERYBODY,
    IMAGES,
    PRETRAINING_SETS,
    Pretraining,
    parse_share,
    pretrain,
    thin,
    with_classes,
)
from faceinv.models.training import evaluate
from faceinv.models.zoo import STUDIED

SOURCES: dict[str, Rendered] = {
    "objects": ObjectSet(5, 20, size=32, samples=1),
    "textures": TextureSet(5, 20, size=32, samples=1),
    "everything": MixedSet(
        ObjectSet(2, 20, size=32, samples=1),
        TextureSet(2, 20, size=32, samples=1),
        FaceSet(1, 20, size=32, samples=1, first=EVERYBODY),
    ),
}
TINY = Pretraining("resnet18", "objects", exposures=150)


@pytest.fixture(scope="module", autouse=True)
def tiny(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(
            pretraining,
            "PRETRAINING_SETS",
            {
                name: replace(each, source=SOURCES.get(name, each.source))
                for name, each in PRETRAINING_SETS.items()
            },
        )
        yield


def stored_accuracy(path: Path) -> float:
    """Accuracy of a base on the sample that lies beside it."""
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    sample = np.load(path.parent / Pretraining(**record["pretraining"]).sample)
    table = pd.DataFrame({"identity": sample["identity"], "gender": "", "view": ""})
    images = np.repeat(sample["images"][..., None], 3, axis=3)
    return float(evaluate(load(path), Stimuli(images, table))["correct"].mean())


def check(path: Path) -> None:
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stored_accuracy(path) == pytest.approx(record["sample_accuracy"], abs=0.016)
    assert record["command"].startswith("faceinv pretrain ")
    made = Pretraining(**record["pretraining"])
    assert (made.name, made.command) == (path.stem, record["command"])


@pytest.mark.slow
def test_a_base_with_its_provenance(tmp_path: Path) -> None:
    path = pretrain(TINY, tmp_path, "cpu")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "objects-resnet18-0.json",
        "objects-resnet18-0.safetensors",
        "objects-sample.npz",
    ]
    check(path)
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["data"]["kind"] == "ObjectSet" and record["data"]["images"] == 20
    assert record["images"] == {"train": 90, "validation": 5, "test": 5} and record["chance"] == 0.2
    assert len(record["curve"]) == 2 and 0 <= record["accuracy"] <= 1
    spec = load(path).specification
    assert (spec.task, spec.pretraining, len(spec.classes)) == ("identity", "none", 5)


def test_a_share_is_of_the_training_images_of_every_class(tmp_path: Path) -> None:
    path = pretrain(replace(TINY, share=4), tmp_path, "cpu")
    record = json.loads(path.with_suffix(".json").read_text())
    assert path.name == "objects-resnet18-0-4.safetensors"
    assert record["images"]["train"] == 5 * round(18 / 4) and "--share 1/4" in record["command"]
    table = pd.DataFrame({"identity": list("aaaabbbbbbbb"), "gender": "", "view": list("abcdefghijkl")})
    stimuli = Stimuli(np.zeros((12, 8, 8, 3), np.uint8), table)
    assert "".join(thin(stimuli, 4).table["view"]) == "aef" and len(thin(stimuli, 64)) == 2
    assert len(thin(stimuli, 1)) == 12


def test_a_base_of_fewer_classes_has_all_their_images_and_one_of_fewer_exposures_all_images() -> None:
    fewer, shorter = replace(TINY, classes=2), replace(TINY, shorter=4)
    assert (fewer.name, fewer.sample) == ("objects-resnet18-0-c2", "objects-c2-sample.npz")
    assert (shorter.name, shorter.sample) == ("objects-resnet18-0-x4", "objects-sample.npz")
    assert fewer.command.endswith("--classes 1/2") and shorter.command.endswith("--shorter 1/4")
    assert (fewer.recipe.exposures, shorter.recipe.exposures) == (150, 37)
    table = pd.DataFrame({"identity": list("aabbccdd"), "gender": "", "view": list("12345678")})
    stimuli = Stimuli(np.zeros((8, 8, 8, 3), np.uint8), table)
    assert "".join(with_classes(Split(stimuli, stimuli, stimuli), 2).test.table["view"]) == "1256"
    with pytest.raises(InputError, match="expected one of them, so"):
        replace(TINY, classes=2, share=4)


@pytest.mark.slow
def test_the_same_bits_again(tmp_path: Path) -> None:
    one, other = (pretrain(TINY, tmp_path / name, "cpu").read_bytes() for name in "ab")
    assert one == other


def test_nobody_is_learned_from_who_is_asked_about_later() -> None:
    faces = PRETRAINING_SETS["faces"].source
    assert isinstance(faces, FaceSet) and faces.identities >= 500

    def people(each: FaceSet) -> set[int]:
        return set(range(each.first, each.first + each.identities))

    everything = PRETRAINING_SETS["everything"].source
    assert isinstance(everything, MixedSet)
    tasks = ("gender", "identity", "expression")
    others = [image_sets.source(task, size) for task in tasks for size in PROFILES.values()]
    compared = [image_sets.compared(size)[0] for size in PROFILES.values()]
    for other in [*others, *compared, *FACE_SETS.values()]:
        assert isinstance(other, FaceSet) and other.seed == faces.seed == everything.faces.seed
        for learned in (faces, everything.faces):
            assert not people(learned) & people(other)
    assert not people(everything.faces) & people(faces)
    objects = PRETRAINING_SETS["objects"].source
    assert isinstance(objects, ObjectSet)
    assert objects.classes >= 100 and objects.size == faces.size == 64


def test_sets_that_are_compared_are_equally_large() -> None:
    counts = {name: class_counts(each.source) for name, each in PRETRAINING_SETS.items()}
    assert {name: classes * images for name, (classes, images) in counts.items()} == dict.fromkeys(
        ("objects", "faces", "textures", "everything"), IMAGES
    )
    assert all(each.source.size == 64 for each in PRETRAINING_SETS.values())
    assert counts["objects"][0] >= 300 and counts["textures"][0] >= 300 and counts["everything"][0] >= 500


@pytest.mark.slow
@pytest.mark.parametrize("name", ["textures", "everything"])
def test_textures_and_everything_can_be_learned_from(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"pretrain resnet18 {name} --exposures 60 --device cpu --out"
    monkeypatch.setattr("sys.argv", ["faceinv", *words.split(), str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert not caught.value.code
    check(tmp_path / f"{name}-resnet18-0.safetensors")
    record = json.loads((tmp_path / f"{name}-resnet18-0.json").read_text())
    assert record["data"]["kind"] == type(SOURCES[name]).__name__ and record["chance"] == 0.2


def test_shares_are_read() -> None:
    assert [parse_share(text) for text in ("1", "1/4", "1/64")] == [1, 4, 64]
    for text in ("0.5", "2/4", "1/0", "", "1/"):
        with pytest.raises(InputError, match="share is"):
            parse_share(text)


@pytest.mark.parametrize(
    "change", [{"set": "cars"}, {"share": 0}, {"exposures": 0}, {"architecture": "resnet19"}]
)
def test_impossible_pretrainings_are_refused(change: dict) -> None:
    with pytest.raises(InputError):
        replace(TINY, **change)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    words = "pretrain resnet18 objects --seed 1 --share 1/4 --exposures 30 --device cpu --out"
    monkeypatch.setattr("sys.argv", ["faceinv", *words.split(), str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert not caught.value.code
    path = tmp_path / "objects-resnet18-1-4.safetensors"
    assert capsys.readouterr().out.strip() == str(path)
    check(path)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu(tmp_path: Path) -> None:
    check(pretrain(TINY, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(BASES.glob("*.safetensors")), ids=lambda path: path.stem)
def test_the_bases_that_ship(path: Path) -> None:
    check(path)
    assert load(path).specification.architecture in STUDIED
