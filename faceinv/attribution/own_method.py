"""Methods of one's own: what they return is checked, and where they fail is said."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from faceinv.errors import InputError


def own_maps(
    method: Callable[[nn.Module, Tensor, Tensor], Any], module: nn.Module, inputs: Tensor, targets: np.ndarray
) -> np.ndarray:
    """Maps (float32, N x H x W) by a function that somebody else wrote.

    Parameters
    ----------
    method : function of the module, inputs and classes
    module : nn.Module
    inputs : Tensor, N x C x H x W; the function gets a copy
    targets : ndarray of int64, N

    Raises
    ------
    InputError
        If the function fails (the message has the line), or returns something else than one finite map for
        each image.
    """
    name = getattr(method, "__name__", type(method).__name__)
    device = next((value.device for value in module.parameters()), inputs.device)
    given = inputs.detach().clone().to(device)
    state = torch.random.get_rng_state()
    try:
        found = method(module, given, torch.from_numpy(targets.copy()).to(device))
    except Exception as error:  # it may raise anything
        raise InputError(f"the method {name} failed{_place(method, error)}: {_reason(error)}") from error
    finally:
        torch.random.set_rng_state(state)
    if isinstance(found, Tensor):
        found = found.detach().cpu().numpy()
    try:
        maps = np.asarray(found, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the method {name} returned {type(found).__name__}; expected maps as an array or a tensor"
        ) from error
    expected = (len(inputs), *inputs.shape[2:])
    if maps.shape != expected:
        hint = "; sum it over channels" if maps.shape == tuple(inputs.shape) else ""
        raise InputError(
            f"the method {name} returned maps of shape {maps.shape}; expected one map for each image, "
            f"{expected}{hint}"
        )
    if not np.isfinite(maps).all():
        count = int((~np.isfinite(maps)).sum())
        raise InputError(
            f"the method {name} returned {count} values that are nan or infinite; expected finite maps"
        )
    return maps


def _place(method: Callable[..., Any], error: Exception) -> str:
    """Where in the file of the method an error came from."""
    code = getattr(method if hasattr(method, "__code__") else type(method).__call__, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code is not None and frame.filename == code.co_filename]
    if not own:
        return ""
    return f" in line {own[-1].lineno} of {own[-1].filename} ({own[-1].line})"


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
