"""Model zoo: architectures by name, with their options of construction, pretraining and training.

Every image classifier of torchvision can be named; those in `ARCHITECTURES` have options of their own.
PyTorch takes seconds to import, and is imported when a network is built, so that names are known at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from faceinv.errors import InputError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Pace:
    """Training hyperparameters of an architecture, relative to vgg16_bn, for which profiles are set.

    Attributes
    ----------
    rate, exposures : factors on the profile's learning rate and on its number of images shown in training
    batch : batch size
    head : further factor on the learning rate if only the head is trained
    """

    rate: float = 1.0
    exposures: float = 1.0
    batch: int = 16
    head: float = 1.0


@dataclass(frozen=True)
class Architecture:
    """A classifier that can be built, pretrained and trained.

    Attributes
    ----------
    name : name in this package
    torchvision : torchvision's name of the classifier that it is built from, by default `name`
    options : arguments of torchvision's function, besides `weights`
    adapt : function that changes torchvision's module in place, before it is scaled; None for no change
    pretraining_rate : peak learning rate of pretraining
    pace : hyperparameters of training on a task, tuned on rendered identities with the profile `quick`
    studied : whether the chapters on architectures compare it by default
    """

    name: str
    torchvision: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    adapt: Callable[[nn.Module], None] | None = None
    pretraining_rate: float = 0.12
    pace: Pace = Pace()
    studied: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "torchvision", self.torchvision or self.name)

    def module(self) -> nn.Module:
        """torchvision's module at full width, with random weights, adapted."""
        from faceinv.runtime.torchvision_import import without_dynamo

        with without_dynamo():
            import torchvision
        module: nn.Module = torchvision.models.get_model(self.torchvision, weights=None, **self.options)
        if self.adapt:
            self.adapt(module)
        return module


def add_batch_norms(module: Any) -> None:
    """Add a batch normalisation after every convolution of a module's features, in place."""
    from torch import nn

    layers = dict(module.features.named_modules())
    for path, layer in layers.items():
        if isinstance(layer, nn.Conv2d):
            parent, _, name = path.rpartition(".")
            setattr(layers[parent], name, nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels)))


def adapt_squeezenet(module: Any) -> None:
    """Add batch normalisation to a SqueezeNet and remove the ReLU after its logits, in place.

    With that ReLU, a small SqueezeNet does not learn. The average pooling is moved before the last
    convolution: this gives the same logits, and relevance in which positive and negative parts cancel less.
    """
    from torch import nn

    add_batch_norms(module)
    module.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), module.classifier[1])


_WITHOUT_AUXILIARY = {"aux_logits": False, "init_weights": False}

ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        each.name: each
        for each in (
            Architecture(
                "alexnet_bn",
                torchvision="alexnet",
                adapt=add_batch_norms,
                pretraining_rate=0.06,
                pace=Pace(rate=2.0, exposures=0.86, batch=32),
                studied=True,
            ),
            Architecture(
                "squeezenet1_1_bn",
                torchvision="squeezenet1_1",
                adapt=adapt_squeezenet,
                pace=Pace(rate=2.5, exposures=1.75),
                studied=True,
            ),
            Architecture("vgg16_bn", pretraining_rate=0.1, studied=True),
            Architecture(
                "googlenet",
                options=_WITHOUT_AUXILIARY,
                pace=Pace(rate=2.5, exposures=0.76),
                studied=True,
            ),
            Architecture("resnet18", pace=Pace(exposures=0.57, head=10.0), studied=True),
            Architecture("resnet50", pace=Pace(exposures=1.43, batch=32), studied=True),
            Architecture("densenet121", pace=Pace(rate=4.0, exposures=0.8, batch=32), studied=True),
            Architecture("inception_v3", options=_WITHOUT_AUXILIARY),
            # without batch normalisation it learns later, and with batches of 32 hardly at all
            Architecture("alexnet", pace=Pace(exposures=1.5)),
        )
    }
)
"""Architectures with options of their own, in the order in which chapters compare them.

Small networks learn with batch normalisation, so it is added to two of them, as in vgg16_bn to vgg16."""

STUDIED = tuple(name for name, each in ARCHITECTURES.items() if each.studied)
"""The seven architectures of the study, in variants that can be trained at a quarter of the width."""


@cache
def classifiers() -> tuple[str, ...]:
    """Names of all architectures: every image classifier of torchvision, and those of `ARCHITECTURES`."""
    from faceinv.runtime.torchvision_import import without_dynamo

    with without_dynamo():
        import torchvision
    return tuple(dict.fromkeys([*torchvision.models.list_models(module=torchvision.models), *ARCHITECTURES]))


def architecture(name: str) -> Architecture:
    """The architecture of a name: an entry of `ARCHITECTURES`, or a classifier of torchvision unchanged.

    Raises
    ------
    InputError
        If there is no such architecture.
    """
    if name not in ARCHITECTURES and name not in classifiers():
        raise InputError(
            f"architecture is {name!r}; expected a torchvision classifier such as vgg16_bn, vgg16, alexnet "
            "or resnet18"
        )
    return ARCHITECTURES.get(name) or Architecture(name)
