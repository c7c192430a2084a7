"""Model zoo: the architectures by name, each with how it is built, pretrained and trained.

Every image classifier of torchvision can be named; one that has an entry in `ARCHITECTURES` says more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from torch import nn

from faceinv.errors import InputError
from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    import torchvision


@dataclass(frozen=True)
class Pace:
    """How an architecture learns, beside vgg16_bn, of which a profile's rates and exposures are.

    Attributes
    ----------
    rate, exposures : factors on those of the profile
    batch : images a step
    head : factor on the rate where only the head learns
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
    name : what it is called here
    torchvision : what torchvision calls the classifier that it is built from, where that is another name
    options : arguments of torchvision's function, besides `weights`
    adapt : changes the module that torchvision built, in place and before it is scaled; None for none
    pretraining_rate : peak learning rate of its pretraining
    pace : how it learns a task, found on rendered identities at the size of the profile `quick`
    studied : whether it is one of those that the chapters on architectures compare by default
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
        module = torchvision.models.get_model(self.torchvision, weights=None, **self.options)
        if self.adapt:
            self.adapt(module)
        return module


def add_batch_norms(module: Any) -> None:
    """Put a batch normalisation behind every convolution of a module's features, in place."""
    layers = dict(module.features.named_modules())
    for path, layer in layers.items():
        if isinstance(layer, nn.Conv2d):
            parent, _, name = path.rpartition(".")
            setattr(layers[parent], name, nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels)))


def adapt_squeezenet(module: Any) -> None:
    """Give a SqueezeNet batch normalisation, and logits that may be negative, in place.

    With the ReLU behind its logits a small SqueezeNet does not learn. Its average is taken before the last
    convolution, which is then the same and leaves relevance without signs to cancel.
    """
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
        )
    }
)
"""Architectures of which more is known than torchvision's name, in the order in which they are compared.

Small networks need batch normalisation: two of the study have it added, as vgg16_bn is to vgg16."""

STUDIED = tuple(name for name, each in ARCHITECTURES.items() if each.studied)
"""The seven architectures of the study, in the variants that learn at a quarter of the width."""

CLASSIFIERS = tuple(
    dict.fromkeys([*torchvision.models.list_models(module=torchvision.models), *ARCHITECTURES])
)
"""Names of all architectures: every image classifier of torchvision, and those of `ARCHITECTURES`."""


def architecture(name: str) -> Architecture:
    """The architecture of that name: its entry, or a classifier of torchvision as it is.

    Raises
    ------
    InputError
        If there is no such architecture.
    """
    if name not in CLASSIFIERS:
        raise InputError(
            f"architecture is {name!r}; expected a torchvision classifier such as vgg16_bn, vgg16, alexnet "
            "or resnet18"
        )
    return ARCHITECTURES.get(name) or Architecture(name)
