"""JSON files that other processes wrote, and that may be damaged."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from faceinv.runtime.atomic import write_atomically


def read_object(path: Path) -> dict[str, Any]:
    """Read the JSON object in a file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it contains anything else than one JSON object, in UTF-8.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    return value


def read_checked(path: Path) -> dict[str, Any]:
    """Read what `write_checked` wrote; empty if there is no such file or a byte of it is another.

    A changed digit of a digest or of a time is JSON as good as before, and only a checksum shows it.
    """
    try:
        stored = read_object(path)
    except (OSError, ValueError):
        return {}
    content = stored.get("content")
    if not isinstance(content, dict) or stored.get("sha256") != _checksum(content):
        return {}
    return content


def write_checked(path: Path, content: dict[str, Any]) -> None:
    """Write an object of JSON values with its checksum."""
    write_atomically(path, json.dumps({"sha256": _checksum(content), "content": content}, indent=1))


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
