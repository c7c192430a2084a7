"""What `import faceinv` offers: quickly, by the same names everywhere, with examples that hold."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import REPOSITORY
from torch import nn

import faceinv

HOMES: dict[str, str] = vars(faceinv)["_HOMES"]
"""The module of each name, which is no public name itself and in no stub."""

WITHOUT_EXAMPLE = {"ATTRIBUTION_METHODS", "CAUSES", "COMPOSITES", "InputError", "TRANSFORMATIONS"}

IMPORT = """
import json, sys, time
start = time.process_time()
import faceinv
took = time.process_time() - start
names = dir(faceinv)
print(json.dumps([took, names, sorted(sys.modules)]))
"""


def test_the_import_is_quick_and_loads_nothing_heavy() -> None:
    took = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True, text=True)
        seconds, names, modules = json.loads(done.stdout)
        took.append(seconds)
        assert set(faceinv.__all__) < set(names)
        assert not {"torch", "numpy", "pandas", "importlib.metadata"} & set(modules)
        assert [name for name in modules if name.startswith("faceinv")] == ["faceinv"]
    assert min(took) < 0.3


def test_names_are_those_of_the_modules_that_they_come_from() -> None:
    for name, module in HOMES.items():
        assert getattr(faceinv, name) is getattr(import_module(f"faceinv.{module}"), name)
    assert faceinv.__version__ == json.loads(json.dumps(faceinv.__version__))


def test_editors_and_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse((Path(faceinv.__file__).parent / "__init__.pyi").read_text())
    told = {
        each.asname: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    assert told == {name: f"faceinv.{module}" for name, module in HOMES.items()}
    assert (Path(faceinv.__file__).parent / "py.typed").is_file()


def test_the_reference_begins_with_the_public_names() -> None:
    page = (REPOSITORY / "book" / "api" / "faceinv.md").read_text()
    named = re.findall(r"^\.\. (?:auto\w+|py:data):: (\S+)", page, re.MULTILINE)
    assert named == [f"faceinv.{name}" for name in faceinv.__all__]


def test_a_name_that_is_not_there_is_named() -> None:
    with pytest.raises(
        AttributeError, match="has no attribute 'heatmap'; it has Classifier, load, relevance"
    ):
        getattr(faceinv, "heatmap")  # noqa: B009


@pytest.mark.parametrize("name", sorted(set(faceinv.__all__) - WITHOUT_EXAMPLE))
def test_examples_of_docstrings_hold(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    public = getattr(faceinv, name)
    names = {"np": np, "torch": torch, "nn": nn, "faceinv": faceinv, name: public}
    text = inspect.getdoc(public) or ""
    example = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    assert example.examples, f"{name} has no example"
    output: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    failed = runner.run(example, out=output.append).failed
    assert not failed, "".join(output)
