"""The parameters of a chapter: read them from its notebook, and parse values from the command line."""

import ast
import io
import tokenize
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from faceinv.errors import InputError
from faceinv.runtime.jsonschema_import import without_grammar

with without_grammar():
    import nbformat

WORDS = {"none": None, "true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a chapter.

    Attributes
    ----------
    name : str
        Its name in the notebook.
    type : str
        Its declared type as written, such as ``int | None``; without a declaration, the type of the default.
    default : str
        The default, as source code.
    help : str
        The comment after it.
    """

    name: str
    type: str
    default: str
    help: str


def read_parameters(notebook: Path) -> list[Parameter]:
    """Read the parameters of a notebook, in order, from its first cell tagged ``parameters``.

    The cell is parsed as Python. ``papermill.inspect_notebook`` matches single lines, and so misses types
    such as ``int | None`` and defaults that span several lines.

    Raises
    ------
    InputError
        If the file is not a notebook, or its parameters cell is not Python.
    """
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except Exception as error:  # nbformat passes on whatever its JSON and schema readers raise
        raise InputError(f"{notebook} cannot be read as a notebook.") from error
    source = next((c.source for c in cells if "parameters" in c.metadata.get("tags", [])), "")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise InputError(
            f"line {error.lineno} of the parameters cell of {notebook} is not Python."
        ) from error
    comments = {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                declared = ast.unparse(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                declared = type_of_default(value)
            case _:
                continue
        found.append(Parameter(name, declared, ast.unparse(value), comments.get(node.end_lineno or 0, "")))
    return found


def type_of_default(value: ast.expr) -> str:
    """Name of the type of a literal default; ``Any`` for None and for other expressions."""
    try:
        literal = ast.literal_eval(value)
    except ValueError:
        return "Any"
    return "Any" if literal is None else type(literal).__name__


def parse_parameters(known: Iterable[Parameter], given: Mapping[str, str], chapter: str) -> dict[str, Any]:
    """Parse parameters from the command line as values of the declared types.

    Parameters
    ----------
    known : iterable of Parameter
        The parameters of the chapter.
    given : mapping from str to str
        Names and values as typed.
    chapter : str
        Name of the chapter, for messages.

    Raises
    ------
    InputError
        For an unknown name (the message lists those that exist) or a value of the wrong type.
    """
    by_name = {parameter.name: parameter for parameter in known}
    values = {}
    for name, text in given.items():
        if name not in by_name:
            names = ", ".join(by_name) or "none"
            raise InputError(f"{chapter} has no parameter '{name}'; its parameters are: {names}.")
        try:
            values[name] = parse(text, by_name[name].type)
        except ValueError as error:
            raise InputError(
                f"parameter {name} of {chapter} takes a value of type {by_name[name].type}, not '{text}'."
            ) from error
    return values


def parse(text: str, declared: str) -> Any:
    """Parse a text as a value of a declared type.

    Lists are written with or without brackets (``0,1,2``), None as ``none``, True as ``true`` or ``yes``.

    Raises
    ------
    ValueError
        If the text is not of the type.
    """
    # Evaluating the annotation is safe: it comes from a notebook whose code is about to be executed.
    # No parameter of a chapter means anything as nan or inf.
    adapter = TypeAdapter(eval(declared, vars(typing).copy()), config=ConfigDict(allow_inf_nan=False))
    for value in readings(text):
        try:
            return adapter.validate_python(value, strict=True)
        except ValidationError:
            continue
    return adapter.validate_python(text)  # pydantic's ValidationError is a ValueError


def readings(text: str) -> Iterator[Any]:
    """Yield the possible meanings of a text: a literal, the text itself, or a list of literals or texts."""
    value = literal(text)
    if value is not text:
        yield value
    if isinstance(value, tuple):
        yield list(value)
    yield text
    if not text.strip().startswith(("[", "(", "{")):
        items = [item.strip() for item in text.split(",") if item.strip()]
        yield [literal(item) for item in items]
        yield items  # texts such as "none" are kept as they are


def literal(text: str) -> Any:
    """Parse a text as a Python literal, or return it unchanged if it is not one."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
