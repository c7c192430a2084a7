"""Attribution maps of any classifier, by any method, in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from faceinv.attribution.methods import attribution_method
from faceinv.attribution.own_method import own_maps
from faceinv.attribution.request import Request
from faceinv.lrp.relevance import Targets, frozen, target_numbers
from faceinv.models.classifiers import Model, as_classifier
from faceinv.models.pixels import Images, ValueRange

OwnMethod: TypeAlias = Callable[[nn.Module, Tensor, Tensor], Any]
"""``method(model, images, targets)``: maps, N x H x W, of images N x C x H x W and classes N."""

Method: TypeAlias = str | OwnMethod
"""A method by name, see `faceinv.attribution.methods.ATTRIBUTION_METHODS`, or a function of one's own."""


def attribute(
    model: Model,
    images: Images,
    targets: Targets | None = None,
    method: Method = "epsilon-plus-flat",
    batch: int = 64,
    seed: int = 0,
    value_range: ValueRange | None = None,
    **options: Any,
) -> np.ndarray:
    """Attribution maps of images, each for one class.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
        A network of this package, or any classifier. It is not changed. Methods that have rules for layers
        (LRP, guided backpropagation, DeepLift) need layers for which they have some; the others take any.
    images : Tensor or ndarray
        Floats as the model takes them, N x channels x H x W; or pixels, see `faceinv.relevance`.
    targets : int, str, or array of either, N, optional
        The class whose logit is explained, for each image or for all; by default the predicted class.
    method : str or function
        One of `faceinv.attribution.methods.ATTRIBUTION_METHODS`, or a function of the module (in evaluation
        mode), inputs (N x C x H x W) and classes (int64, N), which returns maps.
    batch : int
        Number of images that pass through the network at a time; it changes results only by rounding.
    seed : int
        Of noise and of random weights. Every image gets the same draws.
    value_range : values of black and white in float images, such as ``(0, 1)``
    options
        Of the method, such as `steps`, `samples`, `noise`, `window` or `baseline`, or parameters of a
        composite's rules.

    Returns
    -------
    ndarray of float32, N x H x W
        Summed over channels.

    Raises
    ------
    InputError
        If the method does not exist, has no such option, or does not apply to a layer of the network; if
        images or targets do not fit the model; or if a method of one's own fails or returns no maps.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    >>> model[1].weight.data = torch.tensor([[1.0, 0, 0, -1], [0, 0, 0, 0]])
    >>> images = torch.tensor([[[[3.0, 2.0], [1.0, 1.0]]]])
    >>> faceinv.attribute(model, images, targets=0, method="input-x-gradient").tolist()
    [[[3.0, 0.0], [0.0, -1.0]]]
    >>> faceinv.attribute(model, images, 0, lambda model, images, targets: images[:, 0]).tolist()
    [[[3.0, 2.0], [1.0, 1.0]]]
    """
    if isinstance(method, str):
        attribution_method(method).check_options(options)
    classifier = as_classifier(model)
    inputs = classifier.inputs(images, value_range)
    if not len(inputs):
        return np.empty((0, *inputs.shape[2:]), dtype=np.float32)
    logits = classifier.logits(inputs, batch) if targets is None else classifier.logits(inputs[:1])
    chosen = target_numbers(targets, len(inputs), logits.shape[1], classifier.classes)
    classes = logits.argmax(1).numpy() if chosen is None else chosen
    with frozen(classifier.module), torch.enable_grad():
        if isinstance(method, str):
            request = Request(model, classifier, inputs, classes, batch, seed)
            return attribution_method(method).maps(request, **options)
        return own_maps(method, classifier.module, inputs, classes)
