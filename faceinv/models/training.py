"""Training: recipes, fitting with the settings chosen on the validation split, and evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn
from tqdm import tqdm

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.errors import InputError
from faceinv.models.architectures import Network, duplicate, output_layer

LEARNED = 4
"""Images that are learned from before a network is judged again, at least, in sizes of the validation set.

Of a few images there are many epochs: judging each would take longer than learning."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes
    ----------
    optimiser : ``"sgd"`` (Nesterov momentum .9) or ``"adamw"``
    rate : peak of the learning rate, reached after a tenth of the steps and then annealed by a cosine to 0
    exposures, batch : images shown in all (the passes over the training set follow from it), and a step
    decay : weight decay
    flip : mirror each training image left to right with probability one half
    shift : largest displacement of a training image in pixels, drawn uniformly in both directions
    rotation : largest rotation of a training image in degrees, either way
    scale : largest relative change of its size, up or down
    warped : share of the training images that are turned and resized; interpolation blurs, and a network that
        saw nothing else would not know a sharp image
    contrast : largest relative change of a training image's contrast, and of its brightness in contrasts
        (standard deviations of the image)
    smoothing : of the labels
    precision : ``"float32"``, or ``"bfloat16"`` for the layers that PyTorch's autocast computes in it; the
        weights and their updates are float32 either way
    """

    optimiser: str = "sgd"
    rate: float = 0.02
    exposures: int = 12_000
    batch: int = 16
    decay: float = 5e-4
    flip: bool = True
    shift: int = 2
    rotation: float = 0.0
    scale: float = 0.0
    warped: float = 1.0
    contrast: float = 0.2
    smoothing: float = 0.0
    precision: str = "float32"


def fastest(device: str = "cpu") -> str:
    """The precision that a device trains fastest in: bfloat16 where it multiplies in it, else float32."""
    processor = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    native = torch.device(device).type == "cuda" or processor.get("amx_bf16") or processor.get("avx512_bf16")
    return "bfloat16" if native else "float32"


def fit(
    network: Network,
    split: Split,
    recipe: TrainingConfig,
    progress: bool = False,
    title: str = "",
    state: Path | None = None,
    device: str = "cpu",
) -> tuple[Network, pd.DataFrame]:
    """Train a copy of `network` on ``split.train`` and keep the weights best on ``split.validation``.

    Everything random follows from the specification's seed, and the work is done in one thread, so that the
    same call gives the same weights in any number of processes.

    Parameters
    ----------
    network, split, recipe : what is trained, on what, and how
    progress, title : whether to show a bar, and what to call it
    state : a file that is written with every row of the curve; where it exists, training goes on from it
        and ends with the same weights as one that was never stopped
    device : where to compute, as PyTorch names it

    Returns
    -------
    Network
        In evaluation mode, on the CPU.
    DataFrame
        The learning curve, one row for each epoch after which the network was judged (see `LEARNED`): epoch,
        loss and train since the row before (train is the accuracy on the augmented training images as they
        were learned), validation (accuracy), kept (whether these weights are returned).

    Raises
    ------
    InputError
        If `state` is of another training.
    """
    spec = network.specification
    network = duplicate(network)
    network.module.to(device)
    labels = torch.from_numpy(split.train.labels(spec.task, spec.classes))  # type: ignore[arg-type]

    def batch(index: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return augment(network.prepare(split.train.images[index.numpy()]).to(device), recipe, rng)

    def validate() -> float:
        with _precision(device, recipe):
            return float(evaluate(network, split.validation)["correct"].mean())

    curve = _learn(
        network.module,
        _Course(batch, labels, len(split.validation), validate, recipe, spec.seed, device),
        repr((spec, recipe)),
        state,
        lambda epochs: tqdm(
            epochs, title or "training", epochs.stop, disable=not progress, initial=epochs.start
        ),
    )
    network.module.to("cpu")
    return network, curve


def fit_head(network: Network, split: Split, recipe: TrainingConfig) -> tuple[Network, pd.DataFrame]:
    """Train the head of a copy of `network` (see `head_of`) and nothing else; see `fit`.

    What the head is given is computed once, of the images as they are, without the recipe's augmentation.
    """
    spec = network.specification
    network = duplicate(network)
    head = head_of(network.module)
    features = {part: features_of(network, getattr(split, part)) for part in ("train", "validation")}
    labels = {
        part: torch.from_numpy(getattr(split, part).labels(spec.task, spec.classes)) for part in features
    }

    @torch.no_grad()
    def validate() -> float:
        head.eval()
        logits = head(features["validation"]).flatten(1)
        return float((logits.argmax(1) == labels["validation"]).float().mean())

    course = _Course(
        lambda index, _: features["train"][index],
        labels["train"],
        len(split.validation),
        validate,
        recipe,
        spec.seed,
    )
    curve = _learn(head, course, "", None, iter)
    network.module.eval()
    return network, curve


@dataclass(frozen=True)
class _Course:
    """What is learned: a batch of inputs by index, all labels; how many are held out, and how well known."""

    batch: Callable[[torch.Tensor, torch.Generator], torch.Tensor]
    labels: torch.Tensor
    held_out: int
    validate: Callable[[], float]
    recipe: TrainingConfig
    seed: int
    device: str = "cpu"


def _learn(
    module: nn.Module,
    course: _Course,
    key: str,
    file: Path | None,
    bar: Callable[[range], Iterable[int]],
) -> pd.DataFrame:
    """Train a module in place, leave it with the weights of its best epoch, and return the learning curve."""
    recipe, n = course.recipe, len(course.labels)
    size = min(recipe.batch, n)
    steps = n // size
    epochs = max(1, round(recipe.exposures / n))
    optimiser, schedule = _optimiser(module, recipe, epochs * steps)
    parts = {"module": module, "optimiser": optimiser, "schedule": schedule}
    rows, best = _resume(file, key, parts)
    losses: list[float] = []
    correct: list[int] = []
    with single_thread(), torch.random.fork_rng():
        for epoch in bar(range(rows[-1][0] + 1 if rows else 0, epochs)):
            # every epoch draws from a seed of its own, so that a stopped training can go on
            rng = torch.Generator().manual_seed(1_000_003 * course.seed + epoch)
            torch.manual_seed(1_000_003 * course.seed + epoch)
            module.train()
            for index in torch.randperm(n, generator=rng)[: steps * size].split(size):
                labels = course.labels[index].to(course.device)
                with _precision(course.device, recipe):
                    logits = module(course.batch(index, rng)).flatten(1)
                loss = nn.functional.cross_entropy(logits.float(), labels, label_smoothing=recipe.smoothing)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                losses.append(loss.item())
                correct.append(int((logits.argmax(1) == labels).sum()))
            if epoch < epochs - 1 and size * len(losses) < LEARNED * course.held_out:
                continue
            accuracy = course.validate()
            rows.append((epoch, float(np.mean(losses)), sum(correct) / (size * len(correct)), accuracy))
            losses.clear()
            correct.clear()
            if accuracy >= best["accuracy"]:
                weights = {name: value.detach().cpu().clone() for name, value in module.state_dict().items()}
                best = {"accuracy": accuracy, "epoch": epoch, "weights": weights}
            if file is not None:
                _write_state(file, key, parts, rows, best)
    module.load_state_dict(best["weights"])
    module.eval()
    curve = pd.DataFrame(rows, columns=["epoch", "loss", "train", "validation"])
    return curve.assign(kept=curve["epoch"] == best["epoch"])


def _precision(device: str, recipe: TrainingConfig) -> torch.autocast:
    """Within it, what can be is computed in the recipe's precision."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=recipe.precision == "bfloat16")


