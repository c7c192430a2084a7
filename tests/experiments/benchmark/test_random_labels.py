"""Networks that learn random labels by heart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cornered import SIDE, cornered, split_of_corners

from faceinv.data.faces.face_set import FaceSet
from faceinv.errors import InputError
from faceinv.experiments.benchmark import parts, random_labels
from faceinv.experiments.benchmark.random_labels import (
    Relabelled,
    label_similarities,
    learned_by_heart,
    learned_images,
    with_random_labels,
)
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun

FACES = FaceSet(identities=12, views=2, size=SIDE, samples=1, first=70_000)
RUN = TrainingRun(FACES, "gender", 0, (TrainingConfig(batch=4),), "vgg11_bn", 0.0625)


def test_random_labels_are_the_true_ones_in_another_order() -> None:
    images = cornered(12)
    shuffled = with_random_labels(images, "gender", 0)
    assert sorted(shuffled.names("gender")) == sorted(images.names("gender"))
    assert (shuffled.names("gender") != images.names("gender")).any()
    assert shuffled.names("identity").tolist() == images.names("identity").tolist()
    again = with_random_labels(images, "gender", 0)
    assert (again.names("gender") == shuffled.names("gender")).all()


def test_both_networks_see_the_same_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    for module in (parts, random_labels):
        monkeypatch.setattr(module, "splits", lambda run: split_of_corners())
    plan = Relabelled(RUN, learned=6, images=3)
    one, other = (learned_images(each).images for each in (plan, replace(plan, shuffled=False)))
    np.testing.assert_array_equal(one, other)
    assert len(one) == 6
    network, accuracy = learned_by_heart(plan)
    assert 0 <= accuracy <= 1 and network.specification.classes == ("female", "male")
    table = label_similarities(plan, ["saliency", "local contrast"])
    assert table["learned_random"].unique() == [accuracy] and table["seed"].unique() == [0]
    changed, same = (part for _, part in table.groupby("method", sort=False))
    assert len(changed) == 3 and changed["rank_correlation"].abs().max() < 1
    assert same["rank_correlation"].to_numpy() == pytest.approx(1)


def test_a_pretrained_network_knows_more_than_labels() -> None:
    run = replace(RUN, architecture="resnet18", width=0.25, pretraining="faces", strategy="finetuned")
    with pytest.raises(InputError, match="the network is pretrained on faces"):
        Relabelled(run, learned=6)
