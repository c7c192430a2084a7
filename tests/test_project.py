"""The files about the project agree with each other."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY

CONDA_NAMES = {"torch": "pytorch"}


def read_yaml(name: str) -> dict[str, object]:
    return yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))


def test_environment_has_the_requirements_of_the_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    required = set(project["dependencies"]) | set(project["optional-dependencies"]["book"])
    renamed = {re.sub(r"^[\w.-]+", lambda m: CONDA_NAMES.get(m[0], m[0]), line) for line in required}
    dependencies = read_yaml("environment.yml")["dependencies"]
    assert isinstance(dependencies, list)
    (pip,) = (entry["pip"] for entry in dependencies if isinstance(entry, dict))
    named = [entry for entry in [*dependencies, *pip] if isinstance(entry, str)]
    assert len(set(named)) == len(named)
    assert set(named) == renamed | {f"python{project['requires-python']}", "pip", "-e .[book]"}


def test_citation_and_package_are_of_one_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    citation = read_yaml("CITATION.cff")
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]


@pytest.mark.parametrize("name", ["tests", "book"])
def test_workflows_call_make(name: str) -> None:
    jobs = read_yaml(f".github/workflows/{name}.yml")["jobs"]
    assert isinstance(jobs, dict)
    steps = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert f"make {name.removesuffix('s')}" in steps


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, text=True, capture_output=True, check=False)


def test_make_teaches_its_commands_and_knows_them() -> None:
    shown = make("help").stdout
    assert "make book" in shown
    assert "make test" in shown
    assert "faceinv book --profile smoke" in make("--dry-run", "book", "PROFILE=smoke").stdout


def test_make_refuses_an_old_python(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make("book", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "faceinv needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / "venv").exists()
