"""What bases learned, from files whose numbers are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceinv.experiments.invariance.pretrained_bases import last_gain, learned_bases, what_they_learned
from faceinv.models import weights
from faceinv.models.pretraining import Pretraining


@pytest.fixture
def bases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which alone bases are looked for."""
    monkeypatch.setattr(weights, "_folders", lambda: [tmp_path])
    return tmp_path


def write_base(folder: Path, accuracy: float, validation: list[float], **made: object) -> None:
    pretraining = {"architecture": "resnet18", "set": "objects", "seed": 0, "exposures": 1000, **made}
    name = Pretraining(**pretraining).name  # type: ignore[arg-type]
    (folder / f"{name}.safetensors").touch()
    curve = [{"epoch": n, "validation": value} for n, value in enumerate(validation)]
    record = {"pretraining": pretraining, "chance": 0.25, "accuracy": accuracy, "curve": curve}
    (folder / f"{name}.json").write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("validation", "gain"),
    [([0.1, 0.4, 0.6, 0.7], 0.1), ([0.1, 0.7, 0.6, 0.5], 0.0), ([0.3], 0.0), ([0.0] * 6 + [0.5, 0.2], 0.5)],
)
def test_the_last_gain_is_of_the_best_accuracy(validation: list[float], gain: float) -> None:
    assert last_gain([{"validation": value} for value in validation]) == pytest.approx(gain)


def test_bases_of_a_whole_set_are_listed_and_those_that_learned_little_are_named(bases: Path) -> None:
    write_base(bases, 0.9, [0.5, 0.9])
    write_base(bases, 0.6, [0.1, 0.3, 0.55, 0.6], seed=1)
    write_base(bases, 0.2, [0.1, 0.2], share=4)
    table = learned_bases(["resnet18", "vgg16_bn"])
    assert table[["seed", "accuracy"]].to_numpy().tolist() == [[0, 0.9], [1, 0.6]]
    said = what_they_learned(table)
    assert said.startswith("1 of 2 bases classify at least 75% of the held-out images")
    assert (
        "resnet18 on objects 0.60 (chance 0.250), with a gain of 0.050 over the last quarter of 1,000" in said
    )
    assert "Below" not in what_they_learned(table[:1])
    assert what_they_learned(learned_bases([])) == "No base is available."
