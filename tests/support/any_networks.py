"""Networks that are not this package's own, and torchvision's as users have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F

from faceinv.models.architectures import Network, Specification, build

Module = TypeVar("Module", bound=nn.Module)


def images(n: int = 3, channels: int = 3, size: int = 32, seed: int = 1) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, channels, size, size, generator=random).clamp(-2, 2)


def randomised(module: Module, seed: int = 0) -> Module:
    """The module as if it had learned something."""
    random = torch.Generator().manual_seed(seed)
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.weight[0].numel()) ** 0.5, generator=random)
            if layer.bias is not None:
                layer.bias.data.normal_(0, 0.1, generator=random)
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.normal_(0, 0.1, generator=random)
            layer.running_var.uniform_(0.5, 1.5, generator=random)
            layer.weight.data.uniform_(0.5, 1.5, generator=random)
            layer.bias.data.normal_(0, 0.1, generator=random)
    return module


class Written(nn.Module):
    """A torchvision ResNet of basic blocks with everything that can be written as a function written so."""

    def __init__(self, network: nn.Module, add: Callable[[Tensor, Tensor], Tensor] = torch.add) -> None:
        super().__init__()
        self.network, self.add = network, add

    def forward(self, images: Tensor) -> Tensor:
        net: torchvision.models.ResNet = self.network  # type: ignore[assignment]
        x = F.max_pool2d(F.relu(net.bn1(net.conv1(images)), inplace=True), 3, 2, 1)
        for stage in (net.layer1, net.layer2, net.layer3, net.layer4):
            for block in stage:
                y = torch.relu_(block.bn1(block.conv1(x)))
                y = block.bn2(block.conv2(y))
                y = self.add(y, x if block.downsample is None else block.downsample(x))
                x = y.relu_()
        x = F.dropout(x.mean((2, 3)), training=self.training)
        return F.linear(x, net.fc.weight, net.fc.bias)


def small(architecture: str, size: int = 64) -> nn.Module:
    """A torchvision network at an eighth of its width, with activations in place as torchvision has them."""
    module = randomised(build(specification(architecture, size)).module)
    for layer in module.modules():
        if hasattr(layer, "inplace"):
            layer.inplace = True  # type: ignore[assignment]
    return module


def specification(architecture: str, size: int = 64) -> Specification:
    return Specification(architecture, ("a", "b", "c", "d"), width=0.125, size=size)


def owned(architecture: str, size: int = 64) -> Network:
    """The same network as one of this package's."""
    return Network(
        specification(architecture, size), randomised(build(specification(architecture, size)).module)
    )


def linear(channels: int = 3, bias: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1, bias=bias),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 16, 3, bias=bias),
    )


class Pieces(nn.Module):
    """Functions in all spellings: the same numbers as `Layers`."""

    def __init__(self, layers: Layers) -> None:
        super().__init__()
        self.first, self.norm, self.one, self.two = layers.first, layers.norm, layers.one, layers.two
        self.weight, self.bias = layers.last.weight, layers.last.bias
        self.mean = nn.Buffer(torch.full((3, 1, 1), 0.5))

    def forward(self, images: Tensor, double: bool = False) -> Tensor:
        x = (images - self.mean) / 0.25
        x = F.batch_norm(
            F.conv2d(x, self.first.weight, None, padding=1),
            self.norm.running_mean, self.norm.running_var, self.norm.weight, self.norm.bias, self.training,
        )  # fmt: skip
        x = torch.clamp(x, min=0)
        x = torch.cat([self.one(x), F.avg_pool2d(self.two(x), 3, 1, 1)], dim=1)
        x = F.relu(x)
        if double:
            x = x * 2
        x = F.adaptive_avg_pool2d(x, (2, 2)).view(x.size(0), -1)
        return F.linear(F.dropout(x, 0.5, self.training), self.weight, self.bias)


class Layers(nn.Module):
    """A network that normalises its images, unless they are `normalised`."""

    def __init__(self, normalised: bool = False) -> None:
        super().__init__()
        self.normalised = normalised
        self.first, self.norm = nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.one, self.two = nn.Conv2d(8, 4, 1), nn.Conv2d(8, 4, 3, padding="same")
        self.average, self.pool = nn.AvgPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(2)
        self.last = nn.Linear(32, 3)

    def forward(self, images: Tensor) -> Tensor:
        x = images if self.normalised else (images - 0.5) / 0.25
        x = self.norm(self.first(x)).relu()
        x = torch.cat([self.one(x), self.average(self.two(x))], 1).relu()
        return self.last(self.pool(x).flatten(1))


class PreActivation(nn.Module):
    """Normalisation and ReLU before each convolution, read by two of them, and before the average."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm1, self.conv1, self.short = (
            nn.BatchNorm2d(6),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.Conv2d(6, 8, 1),
        )
        self.norm2, self.conv2 = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1)
        self.norm3, self.fc = nn.BatchNorm2d(8), nn.Linear(8, 3)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        x = F.max_pool2d(x, 2)
        y = F.relu(self.norm1(x))
        x = self.conv2(F.relu(self.norm2(self.conv1(y)))) + self.short(y)
        return self.fc(F.adaptive_avg_pool2d(F.relu(self.norm3(x)), 1).squeeze(-1).squeeze(-1))
