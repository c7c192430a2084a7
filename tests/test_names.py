"""A name at the top of a module stands for one thing in the whole package, and no file is too long."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY

COMMANDS = REPOSITORY / "faceinv/cli"
"""Its functions are named as the commands are typed, and so as what they call."""

BUNDLES = REPOSITORY / "faceinv/widgets/bundles"
"""What esbuild writes of the widgets' modules, which nobody edits."""

LONGEST = 400
CODE = (".py", ".js", ".css")


def definitions(module: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Public names that a module defines at its top, with what each stands for."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        else:
            continue
        yield from ((name, node) for name in names if not name.startswith("_"))


def collisions(modules: list[Path]) -> dict[str, list[str]]:
    """Names that stand for different things, with the modules in which they do."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for module in modules:
        for name, node in definitions(module):
            found[name][module.name].append(ast.dump(node))
    return {
        name: list(kinds)
        for name, kinds in found.items()
        if any(kind != next(iter(kinds.values())) for kind in kinds.values())
    }


def test_a_name_stands_for_one_thing() -> None:
    modules = [
        path for path in sorted((REPOSITORY / "faceinv").rglob("*.py")) if COMMANDS not in path.parents
    ]
    assert collisions(modules) == {}


def test_collisions_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def show(x): return x\nSAME = 1\n_own = 1\nX: int = 1\n")
    (tmp_path / "b.py").write_text("def show(y): return y\nSAME = 1\n_own = 2\nclass X: pass\n")
    assert collisions([tmp_path / "a.py", tmp_path / "b.py"]) == {
        "show": ["a.py", "b.py"],
        "X": ["a.py", "b.py"],
    }


@pytest.mark.parametrize("folder", ["faceinv", "scripts", "benchmarks", "tests", "book/_ext", "book/_static"])
def test_no_file_is_longer_than_a_reader_can_follow(folder: str) -> None:
    lengths = {
        path.relative_to(REPOSITORY).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in (REPOSITORY / folder).rglob("*")
        if path.suffix in CODE and path.parent != BUNDLES
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