def _resume(file: Path | None, key: str, parts: dict[str, Any]) -> tuple[list[tuple], dict[str, Any]]:
    """Rows and best epoch so far, with `parts` put back to where they were; or a beginning."""
    if file is None or not file.exists():
        return [], {"accuracy": -1.0, "epoch": -1, "weights": {}}
    kept = torch.load(file, map_location="cpu", weights_only=True)
    if kept["key"] != key:
        raise InputError(f"{file} is the state of another training; remove it or name another folder")
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    return kept["rows"], kept["best"]


def _write_state(
    file: Path, key: str, parts: dict[str, Any], rows: list[tuple], best: dict[str, Any]
) -> None:
    partial = file.with_suffix(".partial")
    states = {name: part.state_dict() for name, part in parts.items()}
    torch.save({"key": key, "rows": rows, "best": best, **states}, partial)
    partial.replace(file)


def head_of(module: nn.Module) -> nn.Module:
    """The part of the network that holds the output layer, all of what comes after the convolutional base."""
    return module.get_submodule(output_layer(module).partition(".")[0])


@torch.no_grad()
def features_of(network: Network, stimuli: Stimuli) -> torch.Tensor:
    """What the head is given for each image (float32, N x features; in SqueezeNet N x channels x h x w)."""
    seen: list[torch.Tensor] = []
    handle = head_of(network.module).register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].cpu()))
    try:
        with single_thread():
            _answers(network, stimuli)
    finally:
        handle.remove()
    return torch.cat(seen)


