"""The recipes of CONTRIBUTING.md, followed: each block of code is put where its first line says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

BLOCK = re.compile(r"^### (.+?)$|^```(?:python|yaml)\n# (\S+), (.+?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A block of code of a recipe, the file that it goes into, and where in it."""

    recipe: str
    file: str
    place: str
    code: str


def read_steps(text: str) -> Iterator[Step]:
    """The steps of all recipes of a page, in its order."""
    recipe = ""
    for match in BLOCK.finditer(text):
        heading, file, place, code = match.groups()
        if heading:
            recipe = heading
        else:
            yield Step(recipe, file, place, code)


def follow(step: Step, root: Path) -> None:
    """Put the code of a step where it belongs in a copy of the project."""
    path = root / step.file
    if path.suffix == ".ipynb":
        _into_notebook(step, path)
        return
    if step.place == "new":
        assert not path.exists(), f"{path} exists already"
        path.write_text(step.code, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    word, _, name = step.place.rpartition(" ")
    if step.place == "at the end":
        text = f"{text.rstrip()}\n\n\n{step.code}"
    elif step.place == "below the imports":
        imports = [n for n in ast.parse(text).body if isinstance(n, ast.Import | ast.ImportFrom)]
        text = _inserted(text, imports[-1].end_lineno or 0, step.code)
    elif word == "above" and path.suffix == ".yml":
        line = text.splitlines().index(f"- id: {name}")
        text = _inserted(text, line, f"{step.code}\n")
    elif word == "above":
        text = _inserted(text, _definition(text, name).lineno - 1, f"{step.code}\n\n")
    elif word == "last in":
        text = _appended(text, _entries(_definition(text, name)), step.code)
    elif word == "below":
        line = next(i for i, line in enumerate(text.splitlines(), 1) if name in line)
        text = _inserted(text, line, step.code)
    else:
        raise AssertionError(f"{step.file} has a block {step.place!r}, which no rule puts anywhere")
    path.write_text(text, encoding="utf-8")


def _into_notebook(step: Step, path: Path) -> None:
    """Make a notebook of cells that begin with ``# %%``, or put code before the call of a function."""
    if step.place == "new":
        cells = []
        for kind, code in re.findall(r"^# %%(.*)\n((?:(?!# %%).*\n)*)", step.code, re.MULTILINE):
            if "markdown" in kind:
                cells.append(new_markdown_cell(re.sub(r"^# ?", "", code.strip(), flags=re.MULTILINE)))
            else:
                tags = {"tags": ["parameters"]} if "parameters" in kind else {}
                cells.append(new_code_cell(code.strip(), metadata=tags))
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
        return
    name = step.place.removeprefix("before ")
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (c for c in notebook.cells if c.cell_type == "code" and f"\n{name}(" in c.source)
    cell.source = cell.source.replace(f"\n{name}(", f"\n{step.code}{name}(")
    nbformat.write(notebook, path)


def _definition(text: str, name: str) -> ast.Assign | ast.AnnAssign:
    """The assignment at the top of a module to a name."""
    for node in ast.parse(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in [
            target.id for target in targets if isinstance(target, ast.Name)
        ]:
            return node
    raise AssertionError(f"the module has no {name}")


def _entries(node: ast.AST) -> list[ast.expr]:
    """The entries of the registry that is assigned: of the tuple that it runs over, or of its dictionary."""
    for part in ast.walk(node):
        if isinstance(part, ast.DictComp) and isinstance(part.generators[0].iter, ast.Tuple):
            return part.generators[0].iter.elts
    return next(part.values for part in ast.walk(node) if isinstance(part, ast.Dict))


def _appended(text: str, entries: list[ast.expr], code: str) -> str:
    """The text with code behind the last of some entries."""
    last = entries[-1]
    lines = text.splitlines(keepends=True)
    line = lines[(last.end_lineno or 0) - 1].encode()
    before, behind = line[: last.end_col_offset].decode(), line[last.end_col_offset :].decode()
    behind = behind.removeprefix(",")
    lines[(last.end_lineno or 0) - 1] = f"{before},\n{code.rstrip()},{behind}"
    return "".join(lines)


def _inserted(text: str, line: int, code: str) -> str:
    """The text with code behind its first lines, as many as `line`."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:line], code, *lines[line:]])
