"""JSON files that other processes wrote, and that may be damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


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
