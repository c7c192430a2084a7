"""Familiarity: who has been met, and what is compared."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from faceinv.data.faces.face_set import FaceSet
from faceinv.experiments import design
from faceinv.experiments.image_sets import source
from faceinv.experiments.invariance import familiarity
from faceinv.experiments.invariance.familiarity import (
    FAMILIAR,
    NOVEL,
    familiar_runs,
    familiarity_gain,
    half_familiar,
    with_familiarity,
)
from faceinv.experiments.profiles import PROFILES
from faceinv.metrics.bootstrap import bootstrap
from faceinv.models.pretraining import EVERYBODY, PRETRAINING_SETS


def test_half_of_the_people_are_of_the_pretraining_set_and_half_of_none() -> None:
    met = PRETRAINING_SETS["faces"].source
    usual = source("identity", PROFILES["full"])
    assert isinstance(met, FaceSet) and isinstance(usual, FaceSet)
    learned = set(range(met.first, met.first + met.identities))
    for count in (48, 7):
        asked = half_familiar(replace(usual, identities=count))
        people = list(range(asked.first, asked.first + asked.identities))
        half = len(people) // 2
        assert set(people[:half]) <= learned and not set(people[half:]) & learned
        assert len(people) == 2 * (count // 2) and people[-1] < EVERYBODY
        assert asked.seed == met.seed  # of the same population
        assert replace(asked, first=0, identities=count) == replace(usual, identities=count)


def test_without_a_base_of_faces_nobody_is_familiar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "pretrainings", lambda *_: ["none"])
    assert familiar_runs(PROFILES["quick"], "resnet18") == []


def test_people_are_told_by_their_place_in_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shown:
        table = pd.DataFrame({"identity": ["x", "x", "y", "z", "w"]})

    monkeypatch.setattr(familiarity, "load_stimuli", lambda _: Shown)
    run = design.tolerance_runs(PROFILES["smoke"], seeds=1, architecture="resnet18")[0]
    found = with_familiarity(run, pd.DataFrame({"identity": ["w", "y", "x", "z"]}))
    assert list(found["people"]) == [NOVEL, FAMILIAR, FAMILIAR, NOVEL]


def test_people_who_are_easier_for_all_networks_are_no_gain_of_familiarity() -> None:
    values = {
        ("scratch", FAMILIAR): 0.5,  # the familiar people happen to be easier by 0.2
        ("scratch", NOVEL): 0.3,
        ("faces, finetuned", FAMILIAR): 0.9,
        ("faces, finetuned", NOVEL): 0.6,
    }
    rows = [
        ("resnet18", strategy, people, seed, f"{people} {identity}", value)
        for (strategy, people), value in values.items()
        for seed in range(3)
        for identity in range(4)
    ]
    names = ["architecture", "strategy", "people", "seed", "identity", "value"]
    boot = bootstrap(pd.DataFrame(rows, columns=names), "value", names[:3], draws=50)
    assert np.allclose(familiarity_gain(boot).estimate, 0.1)
