"""Training: configurations, fitting with the best weights chosen on the validation split, and evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import nn
from tqdm import tqdm

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import Split
from faceinv.errors import InputError
from faceinv.models.architectures import Network, duplicate, output_layer
from faceinv.models.hooks import recorded
from faceinv.runtime.atomic import atomic_path

LEARNED = 4
"""Smallest number of training images between two validations, in multiples of the size of the validation set.

Small training sets have many epochs, and validating after each would take longer than training."""


class Augmentation(Protocol):
    """A random change of training images (N x C x H x W): a small frozen dataclass, given by value."""

    def __call__(self, images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """The changed images, of the same shape and on the same device."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes
    ----------
    optimiser : ``"sgd"`` (Nesterov momentum .9) or ``"adamw"``
    rate : peak learning rate, reached by linear warm-up in a tenth of the steps, then annealed to 0 by a
        cosine
    exposures, batch : training images in total (which determines the number of epochs), and per step
    decay : weight decay
    flip : mirror each training image horizontally with probability 0.5
    shift : largest shift of a training image in pixels, drawn uniformly in both directions
    rotation : largest rotation of a training image in degrees, either way
    scale : largest relative change of its size, either way
    warped : share of the training images that are rotated and resized; interpolation blurs, and a network
        trained on blurred images alone would fail on sharp ones
    contrast : largest relative change of the contrast of a training image, and of its brightness in standard
        deviations of the image
    smoothing : label smoothing
    precision : ``"float32"``, or ``"bfloat16"`` for automatic mixed precision by PyTorch's autocast; weights
        and updates are float32 either way
    masks : what hides parts of the training images after all other augmentation, such as
        `faceinv.perturbations.random_masks.RandomMasks`; None shows them whole
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
    masks: Augmentation | None = None


def fastest(device: str = "cpu") -> str:
    """The fastest precision for training on a device: bfloat16 where it has native support, else float32."""
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
    after_step: Callable[[nn.Module, float], None] | None = None,
) -> tuple[Network, pd.DataFrame]:
    """Train a copy of `network` on ``split.train`` and choose the best epoch on ``split.validation``.

    All random numbers depend on the seed of the specification, and one thread is used, so that the same call
    gives the same weights in any number of processes.

    Parameters
    ----------
    network, split, recipe : the network to train, the stimuli, and the configuration
    progress, title : whether to show a progress bar, and its title
    state : checkpoint file, written with every row of the curve; if it exists, training resumes from it, and
        ends with the same weights as without interruption
    device : PyTorch device to compute on
    after_step : called after every step with the module as it is then, and the share of the steps that are
        done (1.0 after the last); for checkpoints along training

    Returns
    -------
    Network
        In evaluation mode, on the CPU.
    DataFrame
        The learning curve, one row for each epoch that was validated (see `LEARNED`): epoch, mean loss and
        train since the previous row (train is the accuracy on the augmented training images during training),
        validation (accuracy), kept (whether the weights of this epoch are returned).

    Raises
    ------
    InputError
        If `state` belongs to another training run.
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

    curve = _fit_module(
        network.module,
        _Training(batch, labels, len(split.validation), validate, recipe, spec.seed, device),
        repr((spec, recipe)),
        state,
        lambda epochs: tqdm(
            epochs, title or "training", epochs.stop, disable=not progress, initial=epochs.start
        ),
        after_step,
    )
    network.module.to("cpu")
    return network, curve


def fit_head(network: Network, split: Split, recipe: TrainingConfig) -> tuple[Network, pd.DataFrame]:
    """Train only the head (see `head_of`) of a copy of `network`; see `fit`.

    The input of the head is computed once, from the original images without augmentation.
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

    training = _Training(
        lambda index, _: features["train"][index],
        labels["train"],
        len(split.validation),
        validate,
        recipe,
        spec.seed,
    )
    curve = _fit_module(head, training, "", None, iter)
    network.module.eval()
    return network, curve


@dataclass(frozen=True)
class _Training:
    """One training: batches of inputs by index, labels, size and accuracy of the validation set, settings."""

    batch: Callable[[torch.Tensor, torch.Generator], torch.Tensor]
    labels: torch.Tensor
    held_out: int
    validate: Callable[[], float]
    recipe: TrainingConfig
    seed: int
    device: str = "cpu"


