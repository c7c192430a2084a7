"""What a replication leaves to the evidence is trained by no chapter of it, and by all of a full run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from faceinv.book.planned_networks import PlannedNetwork, planned_networks
from faceinv.experiments.invariance.diversity import COUNT, EXPOSURES, IMAGES, KIND, Condition
from faceinv.experiments.invariance.tolerance import _versatile
from faceinv.experiments.profiles import PROFILES, profile
from faceinv.experiments.relevance.retraining import _weights
from faceinv.experiments.supplements import SUPPLEMENTS, compared_conditions, compares

FIRST = {
    "data": "faces",
    "tasks": ["gender", "identity"],
    "seeds": None,
    "architecture": "vgg16_bn",
    "pretrainings": ["none", "faces", "objects"],
    "shots": 5,
    "fill": "mean",
}
SECOND = {"data": "faces", "seeds": None, "architectures": None, "pretrained": "objects"}


def test_only_a_replication_leaves_out_anything() -> None:
    for name in SUPPLEMENTS:
        assert [each for each in PROFILES if not compares(each, name)] == ["quick"]
    with pytest.raises(KeyError):
        compares("quick", "hairs")


def left_out(chapter: str, parameters: Mapping[str, object]) -> list[PlannedNetwork]:
    """The networks of a chapter that quick does not train, and the same sizes with all comparisons do."""
    quick = profile("quick")
    some, whole = (
        planned_networks(chapter, sizes, parameters) for sizes in (quick, replace(quick, name="whole"))
    )
    assert set(some) < set(whole)
    return [network for key, network in whole.items() if key not in some]


def test_people_of_a_pretraining_set_and_retraining_are_left_out() -> None:
    many = left_out("02_networks", FIRST)
    assert {each.run.pretraining for each in many} == {"faces"} and len(many) == 3
    retrained = left_out("04_masking", FIRST)
    assert [each.keys[0][0] for each in retrained] == [_weights] * 3


def test_crossed_augmentation_and_plain_alexnet_are_left_out() -> None:
    found = left_out("09_architecture_and_strategy", SECOND)
    assert sum(each.keys[0][0] is _versatile for each in found) == 3
    assert sum(each.run.architecture == "alexnet" for each in found) == 3
    rest = [
        each for each in found if each.keys[0][0] is not _versatile and each.run.architecture != "alexnet"
    ]
    # what the claim rests on stays: networks from scratch with wide augmentation
    assert rest and all(each.run.strategy != "scratch" for each in rest)


def test_amounts_of_pretraining_stay_and_further_kinds_go() -> None:
    found = left_out("10_how_much_pretraining", SECOND)
    assert {each.run.pretraining.partition("-")[0] for each in found} == {"textures", "everything", "objects"}

    def condition(label: str, pretraining: str, *questions: str) -> Condition:
        return Condition(questions, label, pretraining, "base", 100, 10, 1000, 1000, 0.9)

    all_ = [
        condition("textures", "textures", KIND),
        condition("faces", "faces", KIND),
        condition("fewer images", "objects-0-images", IMAGES),
        condition("fewer classes", "objects-0-classes", COUNT),
        condition("fewer exposures", "objects-0-exposures", EXPOSURES),
        condition("objects", "objects", KIND, IMAGES, EXPOSURES),
    ]
    kept = [each.label for each in compared_conditions("quick", all_)]
    assert kept == ["faces", "fewer images", "fewer exposures", "objects"]
    assert compared_conditions("full", all_) == all_
