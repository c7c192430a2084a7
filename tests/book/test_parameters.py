from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from faceinv.book.parameters import Parameter, parse, parse_parameters, read_parameters
from faceinv.errors import InputError

CELL = """profile: str = "quick"  # how much to run: smoke, quick
seeds: int | None = None  # networks
fractions: list[float] = [
    0.1,
    0.2,
]  # kept
count = 3
nothing = None
"""


def notebook(path: Path, source: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source, metadata={"tags": ["parameters"]})]), path)
    return path


def test_parameters_are_read_with_type_default_and_help(tmp_path: Path) -> None:
    assert read_parameters(notebook(tmp_path / "a.ipynb", CELL)) == [
        Parameter("profile", "str", "'quick'", "how much to run: smoke, quick"),
        Parameter("seeds", "int | None", "None", "networks"),
        Parameter("fractions", "list[float]", "[0.1, 0.2]", "kept"),
        Parameter("count", "int", "3", ""),
        Parameter("nothing", "Any", "None", ""),
    ]


def test_a_notebook_without_parameters_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("x = 1")]), path)
    assert read_parameters(path) == []


@pytest.mark.parametrize("content", ["", "{", '{"cells": 3}', "\x00\x01"])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    with pytest.raises(InputError, match="cannot be read as a notebook"):
        read_parameters(path)


def test_a_cell_that_is_not_python_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2 of the parameters cell"):
        read_parameters(notebook(tmp_path / "a.ipynb", "a = 1\nb = = 2\n"))


@pytest.mark.parametrize(
    ("text", "declared", "value"),
    [
        ("5", "int", 5),
        ("-5", "int", -5),
        ("5", "float", 5.0),
        ("1e-3", "float", 0.001),
        ("5", "str", "5"),
        ("none", "str", "none"),
        ("a,b", "str", "a,b"),
        ("", "str", ""),
        ("none", "int | None", None),
        ("None", "str | None", None),
        ("7", "int | None", 7),
        ("7", "Optional[int]", 7),
        ("faces", "str | None", "faces"),
        ("true", "bool", True),
        ("no", "bool", False),
        ("0", "bool", False),
        ("0,1", "list[int]", [0, 1]),
        ("[0, 1]", "list[int]", [0, 1]),
        ("3", "list[int]", [3]),
        ("gender", "list[str]", ["gender"]),
        ("gender,identity", "list[str]", ["gender", "identity"]),
        ("none", "list[str]", ["none"]),
        ("none,faces", "list[str]", ["none", "faces"]),
        ("none,1", "list[int | None]", [None, 1]),
        ("0.1, 0.5", "tuple[float, ...]", (0.1, 0.5)),
        ("0.1,1", "list[float]", [0.1, 1.0]),
        ("a,1", "list", ["a", 1]),
        ("", "list[int]", []),
        ("{'a': 1}", "dict", {"a": 1}),
        ("blur", 'Literal["mean", "blur"]', "blur"),
        ("text", "Any", "text"),
        ("2.5", "Any", 2.5),
    ],
)
def test_texts_become_values_of_the_declared_type(text: str, declared: str, value: object) -> None:
    found = parse(text, declared)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("three", "int"),
        ("3.5", "int"),
        ("none", "int"),
        ("x", "float"),
        ("nan", "float"),
        ("1e999", "float"),
        ("0.1,nan", "list[float]"),
        ("maybe", "bool"),
        ("2", "bool"),
        ("a,b", "list[int]"),
        ("[1", "list[int]"),
        ("1,2", "int"),
        ("noise", 'Literal["mean", "blur"]'),
        ("x", "int | None"),
        ("1", "dict"),
        ("__import__('os')", "int"),
    ],
)
def test_texts_of_another_type_are_refused(text: str, declared: str) -> None:
    with pytest.raises(ValueError):
        parse(text, declared)


def test_messages_name_what_exists_and_what_was_expected() -> None:
    known = [Parameter("seeds", "int", "3", ""), Parameter("fill", "str", "'mean'", "")]
    assert parse_parameters(known, {"seeds": "5"}, "04_masking") == {"seeds": 5}
    with pytest.raises(
        InputError, match=r"^04_masking has no parameter 'seed'; its parameters are: seeds, fill\.$"
    ):
        parse_parameters(known, {"seed": "5"}, "04_masking")
    with pytest.raises(
        InputError, match=r"^parameter seeds of 04_masking takes a value of type int, not 'five'\.$"
    ):
        parse_parameters(known, {"seeds": "five"}, "04_masking")
