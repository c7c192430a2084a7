"""Relevance maps: how much each pixel contributes to the logit of a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm
from zennit.core import Composite

from faceinv.errors import InputError
from faceinv.lrp import contrasts, starts
from faceinv.lrp.composites import CompositeSpec, last_layer
from faceinv.lrp.composites import composite as make_composite
from faceinv.lrp.conservation import check_amounts, conserving
from faceinv.lrp.contrasts import Contrast
from faceinv.lrp.ledger import LEDGER
from faceinv.lrp.module_graph import module_graph
from faceinv.lrp.rules import z_plus_without_bias
from faceinv.lrp.starts import Start
from faceinv.models.architectures import Network
from faceinv.models.classifiers import Model, as_classifier
from faceinv.models.pixels import Images, ValueRange
from faceinv.runtime.devices import in_batches

Targets = int | str | Sequence[int] | Sequence[str] | np.ndarray | Tensor
"""One class for each image, or one for all, as numbers or as names."""


def relevance(
    model: Model,
    images: Images,
    targets: Targets | None = None,
    composite: str | CompositeSpec | Composite = "epsilon-plus-flat",
    against: str = "none",
    start: str = "absolute",
    batch: int = 64,
    progress: bool = False,
    value_range: ValueRange | None = None,
) -> np.ndarray:
    """Relevance maps of images, each for one class.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
        A network of this package, or any classifier of standard layers: images to logits, N x classes. It is
        not changed. A module is traced and rewritten first (`faceinv.lrp.module_graph`);
        `faceinv.lrp.operations` lists the layers and functions that have rules.
    images : Tensor or ndarray
        Floats as the model takes them, N x channels x H x W; or pixels, uint8 or floats with a range, which a
        Network or a Classifier normalises (`faceinv.models.classifiers.Classifier.inputs`).
    targets : int, str, or array of either, N, optional
        The class whose logit is explained, for each image or for all; by default the predicted class. Names
        can be given if the model has names of classes.
    composite : str, CompositeSpec or zennit.core.Composite
        Rules: one of `faceinv.lrp.composites.COMPOSITES`, one with other parameters
        (`faceinv.lrp.composites.composite`), or one of Zennit's composites, which is registered on the
        rewritten module as it is. Where a rule needs the bounds of pixels, they are black and white for a
        Network or a Classifier with `mean` and `std`; for other modules, they are the parameters `low` and
        `high`, or else the minimum and maximum over all `images`.
    against : str
        What the class is explained against, one of `faceinv.lrp.contrasts.CONTRASTS`: ``"none"``;
        ``"softmax"``, the other classes, weighted by their probability; or ``"runner-up"``, the strongest of
        them. Against others, the map is the class's share of relevance at each pixel minus theirs
        (`faceinv.lrp.contrasts.share_difference`), times what propagation starts from. Then the output layer
        passes on positive contributions only, as in contrastive LRP: with the signed ones, the maps of two
        classes whose weights are opposite would be the same.
    start : str
        The relevance with which propagation begins, one of `faceinv.lrp.starts.STARTS`: ``"absolute"``, what
        the image contributes to the logit, without sign; ``"logit"``, the logit; or ``"one"``.
    batch : int
        Batch size; it changes results only by rounding.
    progress : bool
        Show a progress bar.
    value_range : values of black and white in float images, such as ``(0, 1)``

    Returns
    -------
    ndarray of float32, N x H x W
        Relevance summed over channels. Where the rules conserve relevance, it sums to what propagation starts
        from: by default to the absolute value of the logit without the bias of the output layer. So positive
        relevance contributes to the logit as it is: it speaks for the class where the logit is positive, as
        that of a predicted class is, and against it where the logit is negative. From ``"logit"``, positive
        relevance speaks for the class in either case, and the map of a negative logit is negative in total.
        Then the pixels of highest relevance are those that contribute least, and a mask of them is upside
        down. Untrained networks have negative logits in half of the cases, which is why ``"logit"`` is not
        the default. Against other classes, positive and negative relevance cancel.

    Warns
    -----
    ConservationWarning
        If a layer does not conserve relevance although its rule should; the warning names the layer. Or if
        some maps are out of proportion to the logits (`faceinv.lrp.conservation.check_amounts`).

    Raises
    ------
    InputError
        If the composite is unknown, a layer has no rule, a target is not a class, images or targets have the
        wrong shape, or most maps are out of proportion to the logits.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    >>> model[1].weight.data = torch.tensor([[1.0, 0, 0, -1], [0, 0, 0, 0]])
    >>> images = torch.tensor([[[[3.0, 2.0], [1.0, 1.0]]]])
    >>> faceinv.relevance(model, images, targets=0, composite="epsilon").round(3).tolist()
    [[[3.0, 0.0], [0.0, -1.0]]]
    """
    classifier = as_classifier(model)
    inputs = classifier.inputs(images, value_range)
    subject = explainable(model, inputs, composite, start, against)
    chosen = target_numbers(targets, len(inputs), subject.classes, classifier.classes)
    if against != "none" and subject.classes == 1:
        raise InputError(
            f"the model has one logit; expected two or more classes to explain one against {against}"
        )
    maps = np.empty((len(inputs), *inputs.shape[-2:]), dtype=np.float32)
    amounts = np.empty((3, len(inputs)))
    module, device = subject.module, _device(subject.module)
    with ExitStack() as stack:
        stack.enter_context(frozen(module))
        stack.enter_context(subject.composite.context(module))
        stack.enter_context(torch.enable_grad())
        bar = stack.enter_context(
            tqdm(total=len(inputs), desc="relevance", unit="image", disable=not progress, leave=False)
        )

        def explain(part: slice) -> None:
            given = inputs[part].detach().to(device)
            classes = None if chosen is None else torch.from_numpy(chosen[part]).to(given.device)
            with nullcontext() if part.start else conserving(module):
                logits, found = explained(subject, given, classes)
            maps[part] = found.cpu().numpy()
            amounts[:, part] = subject.amounts(logits, classes).cpu().numpy()
            bar.update(len(given))

        if len(inputs):
            in_batches(explain, len(inputs), batch)
    check_amounts(maps, *amounts)
    return maps


@dataclass(frozen=True)
class Explainable:
    """A module and the Zennit composite to register on it.

    Attributes
    ----------
    module, composite : the module and the composite
    classes : number of logits
    output_layer : the layer that computes the logits, if it is known
    start : the relevance with which propagation begins
    contrast : what the class is explained against
    """

    module: nn.Module
    composite: Composite
    classes: int
    output_layer: nn.Module | None
    start: Start
    contrast: Contrast

    def contributed(self, logits: Tensor) -> Tensor:
        """What the image contributes to the logits, N x classes; the logits if the start is of them."""
        return starts.contributed(logits, self.output_layer if self.start.unbiased else None)

    def amounts(self, logits: Tensor, targets: Tensor | None) -> Tensor:
        """Start, contribution to the explained logit, and largest contribution to any, 3 x N."""
        contributed = self.contributed(logits)
        chosen = (logits.argmax(1) if targets is None else targets)[:, None]
        of_target = (each.gather(1, chosen)[:, 0] for each in (self.start.values(contributed), contributed))
        return torch.stack([*of_target, contributed.abs().amax(1)]).double()


def explainable(
    model: Model,
    images: Tensor,
    composite: str | CompositeSpec | Composite,
    start: str = "absolute",
    against: str = "none",
) -> Explainable:
    """The module and the Zennit composite that explain a model.

    Parameters
    ----------
    model, composite, start, against : see `relevance`; rules of a Zennit composite are used as they are, so
        that the output layer distributes relevance with its bias
    images : Tensor, N x C x H x W
        Images with which a module is traced; their range bounds its input if black and white are not known.
    """
    chosen, others = starts.start(start), contrasts.contrast(against)
    if isinstance(composite, Composite):
        chosen, rules_of = replace(chosen, unbiased=False), composite
    else:
        rules_of = replace(make_composite(composite), unbiased=chosen.unbiased)
        if others.weights is not None:
            rules_of = replace(rules_of, output=z_plus_without_bias)
    if isinstance(model, Network) and isinstance(rules_of, CompositeSpec):
        classes = len(model.specification.classes)
        made = make_composite(rules_of, model)
        return Explainable(model.module, made, classes, last_layer(model), chosen, others)
    classifier = as_classifier(model)
    module, bounds = classifier.module, classifier.bounds
    if not len(images):
        images = torch.zeros(1, *images.shape[1:], dtype=images.dtype)
    # Two images, so that what happens only to a batch of one, such as squeezing its dimension, is not traced.
    example = images[:2] if len(images) > 1 else images.expand(2, *images.shape[1:])
    complete = isinstance(rules_of, CompositeSpec)
    graph = module_graph(module, example.detach().to(_device(module)), complete=complete)
    limits = images if bounds is None else torch.cat(bounds)
    if isinstance(rules_of, CompositeSpec):
        rules_of = make_composite(rules_of, graph, images=limits)
    return Explainable(graph.module, rules_of, graph.classes, last_layer(graph), chosen, others)


def explained(subject: Explainable, images: Tensor, targets: Tensor | None) -> tuple[Tensor, Tensor]:
    """Logits (N x classes) and relevance maps (N x H x W) of a module on which its composite is registered.

    Parameters
    ----------
    subject : Explainable
        Its module is in evaluation mode, with parameters that do not require gradients.
    images : Tensor, N x C x H x W
    targets : Tensor of int64, N, or None for the predicted classes
    """
    images = images.detach().requires_grad_()
    logits = subject.module(images)
    values = logits.detach()
    if targets is None:
        targets = values.argmax(1)
    is_target = targets[:, None] == torch.arange(values.shape[1], device=values.device)
    begun = subject.start.values(subject.contributed(values)) * is_target

    def propagated(from_classes: Tensor, again: bool = False) -> Tensor:
        (found,) = torch.autograd.grad(logits, images, from_classes, retain_graph=again)
        return found.sum(1)

    weights = subject.contrast.weights
    if weights is None:
        found = propagated(begun)
        ledger = LEDGER.get()
        if ledger is not None:
            ledger.begun, ledger.empty = float(begun[0].sum()), not found[0].any()
        return values, found
    own = propagated(is_target.to(values.dtype), again=True)
    others = propagated(weights(values, is_target))
    return values, begun.sum(1)[:, None, None] * contrasts.share_difference(own, others)


def target_numbers(
    targets: Targets | None, count: int, classes: int, names: tuple[str, ...]
) -> np.ndarray | None:
    """Classes as indices, one for each image, or None for the predicted classes."""
    if targets is None:
        return None
    found = targets.detach().cpu().numpy() if isinstance(targets, Tensor) else np.asarray(targets)
    if isinstance(targets, int | str | np.integer):
        found = np.full(count, targets)
    if found.dtype.kind == "U":
        unknown = [str(name) for name in found.flat if name not in names]
        if unknown:
            shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") or f"0 to {classes - 1}"
            raise InputError(f"the target {unknown[0]!r} is not a class; expected one of {shown}")
        found = np.array([names.index(name) for name in found.flat]).reshape(found.shape)
    if found.shape != (count,) or (found.dtype.kind not in "iu" and count):
        raise InputError(
            f"targets are {found.dtype} of shape {found.shape}; "
            f"expected one integer for each of {count} images"
        )
    if count and not 0 <= found.min() <= found.max() < classes:
        raise InputError(
            f"targets range from {found.min()} to {found.max()}; "
            f"expected indices of the {classes} classes, from 0"
        )
    return found.astype(np.int64)


def _device(module: nn.Module) -> torch.device | None:
    """The device of a module's weights; None if it has none."""
    return next((value.device for value in (*module.parameters(), *module.buffers())), None)


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Set evaluation mode and turn off gradients of parameters in this context."""
    required = [(parameter, parameter.requires_grad) for parameter in module.parameters()]
    modes = [(child, child.training) for child in module.modules()]
    module.requires_grad_(False).eval()
    try:
        yield
    finally:
        for parameter, flag in required:
            parameter.requires_grad_(flag)
        for child, mode in modes:
            child.training = mode
