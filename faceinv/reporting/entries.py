"""Read entries of the book's YAML files, each checked against a dataclass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import ConfigDict, Field, StrictBool, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from faceinv.errors import InputError

Entry = TypeVar("Entry")

ONLY_ITS_FIELDS = ConfigDict(extra="forbid")
"""The ``__pydantic_config__`` of a dataclass whose entries may have no other fields."""

Text = Annotated[str, StringConstraints(pattern=r"\S")]
"""Text that is not blank."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Truth = StrictBool

EXPECTED = {
    "string_type": "text",
    "string_pattern_mismatch": "text",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "date_from_datetime_parsing": "a date",
    "date_type": "a date",
    "tuple_type": "a list",
    "mapping_type": "names and values",
    "dataclass_type": "fields and values",
}
"""Description of the expected value, by the type of pydantic's error."""


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    InputError
        If it is missing or not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not YAML: {' '.join(str(error).split())}") from error


def read_entry(kind: type[Entry], entry: object, where: str) -> Entry:
    """Make a dataclass from an entry of a file.

    Parameters
    ----------
    kind : the dataclass
    entry : values by field, as read from the file
    where : description of the entry and its file, for messages

    Raises
    ------
    InputError
        If a field is missing or unknown, or has an invalid value.
    """
    try:
        return TypeAdapter(kind).validate_python(entry)
    except ValidationError as error:
        raise InputError(_sentence(error.errors()[0], where)) from error


def _sentence(error: ErrorDetails, where: str) -> str:
    """The message of an error: the place in the entry, the value, and what was expected."""
    *parents, last = error["loc"] or ("",)
    if error["type"] == "missing":
        return f"{_place(parents, where)} has no field {last}"
    if error["type"] == "unexpected_keyword_argument":
        return f"{_place(parents, where)} has an unknown field {last}"
    if error["type"] == "literal_error":
        expected = f"one of {error['ctx']['expected']}"
    else:
        expected = EXPECTED.get(error["type"], error["msg"])
    return f"{_place(error['loc'], where)} is {error['input']!r}; expected {expected}"


def _place(location: Any, where: str) -> str:
    """A place in an entry, from the inside out: ``text of found 1 of claim 2 of claims.yml``."""
    names: list[str] = []
    for part in location:
        if isinstance(part, int) and names:
            names[-1] += f" {part + 1}"
        else:
            names.append(str(part))
    return " of ".join([*reversed(names), where])
