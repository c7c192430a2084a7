"""Diversity: which bases are compared for which question, by the files that are there."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.experiments.invariance.diversity import (
    COUNT,
    EXPOSURES,
    IMAGES,
    KIND,
    Condition,
    are_constant,
    base_table,
    by_question,
    condition_runs,
    conditions,
    confounded,
    difference_from,
    is_fair,
    labels,
    smallest_part,
)
from faceinv.experiments.profiles import PROFILES
from faceinv.metrics.bootstrap import bootstrap
from faceinv.models import weights
from faceinv.models.pretraining import Pretraining

FULL = PROFILES["full"]


@pytest.fixture
def bases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which alone bases are looked for."""
    monkeypatch.setattr(weights, "_folders", lambda: [tmp_path])
    return tmp_path


def write_base(folder: Path, images: int, epoch: int = 9, **made: object) -> str:
    """The files of a base of resnet18 on objects of which only the provenance is read."""
    pretraining = {"architecture": "resnet18", "set": "objects", "exposures": 1000, **made}
    name = Pretraining(**pretraining).name  # type: ignore[arg-type]
    (folder / f"{name}.safetensors").touch()
    record = {
        "pretraining": pretraining,
        "images": {"train": images},
        "chance": 0.25,
        "accuracy": 0.9,
        "curve": [{"epoch": 0, "kept": False}, {"epoch": epoch, "kept": True}],
    }
    (folder / f"{name}.json").write_text(json.dumps(record))
    return name


def test_conditions_are_the_bases_that_are_there_and_the_others_are_named(bases: Path) -> None:
    write_base(bases, 100)
    write_base(bases, 25, epoch=39, share=4)
    write_base(bases, 25, epoch=39, classes=4)
    write_base(bases, 100, epoch=2, shorter=4)
    write_base(bases, 90, set="textures")
    found, missing = conditions(FULL, "resnet18", "objects")
    assert {each.label: each.pretraining for each in found} == {
        "textures": "textures",
        "objects, 1/4 of the images": "objects-0-4",
        "objects, 1/4 of the classes": "objects-0-c4",
        "objects, 1/4 of the exposures": "objects-0-x4",
        "objects": "objects",
    }
    assert "objects-resnet18-0-16" in missing and "everything-resnet18-0" in missing
    assert (
        "objects-resnet18-0-x16" in missing and len(missing) + len(found) == len(labels(FULL, "objects")) - 1
    )
    quarter = found[1]
    assert (quarter.images, quarter.classes, quarter.exposures, quarter.kept) == (25, 4, 1000, 1000)
    assert next(each for each in found if each.questions == (EXPOSURES,)).exposures == 250
    runs = condition_runs(FULL, "resnet18", found, seeds=1)
    assert [label for label, _ in runs] == ["scratch", *(each.label for each in found)]
    assert runs[2][1].base == "objects-resnet18-4 #0" and runs[0][1].base == "none"
    assert by_question({"resnet18": found})[COUNT] == [
        "objects, 1/4 of the images",
        "objects, 1/4 of the classes",
    ]
    assert smallest_part({"resnet18": found}, "objects") == "objects, 1/4 of the images"
    assert smallest_part({"resnet18": found[-1:]}, "objects") is None
    table = base_table({"resnet18": found})
    assert table.set_index("base").loc["objects-resnet18-0-4", "times each"] == 40
    assert set(confounded(found)) == set()


def test_a_series_whose_exposures_differ_is_none_of_the_number_of_images() -> None:
    whole = Condition((IMAGES, KIND), "objects", "objects", "b", 100, 4, 1000, 1000, 0.9)
    part = replace(whole, questions=(IMAGES,), label="part", images=25)
    assert is_fair([whole, part], IMAGES)
    assert not is_fair([whole, replace(part, exposures=500, kept=500)], IMAGES)
    assert not is_fair([whole, replace(part, kept=700)], IMAGES)  # stopped earlier
    assert confounded([whole, replace(part, kept=700)]) == [IMAGES]
    assert not is_fair([whole], IMAGES) and confounded([whole]) == []
    other = replace(whole, questions=(KIND,), label="textures", images=200)
    assert not is_fair([whole, other], KIND) and is_fair([whole, replace(other, images=110)], KIND)


def test_a_quarter_more_is_still_the_same() -> None:
    assert are_constant([80, 100]) and not are_constant([79, 100])


def test_conditions_are_compared_for_the_architectures_that_have_both() -> None:
    rows = [
        (architecture, condition, seed, identity, value)
        for architecture, condition, value in (
            ("resnet18", "objects", 0.8),
            ("resnet18", "part", 0.5),
            ("vgg16_bn", "objects", 0.9),
        )
        for seed in range(3)
        for identity in "ab"
    ]
    names = ["architecture", "condition", "seed", "identity", "value"]
    boot = bootstrap(pd.DataFrame(rows, columns=names), "value", names[:2], draws=20)
    found = difference_from(boot, "part", "objects").interval()
    assert list(found["architecture"]) == ["resnet18"] and found["estimate"].item() == pytest.approx(-0.3)
    with pytest.raises(InputError, match="both on 'textures' and on 'objects'"):
        difference_from(boot, "textures", "objects")
    assert set(labels(FULL, "faces")) >= {"objects", "faces, 1/64 of the images"}
