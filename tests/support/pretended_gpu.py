"""A pretended GPU: PyTorch's device ``meta``, but whose tensors have values, kept on the CPU.

As on a GPU, its tensors do not mix with those of the CPU, and have no NumPy array, so that code which forgets
to move a tensor fails. Computations are the CPU's, so that results are the same to the last bit.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

NAME = "meta"
SHAPES_ONLY = ("empty", "empty_strided")
"""What the package itself makes on that device, to take no memory: those tensors stay without values."""


class OnGpu(torch.Tensor):
    """A tensor of the pretended GPU."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, values: torch.Tensor) -> OnGpu:
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            values.size(),
            strides=values.stride(),
            storage_offset=values.storage_offset(),
            dtype=values.dtype,
            device=torch.device(NAME),
        )
        made.held = values
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return compute(func, args, kwargs or {})


def compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Compute on the CPU, and return results as tensors of the device that they are on."""
    given, _ = tree_flatten((args, kwargs))
    tensors = [each for each in given if isinstance(each, torch.Tensor)]
    ours = [each for each in tensors if isinstance(each, OnGpu)]
    name = func._schema.name.partition("::")[2]
    asked = kwargs.get("device")
    if ours and name not in ("_to_copy", "copy_", "index", "index_put_", "_index_put_impl_"):
        strangers = [each for each in tensors if each.device.type == "cpu" and each.ndim]
        if strangers:
            raise RuntimeError(f"{name}: expected all tensors to be on the same device")
    if ours and name == "_local_scalar_dense":
        return func(ours[0].held)
    here = torch.device(asked).type == NAME if asked is not None else bool(ours)
    if here and not ours and name in SHAPES_ONLY:
        return func(*args, **kwargs)
    inner = {id(each.held): each for each in ours}

    def unwrap(value: Any) -> Any:
        return value.held if isinstance(value, OnGpu) else value

    def wrap(value: Any) -> Any:
        if not isinstance(value, torch.Tensor) or isinstance(value, OnGpu):
            return value
        known = inner.get(id(value))
        return OnGpu(value) if known is None else known

    args, kwargs = tree_map(unwrap, (args, kwargs))
    if here and asked is not None:
        kwargs["device"] = torch.device("cpu")
    found = func(*args, **kwargs)
    if name == "copy_":
        return given[0]
    return tree_map(wrap, found) if here else found


class PretendedGpu(TorchDispatchMode):
    """While active, there is such a device."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})
