import numpy as np
import pandas as pd
import torch

from faceinv.data import Split, Stimuli, split
from faceinv.models.architectures import Specification, build
from faceinv.models.training import Recipe, augment, evaluate, fit


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
RECIPE = Recipe("adamw", rate=2e-3, exposures=2000, batch=16)


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
    kept = curve[curve["kept"]]["validation"].item()
    assert kept == curve["validation"].max() == evaluate(network, parts.validation)["correct"].mean()
    assert all(torch.equal(before[name], value) for name, value in fresh.module.state_dict().items())


def test_same_weights_whatever_the_threads() -> None:
    parts = bars()
    short = Recipe(exposures=200, batch=16)
    results = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        results.append(fit(build(SPEC), parts, short)[0].module.state_dict())
        assert torch.get_num_threads() == threads
    assert all(torch.equal(results[0][name], value) for name, value in results[1].items())


def test_augmentation_moves_mirrors_and_scales_within_its_bounds() -> None:
    image = torch.zeros(1, 3, 9, 9)
    image[0, :, 4, 2] = 1
    images = image.expand(400, -1, -1, -1)
    rng = torch.Generator().manual_seed(0)
    moved = augment(images, Recipe(flip=True, shift=2, contrast=0), rng)
    _, _, rows, columns = (moved == 1).nonzero().T
    assert (moved == 1).flatten(1).sum(1).eq(3).all()
    assert set(rows.tolist()) == set(range(2, 7))
    assert set(columns.tolist()) == {*range(0, 5), *range(4, 9)}
    same = augment(images, Recipe(flip=False, shift=0, contrast=0), rng)
    assert torch.equal(same, images)
    scaled = augment(images, Recipe(flip=False, shift=0, contrast=0.2), rng)
    span = scaled.amax((1, 2, 3)) - scaled.amin((1, 2, 3))
    assert 0.8 <= span.min() < 0.85 and 1.15 < span.max() <= 1.2 + 1e-6
