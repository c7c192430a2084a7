"""What the page on parity says of Zennit, against the installed version."""

from __future__ import annotations

import pytest
import torch
from any_networks import images, owned, specification
from torch import nn
from zennit import composites as zennit_composites
from zennit import torchvision as zennit_torchvision
from zennit.canonizers import Canonizer, SequentialMergeBatchNorm
from zennit.core import Composite
from zennit.rules import Gamma, ZPlus

from faceinv.lrp.canonizers import MergeBatchNorm
from faceinv.lrp.composites import composite
from faceinv.lrp.relevance import relevance
from faceinv.lrp.rules import Rule, epsilon
from faceinv.models.architectures import build


def normalised(eps: float) -> nn.Sequential:
    """A convolution that doubles its input, and a normalisation that changes nothing but for its epsilon."""
    convolution, normalisation = nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1, eps=eps)
    convolution.weight.data.fill_(2)
    return nn.Sequential(convolution, normalisation).eval()


@pytest.mark.parametrize(
    ("canonizer", "roots"), [(SequentialMergeBatchNorm(), 2), (MergeBatchNorm(), 1)], ids=["zennit", "here"]
)
def test_emptied_normalisation_divides_once_more(canonizer: Canonizer, roots: int) -> None:
    """With an epsilon of 3, the network divides by the root of 4."""
    module, image = normalised(3.0), torch.ones(1, 1, 1, 1)
    assert module(image).item() == 1
    with torch.no_grad(), Composite(canonizers=[canonizer]).context(module):
        assert module(image).item() == 2 / 2**roots
    assert module(image).item() == 1


def test_there_is_no_canonizer_of_densenet() -> None:
    families = [name for name in dir(zennit_torchvision) if name.endswith("Canonizer")]
    assert families and not [name for name in families if "dense" in name.lower()]


def test_merging_as_in_vgg_changes_what_densenet_computes() -> None:
    """Convolutions of a dense block are followed by the normalisation of all that was concatenated."""
    network, x = owned("densenet121"), images(1, size=64)
    merge = SequentialMergeBatchNorm()
    try:
        with torch.no_grad(), Composite(canonizers=[merge]).context(network.module):
            found = network.module(x)
    except RuntimeError:  # widths that do not fit
        return
    assert not torch.allclose(found, network.logits(x), rtol=0.01)


def test_additions_without_a_canonizer_pass_all_relevance_twice() -> None:
    """x + x, whose logit is 2: Zennit hands 2 to each summand, which are 4 at the pixel."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two, self.last = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1), nn.Flatten()
            for layer in (self.one, self.two):
                layer.weight.data.fill_(1)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return self.last(self.one(image) + self.two(image))

    module, image = Twice(), torch.ones(1, 1, 1, 1, requires_grad=True)
    with zennit_composites.EpsilonPlus().context(module):
        logit = module(image)
        (found,) = torch.autograd.grad(logit, image, logit.detach())
    assert found.item() == pytest.approx(4, rel=1e-4)
    assert relevance(module, image.detach(), 0, "epsilon-plus").item() == pytest.approx(2, rel=1e-4)


def test_output_convolution_of_squeezenet_has_the_rule_of_the_output_layer() -> None:
    module = build(specification("squeezenet1_1_bn")).module
    path, last = [
        (path, layer) for path, layer in module.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)
    ][-1]
    assert isinstance(last, nn.Conv2d)
    theirs = zennit_composites.EpsilonPlus().module_map({}, path, last)
    assert isinstance(theirs, ZPlus)
    network = owned("squeezenet1_1_bn")
    with composite("epsilon-plus", network).context(network.module) as changed:
        last = changed.get_submodule(path)
        owners = [getattr(hook, "__self__", None) for hook in last._forward_hooks.values()]
    assert {owner.propagation for owner in owners if isinstance(owner, Rule)} == {epsilon}


def test_gamma_has_five_parts() -> None:
    assert len(Gamma().input_modifiers) == 5
