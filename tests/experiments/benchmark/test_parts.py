"""Scores of maps that are known to be right or wrong, on networks that read known pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from cornered import SIDE, corner, cornered, split_of_corners
from known_readers import reader

from faceinv.data.faces.face_set import FaceSet
from faceinv.experiments.benchmark import parts
from faceinv.experiments.benchmark.parts import BenchmarkPart, Masked, Randomised, score
from faceinv.experiments.causes.planted_cues import Planting
from faceinv.metrics.localization import pixel_roc
from faceinv.models.architectures import Network, Specification, build
from faceinv.models.training_runs import Trained, TrainingRun

PLAIN = FaceSet(identities=10, views=1, size=SIDE, samples=1, first=70_000)
CUED = PLAIN.with_cause("mark", label="gender", value="male", agreement=1.0)
RUN = TrainingRun(CUED, "gender", 3, ())
EVEN = np.ones((SIDE, SIDE))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[[Network], None]:
    """Make the network of the run a given one, and its test images those that differ in a corner."""
    monkeypatch.setattr(parts, "splits", lambda run: split_of_corners())
    return lambda made: monkeypatch.setattr(parts, "train", lambda run: Trained(made, pd.DataFrame()))


@pytest.fixture
def relying(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Make a planting's network rely on the cue, which is the corner, or not."""

    def scores(make: Any, _: Planting) -> pd.DataFrame:
        made, images = reader(corner()), cornered(4)
        maps = make(made, made.prepare(images.images), np.zeros(4, int))
        roc = pixel_roc(maps, np.broadcast_to(corner() > 0, maps.shape))
        return pd.DataFrame({"identity": images.table["identity"], "roc": roc})

    def choose(relies: bool) -> None:
        # Of the answers, exchanging the cue costs all, or none.
        answers = pd.DataFrame({"agrees": [True, False], "correct": [True, not relies]})
        monkeypatch.setattr(parts, "answers_with_cue", lambda part: answers)
        monkeypatch.setattr(parts, "score_cue", scores)

    return choose


def shows(weights: np.ndarray) -> Callable[..., torch.Tensor]:
    """A method whose maps are the same for all images."""
    return lambda model, images, targets: torch.from_numpy(np.abs(weights)).expand(len(images), -1, -1)


def value(part: BenchmarkPart, method: Any, criterion: str) -> float:
    table = score(part, method)
    assert table.columns.tolist() == ["criterion", "seed", "identity", "value"]
    assert (table["seed"] == 3).all() and (table["criterion"] == criterion).all() and len(table) == 4
    assert table["identity"].str.startswith("i").all()
    return float(table["value"].mean())


def test_a_map_of_the_cue_finds_it_where_the_network_relies_on_it(relying: Any) -> None:
    relying(True)
    plan = Planting(RUN, images=4)
    for method, expected in ((shows(corner()), 1), (shows(1 - corner()), 0), (shows(EVEN), 0.5)):
        assert value(plan, method, "cue found") == expected
    assert value(plan, "input-x-gradient", "cue found") == 1


def test_a_map_of_the_cue_invents_it_where_the_network_does_not(relying: Any) -> None:
    relying(False)
    plan = Planting(RUN, images=4)
    for method, expected in ((shows(corner()), 0), (shows(1 - corner()), 1), (shows(EVEN), 0.5)):
        assert value(plan, method, "cue not invented") == expected


def test_masks_of_what_is_read_keep_the_answer(network: Any) -> None:
    network(reader(-corner()))
    part = Masked(RUN, images=4)
    right, wrong = (value(part, shows(weights), "masking") for weights in (corner(), 1 - corner()))
    # Right from a tenth of the pixels on, half right without any; and half right until all are shown.
    assert right == pytest.approx(0.5 * (0.3 - 0.1) + 0.5 * (1 - 0.3) / 2 + 0.5 * 0.1 / 2)
    assert wrong == pytest.approx(-right)


def test_maps_that_ignore_the_weights_are_not_sane(network: Any) -> None:
    network(build(Specification("vgg11_bn", ("female", "male"), 0.0625, SIDE)))
    part = Randomised(RUN, images=4)
    for method in ("local contrast", "random", shows(corner())):
        assert value(part, method, "sanity") == pytest.approx(0, abs=1e-6)
    assert value(part, "saliency", "sanity") > 0.3
