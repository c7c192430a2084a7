"""The two names that this room needs from a part of PyTorch that is not public yet.

`make_fx` is the only tracer that sees the backward pass, hooks and custom functions included, and
`get_proxy_mode` the only way to know that it is at work. Both lie in ``torch.fx.experimental``; should they
move, this module is the one that changes.
"""

from torch.fx.experimental.proxy_tensor import get_proxy_mode, make_fx

__all__ = ["is_traced", "make_fx"]


def is_traced() -> bool:
    """Whether operations are being written down by `make_fx`, for other inputs than those of now."""
    return get_proxy_mode() is not None
