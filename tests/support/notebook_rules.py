"""What every committed chapter keeps to."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat

from faceinv.book.parameters import parse, read_parameters
from faceinv.errors import InputError

NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*\.ipynb")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOTEBOOK_METADATA = {"kernelspec", "language_info"}
CELL_METADATA = {"tags", "mystnb"}


def broken_rules(path: Path) -> list[str]:
    """Say which rules a notebook breaks, one sentence each; a good one breaks none."""
    text = path.read_text(encoding="utf-8")
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # the readers raise whatever their layers do
        return [f"it is not a valid notebook: {str(error).splitlines()[0]}"]
    found = []
    if not NAME.fullmatch(path.name):
        found.append("its name is not NN_name.ipynb")
    if not text.endswith("\n"):
        found.append("it does not end with a newline")
    if dict(notebook.metadata.get("kernelspec", {})) != KERNEL:
        found.append("its kernel is not python3")
    if extra := set(notebook.metadata) - NOTEBOOK_METADATA:
        found.append(f"its metadata holds {', '.join(sorted(extra))}")
    return found + rules_of_cells(notebook) + rules_of_parameters(path, notebook)


def rules_of_cells(notebook: nbformat.NotebookNode) -> list[str]:
    """Say which rules its cells break."""
    found = []
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        found.append("it does not begin with a heading")
    for number, cell in enumerate(notebook.cells, 1):
        where = f"cell {number}"
        if not cell.source.strip():
            found.append(f"{where} is empty")
        if extra := set(cell.metadata) - CELL_METADATA:
            found.append(f"{where} has metadata: {', '.join(sorted(extra))}")
        if cell.cell_type == "code":
            if cell.outputs:
                found.append(f"{where} has outputs")
            if cell.execution_count is not None:
                found.append(f"{where} has an execution count")
            if "figure" in cell.metadata.get("mystnb", {}) and shows_more(cell.source):
                found.append(f"{where} is of a figure and shows more than one thing")
        if cell.cell_type == "raw":
            found.append(f"{where} is a raw cell")
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) != len(ids):
        found.append("two of its cells have the same id")
    return found


def shows_more(source: str) -> bool:
    """Whether a cell shows a table, or always displays something: a figure's label would be there twice."""
    shown = [each.value for each in ast.parse(source).body if isinstance(each, ast.Expr)]
    calls = [each.func for each in shown if isinstance(each, ast.Call)]
    always = any(isinstance(call, ast.Name) and call.id == "display" for call in calls)
    return always or "record.table(" in source


def rules_of_parameters(path: Path, notebook: nbformat.NotebookNode) -> list[str]:
    """Say which rules its parameters break."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1 or tagged[0] is not code[0]:
        return ["not its first code cell, and that alone, is tagged parameters"]
    try:
        parameters = read_parameters(path)
    except InputError as error:
        return [str(error)]
    found = []
    lines = [line for line in tagged[0].source.splitlines() if re.match(r"\w+\s*[:=]", line)]
    if len(lines) != len(parameters):
        found.append("its parameters cell assigns more than parameters")
    if [parameter.default for parameter in parameters if parameter.name == "profile"] != ["'quick'"]:
        found.append("it has no parameter profile with the default quick")
    for parameter in parameters:
        if not parameter.help:
            found.append(f"parameter {parameter.name} has no comment that tells what it is")
        if parameter.type == "Any":
            found.append(f"parameter {parameter.name} has no type")
            continue
        try:
            parse(parameter.default.strip("'"), parameter.type)
        except (ValueError, NameError):
            found.append(f"the default of parameter {parameter.name} is not of type {parameter.type}")
    return found


def broken_order(names: list[str]) -> list[str]:
    """Say what is wrong with the numbers of the chapters: they count from 01 without a gap."""
    numbers = [int(name[:2]) for name in sorted(names)]
    return [] if numbers == list(range(1, len(names) + 1)) else [f"the chapters are numbered {numbers}"]


def unknown_parameters(path: Path, chapters: dict[str, Path]) -> list[str]:
    """Name the parameters that a text's ``faceinv run`` examples use and the chapter does not have."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    found = []
    for chapter, options in re.findall(r"faceinv run (\w+)([^\n`|]*)", text):
        if chapter not in chapters:
            if re.match(r"\d", chapter):
                found.append(f"{path.name} runs {chapter}, which is no chapter")
            continue
        names = {parameter.name for parameter in read_parameters(chapters[chapter])}
        for name in re.findall(r"-p (\w+)", options):
            if name not in names:
                found.append(f"{path.name} runs {chapter} with parameter {name}, which it does not have")
    return found
