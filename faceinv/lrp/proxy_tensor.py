"""The two functions that this package uses from an experimental part of PyTorch.

`make_fx` is the only tracer that records the backward pass, including hooks and custom functions, and
`get_proxy_mode` is the only way to know that it is tracing. Both are in ``torch.fx.experimental``; if they
move, only this module has to change.
"""

from torch.fx.experimental.proxy_tensor import get_proxy_mode, make_fx

__all__ = ["is_traced", "make_fx"]


def is_traced() -> bool:
    """Whether `make_fx` is tracing, so that the graph must not depend on the values of the current inputs."""
    return get_proxy_mode() is not None