def evaluate(network: Network, stimuli: Stimuli) -> pd.DataFrame:
    """The network's answer to each image: the set's table with label, answer (class names) and correct."""
    spec = network.specification
    answer = _answers(network, stimuli)
    label = stimuli.labels(spec.task, spec.classes)  # type: ignore[arg-type]
    classes = np.asarray(spec.classes)
    return stimuli.table.assign(label=classes[label], answer=classes[answer], correct=answer == label)


def _answers(network: Network, stimuli: Stimuli, batch: int = 256) -> np.ndarray:
    """The class that the network gives to each image, prepared `batch` at a time to save memory."""
    starts = range(0, len(stimuli), batch)
    logits = [network.logits(network.prepare(stimuli.images[i : i + batch])) for i in starts]
    return torch.cat(logits).argmax(1).numpy()


def augment(images: torch.Tensor, recipe: TrainingConfig, rng: torch.Generator) -> torch.Tensor:
    """A random variant of each image (N x C x H x W), as the recipe says; borders repeat the edge."""
    n, _, height, width = images.shape
    if recipe.flip:
        mirrored = torch.rand(n, generator=rng).to(images.device) < 0.5
        images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    if recipe.rotation or recipe.scale:
        images = _turn(images, recipe, rng)
    if recipe.shift:
        room = recipe.shift
        padded = nn.functional.pad(images, (room,) * 4, mode="replicate")
        corners = torch.randint(0, 2 * room + 1, (2, n), generator=rng).T.tolist()
        # one slice an image: ten times as fast as gathering all pixels by index
        images = torch.stack(
            [each[:, y : y + height, x : x + width] for each, (y, x) in zip(padded, corners, strict=True)]
        )
    if recipe.contrast:
        gain, offset = recipe.contrast * (2 * torch.rand(2, n, 1, 1, 1, generator=rng) - 1).to(images.device)
        mean = images.mean((1, 2, 3), keepdim=True)
        centred = images - mean
        norm = torch.linalg.vector_norm(centred, dim=(1, 2, 3), keepdim=True)  # much faster than `std`
        spread = norm / math.sqrt(centred[0].numel() - 1)
        images = centred * (1 + gain) + (mean + offset * spread)
    return images.contiguous(memory_format=torch.channels_last)


def _turn(images: torch.Tensor, recipe: TrainingConfig, rng: torch.Generator) -> torch.Tensor:
    """A share of the images turned about their middles and made larger or smaller, at random."""
    n = len(images)
    change = 2 * torch.rand(2, n, generator=rng) - 1
    if recipe.warped < 1:
        change *= torch.rand(n, generator=rng) < recipe.warped
    turn, size = change.to(images.device)
    angle = torch.deg2rad(recipe.rotation * turn)
    inverse = torch.exp(-math.log1p(recipe.scale) * size)
    cos, sin = torch.cos(angle) * inverse, torch.sin(angle) * inverse
    matrix = torch.stack([torch.stack([cos, -sin, 0 * cos], 1), torch.stack([sin, cos, 0 * cos], 1)], 1)
    grid = nn.functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


@contextmanager
def single_thread() -> Iterator[None]:
    """Compute in one thread: sums then have one order, and work in parallel is by training run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _optimiser(
    module: nn.Module, recipe: TrainingConfig, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimiser: torch.optim.Optimizer
    if recipe.optimiser == "sgd":
        optimiser = torch.optim.SGD(
            learned, recipe.rate, momentum=0.9, weight_decay=recipe.decay, nesterov=True, fused=True
        )
    else:
        optimiser = torch.optim.AdamW(learned, recipe.rate, weight_decay=recipe.decay)

    def share(step: int) -> float:
        return min(1.0, (step + 1) / (0.1 * steps)) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, share)
