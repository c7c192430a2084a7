"""Training: fitting with the best weights chosen on the validation split, and evaluation."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
from faceinv.models.architectures import Network, duplicate
from faceinv.models.augmentation import augment
from faceinv.models.heads import head_of, head_path
from faceinv.models.hooks import recorded
from faceinv.models.training_config import TrainingConfig
from faceinv.runtime.atomic import atomic_path
from faceinv.runtime.devices import device_of

LEARNED = 4
"""Smallest number of training images between two validations, in multiples of the size of the validation set.

Small training sets have many epochs, and validating after each would take longer than training."""


FUSED = ("cpu", "cuda", "mps")
"""Devices for which PyTorch has an update of all weights in one call."""


class UncompiledSGD(torch.optim.SGD):
    """PyTorch's stochastic gradient descent, without the decorators that import PyTorch's compiler.

    The import takes as long as that of PyTorch itself, and each worker process would pay for it.
    """

    add_param_group = inspect.unwrap(torch.optim.SGD.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.SGD.zero_grad)
    step = torch.no_grad()(inspect.unwrap(torch.optim.SGD.step))


def fit(
    network: Network,
    split: Split,
    recipe: TrainingConfig,
    progress: bool = False,
    title: str = "",
    state: Path | None = None,
    device: str | None = None,
    after_step: Callable[[nn.Module, float], None] | None = None,
) -> tuple[Network, pd.DataFrame]:
    """Train a copy of `network` on ``split.train`` and choose the best epoch on ``split.validation``.

    All random numbers are drawn on the CPU, depend on the seed of the specification, and one thread is used,
    so that the same call gives the same weights in any number of processes; on a GPU, up to rounding. There,
    images are kept as bytes, and become numbers batch by batch.

    Parameters
    ----------
    network, split, recipe : the network to train, the stimuli, and the configuration
    progress, title : whether to show a progress bar, and its title
    state : checkpoint file, written with every row of the curve; if it exists, training resumes from it, and
        ends with the same weights as without interruption
    device : PyTorch device to compute on; by default that of `network`
    after_step : called after every step with the module as it is then, and the share of the steps that are
        done (1.0 after the last); for checkpoints along training

    Returns
    -------
    Network
        In evaluation mode, on the device of `network`.
    DataFrame
        The learning curve, one row for each epoch that was validated (see `LEARNED`): epoch, mean loss and
        train since the previous row (train is the accuracy on the augmented training images during training),
        validation (accuracy), kept (whether the weights of this epoch are returned).

    Raises
    ------
    InputError
        If `state` belongs to another training run, or a batch does not fit into the memory of the device.
    """
    spec = network.specification
    network = duplicate(network)
    home = device_of(network.module)
    device = str(device or home)
    network.module.to(device)
    pixels = _Pixels(network, split.train.images, device)
    labels = torch.from_numpy(split.train.labels(spec.task, spec.classes))  # type: ignore[arg-type]

    def batch(index: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return augment(pixels[index], recipe, rng)

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
    network.module.to(home)
    return network, curve


class _Pixels:
    """Images as a network takes them, by index: on a GPU from bytes that are kept there, if they fit."""

    def __init__(self, network: Network, images: np.ndarray, device: str) -> None:
        self.network, self.images, self.device = network, images, device
        self.kept: torch.Tensor | None = None
        if device != "cpu":
            try:
                self.kept = torch.from_numpy(images).to(device)
            except torch.OutOfMemoryError:
                self.kept = None

    def __getitem__(self, index: torch.Tensor) -> torch.Tensor:
        if self.kept is None:
            return self.network.prepare(self.images[index.numpy()]).to(self.device)
        return self.network.prepare(self.kept[index.to(self.device)].permute(0, 3, 1, 2))


def fit_head(network: Network, split: Split, recipe: TrainingConfig) -> tuple[Network, pd.DataFrame]:
    """Train only the head (see `faceinv.models.heads.head_of`) of a copy of `network`; see `fit`.

    The input of the head is computed once, from the original images without augmentation.
    """
    spec = network.specification
    network = duplicate(network)
    head, device = head_of(network.module), str(device_of(network.module))
    features = {part: features_of(network, getattr(split, part)) for part in ("train", "validation")}
    labels = {
        part: torch.from_numpy(getattr(split, part).labels(spec.task, spec.classes)) for part in features
    }

    @torch.no_grad()
    def validate() -> float:
        head.eval()
        logits = head(features["validation"].to(device)).flatten(1)
        return float((logits.argmax(1).cpu() == labels["validation"]).float().mean())

    training = _Training(
        lambda index, _: features["train"][index].to(device),
        labels["train"],
        len(split.validation),
        validate,
        recipe,
        spec.seed,
        device,
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
    losses: list[torch.Tensor] = []  # numbers are read at the end of an epoch: reading waits for a GPU
    correct: list[torch.Tensor] = []
    with single_thread(), torch.random.fork_rng():
        for epoch in bar(range(rows[-1][0] + 1 if rows else 0, epochs)):
            # each epoch has its own seed, so that an interrupted training can be resumed
            rng = torch.Generator().manual_seed(1_000_003 * training.seed + epoch)
            torch.manual_seed(1_000_003 * training.seed + epoch)
            module.train()
            batches = torch.randperm(n, generator=rng)[: steps * size].split(size)
            for step, index in enumerate(batches, 1 + epoch * steps):
                labels = training.labels[index].to(training.device)
                with _fits(training.device, size):
                    with _precision(training.device, recipe):
                        logits = module(training.batch(index, rng)).flatten(1)
                    loss = nn.functional.cross_entropy(
                        logits.float(), labels, label_smoothing=recipe.smoothing
                    )
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                schedule.step()
                losses.append(loss.detach())
                correct.append((logits.argmax(1) == labels).sum())
                if after_step is not None:
                    after_step(module, step / (epochs * steps))
            if epoch < epochs - 1 and size * len(losses) < LEARNED * training.held_out:
                continue
            accuracy = training.validate()
            mean = float(np.mean([each.item() for each in losses]))
            rows.append((epoch, mean, sum(map(int, correct)) / (size * len(correct)), accuracy))
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


def _precision(device: str, recipe: TrainingConfig) -> AbstractContextManager[object]:
    """While active, autocast to the precision of the recipe."""
    if recipe.precision != "bfloat16":
        return nullcontext()
    return torch.autocast(torch.device(device).type, torch.bfloat16)


@contextmanager
def _fits(device: str, size: int) -> Iterator[None]:
    """Say in a sentence that a batch does not fit; halves of it would train another network."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise InputError(
            f"a training batch of {size} images does not fit into the memory of {device}; expected a smaller "
            "network or image, or another device"
        ) from error


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
    device = device_of(network.module)

    def inputs(start: int) -> torch.Tensor:
        pixels = torch.from_numpy(np.ascontiguousarray(stimuli.images[start : start + batch]))
        return network.prepare(pixels.to(device).permute(0, 3, 1, 2))

    logits = [network.logits(inputs(start)) for start in starts]
    return torch.cat(logits).argmax(1).numpy()


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
        optimiser = UncompiledSGD(
            trainable,
            recipe.rate,
            momentum=0.9,
            weight_decay=recipe.decay,
            nesterov=True,
            fused=trainable[0].device.type in FUSED,
        )
    else:
        optimiser = torch.optim.AdamW(trainable, recipe.rate, weight_decay=recipe.decay)

    def share(step: int) -> float:
        return min(1.0, (step + 1) / (0.1 * steps)) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, share)
