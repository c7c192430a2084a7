from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split, split
from faceinv.errors import InputError
from faceinv.models import training
from faceinv.models.architectures import Specification, build
from faceinv.models.augmentation import augment
from faceinv.models.heads import output_layer
from faceinv.models.training import evaluate, fit, fit_head
from faceinv.models.training_config import TrainingConfig


def bars() -> Split:
    """Faces of a kind: 'female' is a horizontal, 'male' a vertical bar, at a random place in noise."""
    rng = np.random.default_rng(0)
    images = rng.integers(90, 160, (160, 32, 32, 3), np.uint8)
    rows = []
    for i, image in enumerate(images):
        at = rng.integers(4, 26)
        (image[at : at + 3] if i % 2 else image[:, at : at + 3])[:] = 255
        rows.append((f"p{i // 4 * 2 + i % 2:02d}", "female" if i % 2 else "male", str(i)))
    return split(Stimuli(images, pd.DataFrame(rows, columns=["identity", "gender", "view"])), "gender")


SPEC = Specification("resnet18", ("female", "male"), size=32)
RECIPE = TrainingConfig("adamw", rate=2e-3, exposures=2000, batch=16)


@pytest.mark.slow
def test_learns_on_unseen_people_and_keeps_the_best_epoch() -> None:
    parts = bars()
    fresh = build(SPEC)
    before = {name: value.clone() for name, value in fresh.module.state_dict().items()}
    network, curve = fit(fresh, parts, RECIPE)
    answers = evaluate(network, parts.test)
    assert answers["correct"].mean() > 0.9
    assert ((answers["label"] == answers["answer"]) == answers["correct"]).all()
    assert list(answers["label"]) == list(parts.test.table["gender"])
    assert curve["kept"].sum() == 1
    between = np.diff(curve["epoch"], prepend=-1) * len(parts.train)
    assert (between[:-1] >= training.LEARNED * len(parts.validation)).all()
    assert curve["epoch"].iloc[-1] == round(RECIPE.exposures / len(parts.train)) - 1
    kept = curve[curve["kept"]]["validation"].item()
    assert kept == curve["validation"].max() == evaluate(network, parts.validation)["correct"].mean()
    assert all(torch.equal(before[name], value) for name, value in fresh.module.state_dict().items())


def test_same_weights_whatever_the_threads() -> None:
    parts = bars()
    short = TrainingConfig(exposures=200, batch=16)
    results = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        results.append(fit(build(SPEC), parts, short)[0].module.state_dict())
        assert torch.get_num_threads() == threads
    assert all(torch.equal(results[0][name], value) for name, value in results[1].items())


@pytest.mark.slow
def test_learns_in_half_precision_too_and_keeps_its_weights_whole() -> None:
    parts = bars()
    network, _ = fit(build(SPEC), parts, replace(RECIPE, precision="bfloat16"))
    assert evaluate(network, parts.test)["correct"].mean() > 0.9
    assert all(weight.dtype == torch.float32 for weight in network.module.parameters())
    assert any((weight != weight.bfloat16()).any() for weight in network.module.parameters())


def test_augmentation_moves_mirrors_and_scales_within_its_bounds() -> None:
    image = torch.zeros(1, 3, 9, 9)
    image[0, :, 4, 2] = 1
    images = image.expand(400, -1, -1, -1)
    rng = torch.Generator().manual_seed(0)
    moved = augment(images, TrainingConfig(flip=True, shift=2, contrast=0), rng)
    _, _, rows, columns = (moved == 1).nonzero().T
    assert (moved == 1).flatten(1).sum(1).eq(3).all()
    assert set(rows.tolist()) == set(range(2, 7))
    assert set(columns.tolist()) == {*range(0, 5), *range(4, 9)}
    same = augment(images, TrainingConfig(flip=False, shift=0, contrast=0), rng)
    assert torch.equal(same, images)
    scaled = augment(images, TrainingConfig(flip=False, shift=0, contrast=0.2), rng)
    span = scaled.amax((1, 2, 3)) - scaled.amin((1, 2, 3))
    assert 0.8 <= span.min() < 0.85 and 1.15 < span.max() <= 1.2 + 1e-6


