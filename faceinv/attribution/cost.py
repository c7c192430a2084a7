"""Cost of attribution methods, counted in forward passes."""

from __future__ import annotations

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from faceinv.attribution.attribute import Method, attribute
from faceinv.models.classifiers import Model, as_classifier
from faceinv.models.pixels import Images, ValueRange


def cost_in_passes(
    model: Model, images: Images, method: Method, value_range: ValueRange | None = None, **options: Any
) -> float:
    """Operations of a method for one image, relative to those of a forward pass.

    Operations are counted, not timed: multiplications and additions of all convolutions and fully connected
    layers, forward and backward. The passes with which `faceinv.attribute` finds the predicted class are not
    counted.

    Parameters
    ----------
    model, images, method, value_range, options : see `faceinv.attribution.attribute.attribute`
    """
    classifier = as_classifier(model)
    inputs = classifier.inputs(images, value_range)
    with OperationCount() as once:
        logits = classifier.logits(inputs)
    with OperationCount() as first:
        classifier.logits(inputs[:1])
    with OperationCount() as counted:
        attribute(model, inputs, logits.argmax(1), method, **options)
    return (counted.total - first.total) / once.total


class OperationCount(TorchDispatchMode):
    """In this context, counts the multiplications and additions of convolutions and matrix products.

    PyTorch's own counter, whose formulas these are, does not work with ``torch.autograd.grad``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=found)
        return found
