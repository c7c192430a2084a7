"""Training: recipes, fitting with the settings chosen on the validation split, and evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import pandas as pd
import torch
from torch import nn
from tqdm import tqdm

from faceinv.data import Split, Stimuli
from faceinv.models.architectures import Network, duplicate


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    optimiser : ``"sgd"`` (Nesterov momentum .9) or ``"adamw"``
    rate : peak of the learning rate, reached after a tenth of the steps and then annealed by a cosine to 0
    exposures, batch : images shown in all (the passes over the training set follow from it), and a step
    decay : weight decay
    flip : mirror each training image left to right with probability one half
    shift : largest displacement of a training image in pixels, drawn uniformly in both directions
    contrast : largest relative change of a training image's contrast, and of its brightness in contrasts
    smoothing : of the labels
    """

    optimiser: str = "sgd"
    rate: float = 0.02
    exposures: int = 12_000
    batch: int = 16
    decay: float = 5e-4
    flip: bool = True
    shift: int = 2
    contrast: float = 0.2
    smoothing: float = 0.0


def fit(
    network: Network, split: Split, recipe: Recipe, progress: bool = False, title: str = ""
) -> tuple[Network, pd.DataFrame]:
    """Train a copy of `network` on ``split.train`` and keep the epoch that is best on ``split.validation``.

    Everything random follows from the specification's seed, and the work is done in one thread, so that the
    same call gives the same weights in any number of processes.

    Returns
    -------
    Network
        In evaluation mode.
    DataFrame
        The learning curve, one row an epoch: epoch, loss, train (accuracy on the augmented training images
        as they were learned), validation (accuracy), kept (whether this epoch's weights are returned).
    """
    spec = network.specification
    network = duplicate(network)
    rng = torch.Generator().manual_seed(spec.seed)
    images = network.prepare(split.train.images)
    labels = torch.from_numpy(split.train.labels(spec.task, spec.classes))  # type: ignore[arg-type]
    steps = max(1, len(images) // recipe.batch)
    epochs = max(1, round(recipe.exposures / len(images)))
    optimiser, schedule = _optimiser(network.module, recipe, epochs * steps)
    rows, best = [], (-1.0, -1, network.module.state_dict())
    with single_thread():
        for epoch in tqdm(range(epochs), desc=title or "training", disable=not progress):
            network.module.train()
            losses, correct = [], 0
            order = torch.randperm(len(images), generator=rng)[: steps * recipe.batch]
            for index in order.split(recipe.batch):
                logits = network.module(augment(images[index], recipe, rng))
                loss = nn.functional.cross_entropy(logits, labels[index], label_smoothing=recipe.smoothing)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                losses.append(loss.item())
                correct += int((logits.argmax(1) == labels[index]).sum())
            accuracy = evaluate(network, split.validation)["correct"].mean()
            rows.append((epoch, np.mean(losses), correct / (steps * recipe.batch), accuracy))
            if accuracy >= best[0]:
                state = {name: value.clone() for name, value in network.module.state_dict().items()}
                best = (accuracy, epoch, state)
    network.module.load_state_dict(best[2])
    network.module.eval()
    curve = pd.DataFrame(rows, columns=["epoch", "loss", "train", "validation"])
    return network, curve.assign(kept=curve["epoch"] == best[1])


def evaluate(network: Network, stimuli: Stimuli) -> pd.DataFrame:
    """The network's answer to each image: the set's table with label, answer (class names) and correct."""
    spec = network.specification
    answer = network.logits(network.prepare(stimuli.images)).argmax(1).numpy()
    label = stimuli.labels(spec.task, spec.classes)  # type: ignore[arg-type]
    classes = np.asarray(spec.classes)
    return stimuli.table.assign(label=classes[label], answer=classes[answer], correct=answer == label)


def augment(images: torch.Tensor, recipe: Recipe, rng: torch.Generator) -> torch.Tensor:
    """A random variant of each image (N x C x H x W), as the recipe says; borders repeat the edge."""
    n, _, height, width = images.shape
    if recipe.flip:
        mirrored = torch.rand(n, generator=rng) < 0.5
        images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    if recipe.shift:
        room = recipe.shift
        padded = nn.functional.pad(images, (room,) * 4, mode="replicate")
        down, right = torch.randint(0, 2 * room + 1, (2, n), generator=rng)
        rows = (down[:, None] + torch.arange(height)).view(n, 1, height, 1)
        columns = (right[:, None] + torch.arange(width)).view(n, 1, 1, width)
        images = padded[torch.arange(n).view(n, 1, 1, 1), torch.arange(3).view(1, 3, 1, 1), rows, columns]
    if recipe.contrast:
        gain, offset = recipe.contrast * (2 * torch.rand(2, n, 1, 1, 1, generator=rng) - 1)
        images = images * (1 + gain) + offset
    return images.contiguous(memory_format=torch.channels_last)


@contextmanager
def single_thread() -> Iterator[None]:
    """Compute in one thread: sums then have one order, and parallelism is left to the grid of cells."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _optimiser(
    module: nn.Module, recipe: Recipe, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimiser: torch.optim.Optimizer
    if recipe.optimiser == "sgd":
        optimiser = torch.optim.SGD(
            learned, recipe.rate, momentum=0.9, weight_decay=recipe.decay, nesterov=True
        )
    else:
        optimiser = torch.optim.AdamW(learned, recipe.rate, weight_decay=recipe.decay)

    def share(step: int) -> float:
        return min(1.0, (step + 1) / (0.1 * steps)) * 0.5 * (1 + cos(pi * min(1.0, step / steps)))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, share)
