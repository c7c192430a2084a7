"""The files about the project agree with each other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from conftest import REPOSITORY
from nbformat.v4 import new_output
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONDA_NAMES = {"torch": "pytorch", "jupyter-client": "jupyter_client", "jupyter-core": "jupyter_core"}
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (("linux", "Linux", "x86_64"), ("darwin", "Darwin", "arm64"))

HERE = {name: str(value) for name, value in default_environment().items()}


def read_yaml(name: str) -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))


def read_lock(text: str, environment: dict[str, str]) -> dict[str, str]:
    """Read which version of each package a lock file has for a Python on a platform."""
    versions: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            pinned = Requirement(line)
            (pin,) = pinned.specifier
            assert pin.operator == "==", line
            assert "+" not in pin.version, f"{line} is a local version, which no index has"
            if pinned.marker is None or pinned.marker.evaluate(environment):
                assert canonicalize_name(pinned.name) not in versions, line
                versions[canonicalize_name(pinned.name)] = pin.version
    return versions


def unmet(project: dict[str, Any], versions: dict[str, str]) -> list[str]:
    """Say which direct requirements of the package and its extras a lock does not meet."""
    extras = project["optional-dependencies"]
    direct = [Requirement(line) for line in [*project["dependencies"], *extras["book"], *extras["test"]]]
    return [
        str(each)
        for each in direct
        if versions.get(canonicalize_name(each.name), "none") not in each.specifier
    ]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform[0])
def test_the_lock_meets_the_requirements(python: str, platform: tuple[str, str, str]) -> None:
    environment = HERE | {
        "python_version": python,
        "python_full_version": f"{python}.9",
        **dict(zip(("sys_platform", "platform_system", "platform_machine"), platform, strict=True)),
    }
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    versions = read_lock((REPOSITORY / "requirements.lock").read_text(), environment)
    assert unmet(project, versions) == [], "make lock completes requirements.lock"


def test_a_lock_that_does_not_meet_the_requirements_is_seen() -> None:
    extras = {"book": ["c>=1"], "test": ["d"]}
    project = {"dependencies": ["a>=2", "b<3"], "optional-dependencies": extras}
    lock = "# made by hand\na==1.9\nb==2 ; python_version < '3.12'\nb==3 ; python_version >= '3.12'\nd==7\n"
    assert unmet(project, read_lock(lock, HERE | {"python_version": "3.11"})) == ["a>=2", "c>=1"]
    assert unmet(project, read_lock(lock, HERE | {"python_version": "3.12"})) == [
        "a>=2",
        "b<3",
        "c>=1",
    ]


def test_the_lock_names_no_index() -> None:
    text = (REPOSITORY / "requirements.lock").read_text()
    assert "://" not in text and "--" not in text


def test_the_hashed_lock_has_the_versions_of_the_lock_and_a_hash_for_each() -> None:
    """Both are compared as text without hashes; a file without one would be installed unchecked."""
    plain, hashed = (
        (REPOSITORY / name).read_text(encoding="utf-8")
        for name in ("requirements.lock", "requirements.hashed.lock")
    )
    entries = re.sub(r" \\\n\s+", " ", hashed).splitlines()
    entries = [line for line in entries if line and not line.startswith("#")]
    assert all(" --hash=sha256:" in line for line in entries)
    pins = [line.split(" --hash")[0].strip() for line in entries]
    assert pins == [line for line in plain.splitlines() if line and not line.startswith("#")]
    assert "://" not in hashed


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


def commands(job: dict[str, Any]) -> list[str]:
    return [step.get("run", "") for step in job["steps"]]


def test_workflows_call_make() -> None:
    jobs = read_yaml(".github/workflows/tests.yml")["jobs"]
    assert {"make test", "make coverage"} <= set(commands(jobs["test"]))
    assert "make test LOCK=" in commands(jobs["newest"])
    assert "make mutants" in commands(jobs["mutants"])
    assert "make test LOCK= RESOLUTION=lowest-direct" in commands(jobs["lowest"])
    assert "make audit" in commands(read_yaml(".github/workflows/audit.yml")["jobs"]["audit"])
    assert "make book" in commands(read_yaml(".github/workflows/book.yml")["jobs"]["build"])


def test_workflows_test_every_python_on_linux_and_one_on_macos() -> None:
    matrix = read_yaml(".github/workflows/tests.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest"] and tuple(matrix["python"]) == PYTHONS
    assert matrix["include"] == [{"os": "macos-latest", "python": "3.12"}]


def test_hooks_run_programs_that_the_tests_install() -> None:
    hooks = {hook["id"]: hook for hook in read_yaml(".pre-commit-config.yaml")["repos"][0]["hooks"]}
    assert {"ruff", "ruff-format", "mypy", "imports", "notebooks"} == set(hooks)
    programs = Path(sys.executable).parent
    for hook in hooks.values():
        assert hook["language"] == "system"
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/") and (programs / program.removeprefix(".venv/bin/")).exists()


def test_the_hook_of_notebooks_takes_outputs_out_and_nothing_else(tmp_path: Path) -> None:
    hooks = {hook["id"]: hook for hook in read_yaml(".pre-commit-config.yaml")["repos"][0]["hooks"]}
    program, *options = hooks["notebooks"]["entry"].split()
    (chapter,) = (REPOSITORY / "notebooks").glob("01_*.ipynb")
    clean, run = tmp_path / "clean.ipynb", tmp_path / "run.ipynb"
    shutil.copy(chapter, clean)
    notebook = nbformat.read(chapter, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [new_output("stream", text="3")], 1
    nbformat.write(notebook, run)
    command = [str(Path(sys.executable).with_name(Path(program).name)), *options, str(clean), str(run)]
    subprocess.run(command, check=True, capture_output=True)
    assert clean.read_bytes() == run.read_bytes() == chapter.read_bytes()


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *arguments]
    # Settings of the make that runs these tests are not meant for the one that is tested.
    outside = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MAKEFLAGS", "MAKEOVERRIDES", "LOCK")
    }
    return subprocess.run(command, cwd=REPOSITORY, env=outside, text=True, capture_output=True, check=False)


def test_make_teaches_its_commands_and_knows_them() -> None:
    shown = set(re.findall(r"^make (\w+)", make("help").stdout, re.M))
    assert shown == {
        "book",
        "check",
        "test",
        "coverage",
        "mutants",
        "faults",
        "lint",
        "lock",
        "audit",
        "bundles",
        "clean",
    }
    assert "faceinv book --profile smoke" in make("--dry-run", "book", "PROFILE=smoke").stdout


def test_make_installs_what_is_locked_unless_told_otherwise(tmp_path: Path) -> None:
    venv = f"VENV={tmp_path / 'venv'}"
    assert "--constraint requirements.lock --editable" in make("--dry-run", "book", venv).stdout
    assert "--constraint" not in make("--dry-run", "book", venv, "LOCK=").stdout
    assert "--resolution highest" in make("--dry-run", "book", venv).stdout
    lowest = make("--dry-run", "test", venv, "LOCK=", "RESOLUTION=lowest-direct").stdout
    assert "--resolution lowest-direct --editable" in " ".join(lowest.split())
    hashed = make("--dry-run", "book", venv, "HASHES=1").stdout
    assert "--require-hashes --requirement requirements.hashed.lock" in hashed
    assert "--no-deps --editable ." in hashed and "--constraint" not in hashed


@pytest.mark.slow
def test_types() -> None:
    mypy = [sys.executable, "-m", "mypy"]
    done = subprocess.run(mypy, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "test", "coverage"])
def test_make_checks_form_types_and_imports_before_tests(command: str) -> None:
    lines = make("--dry-run", command).stdout.splitlines()
    (tests,) = (line for line in lines if "-m pytest" in line)
    checks = ["ruff format --check .", "ruff check .", "lint-imports"]
    for check in checks + ["mypy"] * (command == "check"):  # in the others, `test_types`
        (place,) = (i for i, line in enumerate(lines) if line.endswith(f"bin/{check}"))
        assert place < lines.index(tests)
    assert ('-m "not slow"' in tests) == (command == "check")
    assert ("--cov" in tests) == (command == "coverage")


def test_make_refuses_an_old_python(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make("book", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "faceinv needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / "venv").exists()
