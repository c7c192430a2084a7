"""Canonizers: rewrite torchvision's architectures into a form to which the rules of LRP apply.

Rules distribute relevance in linear layers. After training, batch normalisation is a linear layer too, so
that the same function can be written in several ways, to which the rules give different relevance. Merging it
into the adjacent convolution makes the form unique (Montavon et al. 2019; Motzkus, Weber & Lapuschkin 2022).
Additions and poolings that torchvision calls as functions become modules, to which a rule can be attached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from zennit.canonizers import AttributeCanonizer, Canonizer, SequentialMergeBatchNorm

from faceinv.errors import InputError
from faceinv.lrp.modules import Add, NormalisedConvolution, NormalisedPooling
from faceinv.runtime.torchvision_import import without_dynamo

with without_dynamo():
    from torchvision.models.densenet import DenseNet, _DenseLayer, _Transition
    from torchvision.models.googlenet import BasicConv2d
    from torchvision.models.resnet import BasicBlock, Bottleneck


class MergeBatchNorm(SequentialMergeBatchNorm):
    """Merge each batch normalisation into the convolution directly before it, and skip it.

    Zennit's own canonizer keeps the neutral normalisation, which costs time and still divides by the square
    root of 1 + epsilon. Convolutions whose output is not what the next normalisation takes, as in DenseNet,
    are not merged.
    """

    def apply(self, root_module: nn.Module) -> list[Canonizer]:
        """Merge each of the `normalised_pairs`."""
        merged: list[Canonizer] = []
        for first, second in normalised_pairs(root_module):
            instance = self.copy()
            instance.register((first,), second)
            merged.append(instance)
        return merged

    def register(self, linears: tuple[nn.Module, ...], batch_norm: nn.BatchNorm2d) -> None:
        """Merge, and replace the normalisation by the identity."""
        super().register(linears, batch_norm)
        batch_norm.forward = _same  # type: ignore[method-assign]

    def remove(self) -> None:
        """Undo the merge."""
        del self.batch_norm.forward
        super().remove()


def canonizers(architecture: str) -> list[Canonizer]:
    """Canonizers of a torchvision architecture.

    Raises
    ------
    InputError
        If the architecture is of a family for which no canonizers are defined.
    """
    for family, make in _FAMILIES.items():
        if architecture.startswith(family):
            return make()
    raise InputError(
        f"no LRP rules are defined for {architecture}; expected an architecture of the families "
        f"{', '.join(_FAMILIES)}"
    )


def _merge() -> list[Canonizer]:
    return [MergeBatchNorm()]


def _inception() -> list[Canonizer]:
    return [MergeBatchNorm(), AttributeCanonizer(_inception_attributes)]


def _residual() -> list[Canonizer]:
    return [MergeBatchNorm(), AttributeCanonizer(_residual_attributes)]


def _dense() -> list[Canonizer]:
    return [MergeBatchNorm(), AttributeCanonizer(_dense_attributes)]


_FAMILIES: dict[str, Callable[[], list[Canonizer]]] = {
    "alexnet": _merge,
    "vgg": _merge,
    "squeezenet": _merge,
    "googlenet": _inception,
    "resnet": _residual,
    "resnext": _residual,
    "wide_resnet": _residual,
    "densenet": _dense,
}


def _inception_attributes(name: str, module: nn.Module) -> dict[str, Any] | None:
    return {"forward": _inception_forward.__get__(module)} if isinstance(module, BasicConv2d) else None


def _inception_forward(unit: Any, input: Tensor) -> Tensor:
    # torchvision's ReLU works in place here and would overwrite the output that the rule needs.
    return F.relu(unit.bn(unit.conv(input)))


def _residual_attributes(name: str, module: nn.Module) -> dict[str, Any] | None:
    if isinstance(module, BasicBlock | Bottleneck):
        return {"forward": _residual_forward.__get__(module), "addition": Add()}
    return None


def _residual_forward(block: Any, input: Tensor) -> Tensor:
    output = block.relu(block.bn1(block.conv1(input)))
    output = block.bn2(block.conv2(output))
    if isinstance(block, Bottleneck):
        output = block.bn3(block.conv3(block.relu(output)))
    shortcut = input if block.downsample is None else block.downsample(input)
    return block.relu(block.addition(output, shortcut))


def _dense_attributes(name: str, module: nn.Module) -> dict[str, Any] | None:
    if isinstance(module, _DenseLayer):
        chain = NormalisedConvolution(module.norm1, module.conv1)
        return {"forward": _dense_layer_forward.__get__(module), "chain": chain}
    if isinstance(module, _Transition):
        chain = NormalisedConvolution(module.norm, module.conv)
        return {"forward": _transition_forward.__get__(module), "chain": chain}
    if isinstance(module, DenseNet):
        return {"forward": _dense_forward.__get__(module), "chain": NormalisedPooling(module.features.norm5)}
    return None


def _dense_layer_forward(layer: Any, input: Tensor | list[Tensor]) -> Tensor:
    joined = input if isinstance(input, Tensor) else torch.cat(input, 1)
    return layer.conv2(layer.relu2(layer.norm2(layer.chain(joined))))


def _transition_forward(transition: Any, input: Tensor) -> Tensor:
    return transition.pool(transition.chain(input))


def _dense_forward(network: Any, input: Tensor) -> Tensor:
    # The last normalisation is part of the pooling (`NormalisedPooling`).
    features = input
    for name, layer in network.features.named_children():
        if name != "norm5":
            features = layer(features)
    return network.classifier(network.chain(features))


def normalised_pairs(root: nn.Module) -> list[tuple[nn.Module, nn.BatchNorm2d]]:
    """Convolutions with the normalisation of their output, in the order of definition.

    In a dense block, the last convolution of a layer is followed by the first normalisation of the next one,
    which takes the concatenated outputs. In a DenseNet only ``norm0`` and ``norm2`` follow a convolution.
    """
    pairs: list[tuple[nn.Module, nn.BatchNorm2d]] = []
    last: nn.Module | None = None
    for path, leaf in root.named_modules():
        if next(leaf.children(), None) is not None:
            continue
        joined = isinstance(root, DenseNet) and not path.endswith(("norm0", "norm2"))
        if isinstance(leaf, nn.BatchNorm2d) and isinstance(last, nn.Conv2d) and not joined:
            pairs.append((last, leaf))
        last = leaf
    return pairs


def _same(input: Tensor) -> Tensor:
    return input