def test_augmentation_turns_and_resizes_about_the_middle() -> None:
    row, column = torch.meshgrid(torch.arange(65) - 32.0, torch.arange(65) - 32.0, indexing="ij")
    dot = torch.exp(-((row + 20) ** 2 + column**2) / 18).expand(300, 3, -1, -1)
    turned = augment(
        dot,
        TrainingConfig(flip=False, shift=0, contrast=0, rotation=40, scale=0.25),
        torch.Generator().manual_seed(1),
    )[:, 0]
    weight = turned / turned.sum((1, 2), keepdim=True)
    y, x = (weight * row).sum((1, 2)), (weight * column).sum((1, 2))
    angle, away = torch.rad2deg(torch.atan2(x, -y)), torch.hypot(x, y) / 20
    assert -40.5 < angle.min() < -35 and 35 < angle.max() < 40.5
    assert 0.79 < away.min() < 0.83 and 1.2 < away.max() < 1.27
    grown = turned.sum((1, 2)) / dot[0, 0].sum()
    torch.testing.assert_close(grown, away**2, rtol=0.05, atol=0.02)


def test_images_that_are_not_warped_are_left_as_they_are() -> None:
    images = torch.randn(400, 3, 9, 9)
    recipe = TrainingConfig(flip=False, shift=0, contrast=0, rotation=40, scale=0.25, warped=0.25)
    moved = augment(images, recipe, torch.Generator().manual_seed(0))
    same = (moved - images).abs().amax((1, 2, 3)) < 1e-5
    # five standard deviations of a share of 400 draws
    assert abs(float(same.float().mean()) - 0.75) < 5 * (0.75 * 0.25 / 400) ** 0.5


def test_contrast_does_not_depend_on_the_scale_of_the_input() -> None:
    images, recipe = torch.randn(8, 3, 9, 9), TrainingConfig(flip=False, shift=0, contrast=0.3)
    one, other = (
        augment(scale * images + offset, recipe, torch.Generator().manual_seed(0))
        for scale, offset in ((1, 0), (120, 30))
    )
    torch.testing.assert_close(other, 120 * one + 30, rtol=1e-4, atol=1e-2)
    change = (one.mean((1, 2, 3)) - images.mean((1, 2, 3))) / images.std((1, 2, 3))
    assert change.abs().max() <= 0.3 and change.std() > 0.05


def test_a_stopped_training_ends_with_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, network = bars(), build(replace(SPEC, architecture="squeezenet1_1"))  # with dropout
    recipe = TrainingConfig(exposures=8 * len(parts.train), batch=16)
    monkeypatch.setattr(training, "LEARNED", 1.5 * len(parts.train) / len(parts.validation))
    whole, curve = fit(network, parts, recipe)
    assert len(curve) == 4, "every other epoch is judged"
    looks, evaluate_ = [], training.evaluate

    def stop_in_the_third(*arguments: Any) -> pd.DataFrame:
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt
        return evaluate_(*arguments)

    state = tmp_path / "a.state"
    monkeypatch.setattr(training, "evaluate", stop_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        fit(network, parts, recipe, state=state)
    torch.rand(3)  # whatever else was computed meanwhile
    again, resumed = fit(network, parts, recipe, state=state)
    assert len(looks) == 3 + 2
    pd.testing.assert_frame_equal(resumed, curve)
    theirs = again.module.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in whole.module.state_dict().items())
    with pytest.raises(InputError, match="is the state of another training"):
        fit(network, parts, replace(recipe, rate=0.1), state=state)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["resnet18", "vgg16_bn", "squeezenet1_1_bn", "densenet121"])
def test_only_the_head_learns(architecture: str) -> None:
    parts = bars()
    fresh = build(replace(SPEC, architecture=architecture, size=32))
    network, curve = fit_head(fresh, parts, replace(RECIPE, exposures=500))
    head = output_layer(fresh.module).partition(".")[0]
    before, after = fresh.module.state_dict(), network.module.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all(name.startswith(head) for name in changed)
    best = curve.loc[curve["kept"], "validation"].item()
    assert best == pytest.approx(evaluate(network, parts.validation)["correct"].mean())