def _fit_module(
    module: nn.Module,
    training: _Training,
    key: str,
    file: Path | None,
    bar: Callable[[range], Iterable[int]],
    after_step: Callable[[nn.Module, float], None] | None = None,
) -> pd.DataFrame:
    """Train a module in place, load the weights of its best epoch, and return the learning curve."""
    recipe, n = training.recipe, len(training.labels)
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
            # each epoch has its own seed, so that an interrupted training can be resumed
            rng = torch.Generator().manual_seed(1_000_003 * training.seed + epoch)
            torch.manual_seed(1_000_003 * training.seed + epoch)
            module.train()
            batches = torch.randperm(n, generator=rng)[: steps * size].split(size)
            for step, index in enumerate(batches, 1 + epoch * steps):
                labels = training.labels[index].to(training.device)
                with _precision(training.device, recipe):
                    logits = module(training.batch(index, rng)).flatten(1)
                loss = nn.functional.cross_entropy(logits.float(), labels, label_smoothing=recipe.smoothing)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                losses.append(loss.item())
                correct.append(int((logits.argmax(1) == labels).sum()))
                if after_step is not None:
                    after_step(module, step / (epochs * steps))
            if epoch < epochs - 1 and size * len(losses) < LEARNED * training.held_out:
                continue
            accuracy = training.validate()
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
    """While active, autocast to the precision of the recipe."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=recipe.precision == "bfloat16")


def _resume(file: Path | None, key: str, parts: dict[str, Any]) -> tuple[list[tuple], dict[str, Any]]:
    """Rows and best epoch so far, with `parts` restored from the checkpoint if there is one."""
    if file is None or not file.exists():
        return [], {"accuracy": -1.0, "epoch": -1, "weights": {}}
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        same = saved["key"] == key
    except Exception as error:  # a damaged file can make PyTorch raise anything
        raise InputError(
            f"{file} is damaged ({type(error).__name__}); remove it, and training begins again"
        ) from error
    if not same:
        raise InputError(f"{file} is the state of another training; remove it or name another folder")
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    return saved["rows"], saved["best"]


def _write_state(
    file: Path, key: str, parts: dict[str, Any], rows: list[tuple], best: dict[str, Any]
) -> None:
    states = {name: part.state_dict() for name, part in parts.items()}
    with atomic_path(file) as partial:
        torch.save({"key": key, "rows": rows, "best": best, **states}, partial)


def head_of(module: nn.Module) -> nn.Module:
    """The part of the network with the output layer: everything after the convolutional base."""
    return module.get_submodule(head_path(module))


def head_path(module: nn.Module) -> str:
    """Name of the head in its network; see `head_of`."""
    return output_layer(module).partition(".")[0]


@torch.no_grad()
def features_of(network: Network, stimuli: Stimuli) -> torch.Tensor:
    """Input of the head for each image (float32, N x features; in SqueezeNet N x channels x h x w)."""
    features: list[torch.Tensor] = []

    def record(_: str, input: torch.Tensor, __: torch.Tensor) -> None:
        features.append(input.cpu())

    with recorded(network.module, [head_path(network.module)], record), single_thread():
        _predicted(network, stimuli)
    return torch.cat(features)


def evaluate(network: Network, stimuli: Stimuli) -> pd.DataFrame:
    """Classify each image: the table of the stimuli with label, answer (class names) and correct added."""
    spec = network.specification
    answer = _predicted(network, stimuli)
    label = stimuli.labels(spec.task, spec.classes)  # type: ignore[arg-type]
    classes = np.asarray(spec.classes)
    return stimuli.table.assign(label=classes[label], answer=classes[answer], correct=answer == label)


def _predicted(network: Network, stimuli: Stimuli, batch: int = 256) -> np.ndarray:
    """Index of the predicted class of each image, computed in batches to save memory."""
    starts = range(0, len(stimuli), batch)
    logits = [network.logits(network.prepare(stimuli.images[i : i + batch])) for i in starts]
    return torch.cat(logits).argmax(1).numpy()


def augment(images: torch.Tensor, recipe: TrainingConfig, rng: torch.Generator) -> torch.Tensor:
    """Augment each image (N x C x H x W) at random, according to the recipe; borders replicate the edge."""
    n, _, height, width = images.shape
    if recipe.flip:
        mirrored = torch.rand(n, generator=rng).to(images.device) < 0.5
        images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    if recipe.rotation or recipe.scale:
        images = _warp(images, recipe, rng)
    if recipe.shift:
        margin = recipe.shift
        padded = nn.functional.pad(images, (margin,) * 4, mode="replicate")
        corners = torch.randint(0, 2 * margin + 1, (2, n), generator=rng).T.tolist()
        # one slice per image: ten times as fast as gathering all pixels by index
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
    if recipe.masks is not None:
        images = recipe.masks(images, rng)
    return images.contiguous(memory_format=torch.channels_last)


def _warp(images: torch.Tensor, recipe: TrainingConfig, rng: torch.Generator) -> torch.Tensor:
    """Rotate and resize a share of the images about their centres, at random."""
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
    """While active, compute in one thread: sums have a fixed order, and training runs are parallel."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _optimiser(
    module: nn.Module, recipe: TrainingConfig, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimiser: torch.optim.Optimizer
    if recipe.optimiser == "sgd":
        optimiser = torch.optim.SGD(
            trainable, recipe.rate, momentum=0.9, weight_decay=recipe.decay, nesterov=True, fused=True
        )
    else:
        optimiser = torch.optim.AdamW(trainable, recipe.rate, weight_decay=recipe.decay)

    def share(step: int) -> float:
        return min(1.0, (step + 1) / (0.1 * steps)) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, share)
