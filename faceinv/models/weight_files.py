"""Files of weights: read without unpickling anything, and compared with the hashes that are known of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError, safe_open

from faceinv.errors import InputError
from faceinv.models.architectures import Specification, check_finite, parse_specification
from faceinv.runtime.json_files import read_object


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; raises `OSError` if it cannot be read."""
    return _hash(path, path.stat().st_mtime_ns)


@cache
def _hash(path: Path, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_name(path: Path) -> None:
    """Compare the hash in the name of a file, if it has one, with its content, as torch.hub does."""
    named = re.search(r"-([0-9a-f]{8,})\.", path.name)
    if named:
        digest = file_hash(path)
        if not digest.startswith(named[1]):
            raise InputError(
                f"{path} is damaged, its SHA-256 starts with {digest[: len(named[1])]}; download it again"
            )


def check_record(path: Path) -> None:
    """Compare a base with the SHA-256 in the record beside it, if there is one."""
    record = path.with_suffix(".json")
    if not record.is_file():
        return
    try:
        expected = read_object(record)["sha256"]
    except (ValueError, KeyError) as error:
        raise InputError(f"{record} is damaged: expected the record of a pretraining, with sha256") from error
    if file_hash(path) != expected:
        raise InputError(
            f"{path} is damaged, its SHA-256 is not that of {record.name}; install the package again, or "
            "pretrain the base again"
        )


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], Specification | None]:
    """Tensors of a file by name, and the specification that faceinv saved with them, if any."""
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                text = (file.metadata() or {}).get("faceinv")
                saved = None if text is None else parse_specification(text)
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                check_finite(tensors, path)
                return tensors, saved
        content = torch.load(path, map_location="cpu", weights_only=True)
    except InputError:  # which is a ValueError
        raise
    except UnpicklingError as error:
        raise InputError(
            f"{path} is damaged or contains more than tensors, which is not loaded for safety"
        ) from error
    except (SafetensorError, RuntimeError, OSError, EOFError, ValueError, LookupError) as error:
        raise InputError(f"{path} is truncated or damaged ({type(error).__name__})") from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(v, torch.Tensor) for v in content.values()):
        raise InputError(f"{path} contains no state dict; expected tensors by name")
    check_finite(content, path)
    # Networks trained with DataParallel have this prefix.
    return {str(name).removeprefix("module."): value for name, value in content.items()}, None
