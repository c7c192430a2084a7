"""Controls: masks of training images, the better of two controls, retrained networks and what fills do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv.data.faces.face_set import FaceSet
from faceinv.errors import InputError
from faceinv.experiments.explanations import Explanation
from faceinv.experiments.relevance import controls as module
from faceinv.experiments.relevance import retraining
from faceinv.experiments.relevance.controls import controls, margin_to_better
from faceinv.experiments.relevance.faithfulness import RETRAINED_MASK, Validation
from faceinv.experiments.relevance.fill_effects import most_common_answers
from faceinv.experiments.relevance.retraining import Retraining
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import Trained, TrainingRun
from faceinv.perturbations.random_masks import RandomMasks

RUN = TrainingRun(FaceSet(4, 4), "identity", 0, (TrainingConfig(exposures=100),))


def means(seeds: int = 500, /, **values: tuple[float, float]) -> Bootstrap:
    """Means of given standard errors, of independent networks."""
    rng = np.random.default_rng(0)
    noise = [rng.normal(size=seeds) for _ in values]
    rows = [
        pd.DataFrame({"mask": name, "seed": range(seeds), "value": mean + error * own * np.sqrt(seeds)})
        for (name, (mean, error)), each in zip(values.items(), noise, strict=True)
        for own in [(each - each.mean()) / each.std(ddof=1)]
    ]
    return bootstrap(pd.concat(rows), "value", ["mask"], units=("seed",))


def test_the_margin_is_that_to_the_better_control() -> None:
    boot = means(own=(0.8, 0.0), contrast=(0.7, 0.01), untrained=(0.2, 0.01))
    estimate, low, high = margin_to_better(boot, "mask", "own", ["untrained", "contrast"])
    assert estimate == pytest.approx(0.1)
    assert low == pytest.approx(0.1 - 1.96 * 0.01, abs=0.001)
    assert 0.1 + 1.96 * 0.01 < high < 0.1 + 2.5 * 0.01  # of two margins at once
    alone = margin_to_better(boot, "mask", "own", ["contrast"])
    assert alone[:2] == pytest.approx((estimate, low)) and alone[2] == pytest.approx(0.1196, abs=0.001)


def test_both_controls_must_be_exceeded() -> None:
    """The better control on the mean is exceeded for certain, the other one only perhaps."""
    boot = means(own=(0.8, 0.0), contrast=(0.7, 0.01), untrained=(0.6, 0.3))
    estimate, low, _ = margin_to_better(boot, "mask", "own", ["contrast", "untrained"])
    assert estimate == pytest.approx(0.1) and low < 0


def test_a_control_without_an_interval_leaves_the_margin_open() -> None:
    boot = means(own=(0.8, 0.01), contrast=(0.7, 0.01), untrained=(np.nan, 0.1))
    assert np.isnan(margin_to_better(boot, "mask", "own", ["contrast", "untrained"])).all()


def test_a_null_of_equal_controls_is_rarely_called_better() -> None:
    """Own masks are as good as either control: at most one in forty is said to exceed both."""
    rng = np.random.default_rng(0)
    supported = 0
    for _ in range(30):
        own, contrast, untrained = rng.normal(0.5, 0.02, 3)
        boot = means(50, own=(own, 0.02), contrast=(contrast, 0.02), untrained=(untrained, 0.02))
        supported += margin_to_better(boot, "mask", "own", ["contrast", "untrained"])[1] > 0
    assert supported <= 2


def test_the_mean_face_is_where_training_faces_have_contrast(monkeypatch: pytest.MonkeyPatch) -> None:
    faces = torch.zeros(4, 3, 32, 32)
    faces[:, :, 8:16, 8:16] = torch.tensor([0.5, 1.0, 1.5, 2.0]).view(4, 1, 1, 1)  # a square in each

    class Images:
        images = faces

        def evenly(self, _: int) -> Images:
            return self

    class Network:
        def prepare(self, images: torch.Tensor) -> torch.Tensor:
            return images

    class Parts:
        train = Images()
        network = Network()

    monkeypatch.setattr(module, "splits", lambda _: Parts())
    monkeypatch.setattr(module, "train", lambda _: Parts())
    tested = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    found = controls(RUN, tested, {}, ("mean face", "edges"))
    mean_face = found["mean face"]
    assert mean_face.shape == (3, 32, 32) and (mean_face == mean_face[0]).all()
    top = np.argwhere(mean_face[0] >= np.quantile(mean_face[0], 0.95))
    on_edge = np.min(np.abs(top[:, :, None] - np.array([7.5, 15.5])), axis=2).min(1)
    assert on_edge.max() <= 1.5 and (top >= 6).all() and (top <= 17).all()
    assert not (found["edges"] == found["edges"][0]).all()


@pytest.fixture
def curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning curves of two rates, of which the second was chosen."""
    table = pd.DataFrame({"rate": [0.01, 0.01, 0.03, 0.03], "chosen": [False, False, True, True]})
    monkeypatch.setattr(retraining, "train", lambda run: Trained(None, table))  # type: ignore[arg-type]


@pytest.mark.usefixtures("curves")
def test_further_training_is_with_masks_at_the_rate_that_was_chosen() -> None:
    rates = tuple(TrainingConfig(rate=rate, exposures=100) for rate in (0.01, 0.03))
    recipe = Retraining(replace(RUN, recipes=rates), "blur", share=0.5).recipe
    assert recipe == replace(rates[1], masks=RandomMasks("blur"), exposures=50)
    with pytest.raises(InputError, match="fill is 'grey'"):
        Retraining(RUN, "grey")


def test_only_a_retrained_network_is_evaluated_with_its_own_mask() -> None:
    masks = ("most relevant", RETRAINED_MASK)
    assert Validation(Explanation(RUN), (0.2,), masks=masks, retrained=True).retrained
    with pytest.raises(InputError, match="no mask 'most relevant, retrained'"):
        Validation(Explanation(RUN), (0.2,), masks=masks)


def test_a_network_with_one_answer_is_found() -> None:
    same = {
        "task": "identity",
        "pretraining": "none",
        "seed": 0,
        "base": "none",
        "mask": "random",
        "fraction": 0.2,
    }
    table = pd.concat(
        [
            pd.DataFrame({**same, "fill": "noise", "answer": [3, 3, 3, 3]}),
            pd.DataFrame({**same, "fill": "mean", "answer": [0, 1, 2, 2]}),
        ]
    )
    found = most_common_answers(table).set_index("fill")["value"]
    assert found["noise"] == 1 and found["mean"] == 0.5
