"""The recipes of CONTRIBUTING.md, followed in a copy of the project: each entry is found where it belongs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from recipes import Step, follow, read_steps

pytestmark = pytest.mark.slow

STEPS = list(read_steps((REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")))
TESTS = [step for step in STEPS if step.file.startswith("tests/")]
COPIED = (
    "faceinv",
    "tests",
    "notebooks",
    "book/claims.yml",
    "book/summaries.yml",
    "_toc.yml",
    "pyproject.toml",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which every recipe has been followed; bases are those of the original."""
    root = tmp_path_factory.mktemp("project")
    (root / "book").mkdir()
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(
                source, root / name, ignore=shutil.ignore_patterns("bases", "__pycache__", "browser")
            )
        else:
            shutil.copy(source, root / name)
    (root / "faceinv/models/bases").symlink_to(REPOSITORY / "faceinv/models/bases")
    for step in STEPS:
        follow(step, root)
    return root


def environment(root: Path, cache: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return inherited | {"PYTHONPATH": str(root), "FACEINV_CACHE": str(cache), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def found(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """What the studies of the copy find of each entry, on tiny networks."""
    done = subprocess.run(
        [sys.executable, REPOSITORY / "tests/support/added_entries.py"],
        cwd=project,
        env=environment(project, tmp_path_factory.mktemp("cache")),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, list] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_tests_of_all_recipes_pass_and_so_do_those_that_were_there(project: Path, tmp_path: Path) -> None:
    """An entry breaks none of the tests of its registry."""
    names = [f"{step.file}::{re.findall(r'def (test_[a-z_]+)', step.code)[0]}" for step in TESTS]
    assert len(names) >= 9
    files = ["perturbations", "reporting/test_claims.py", "notebooks", "lrp/test_composites.py"]
    command = [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", "-m", "not slow"]
    done = subprocess.run(
        [*command, *names, *(f"tests/{file}" for file in files)],
        cwd=project,
        env=environment(project, tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    for name in names:
        assert re.search(rf"^PASSED {re.escape(name)}", done.stdout, re.MULTILINE), name


def test_a_transformation_is_measured_in_chapters_8_to_10(found: dict[str, list]) -> None:
    assert {"contrast", "position"} <= set(found["A transformation"])


def test_a_control_mask_stands_in_the_tables_of_chapters_3_to_6(found: dict[str, list]) -> None:
    assert len(found["A control mask"]) == 5
    for names in found["A control mask"]:
        assert {"darkness", "local contrast"} <= set(names)


def test_a_fill_and_a_composite_are_compared_in_chapter_4(found: dict[str, list]) -> None:
    assert found["A fill"][-1] == "median" and found["A composite"][-1] == "epsilon-gamma"


def test_an_architecture_is_trained_at_its_pace_and_refused_where_no_rule_fits(
    found: dict[str, list],
) -> None:
    tested, batch, refused = found["An architecture"]
    assert tested > 0 and batch == 32
    assert "mobilenet_v3_small" in refused and "\n" not in refused


def test_sets_are_known_by_name(found: dict[str, list]) -> None:
    assert {"sides", "many_views", "frontal", "objects"} <= set(found["A set of stimuli"])


def test_a_cause_is_changed_in_chapter_1(found: dict[str, list]) -> None:
    assert found["A cause"][-1] == "freckles" and "nose shape" in found["A cause"]


def test_a_column_of_people_is_a_task(found: dict[str, list]) -> None:
    assert set(found["A task"]) == {"no", "yes"}


def test_a_claim_is_judged(found: dict[str, list], project: Path) -> None:
    assert found["A claim"] == ["trained-maps-differ", "supported"]
    assert 'results["trained-maps-differ"]' in (project / "notebooks/03_relevance.ipynb").read_text().replace(
        '\\"', '"'
    )


def test_a_chapter_is_listed_with_its_parameters_and_its_question(found: dict[str, list]) -> None:
    title, parameters, question = found["A chapter"]
    assert (title, parameters) == ("Brightness", ["profile"]) and question.endswith("?")


def test_a_chapter_runs_and_writes_its_table(project: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "faceinv.cli",
            "run",
            "16_brightness",
            "-p",
            "profile",
            "smoke",
            "--out",
            tmp_path,
        ],
        cwd=project,
        env=environment(project, tmp_path / "cache"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "16_brightness/brightness.csv").read_text().splitlines()
    assert {"gender", "estimate", "low", "high", "seeds"} <= set(table[0].split(","))
    assert [line.split(",")[0] for line in table[1:]] == ["female", "male"]
    assert "plotly-graph-div" in (tmp_path / "16_brightness/16_brightness.html").read_text(encoding="utf-8")


def test_profiles_objects_textures_and_explorers_are_known(found: dict[str, list]) -> None:
    assert found["A profile"][-1] == "evening" and found["A kind of object"][-1] == "capsule"
    assert found["A texture"][-2:] == ["bullseyes 3", "bullseyes 6"]
    assert found["An explorer in a notebook"] == [[], [32, 32]]


def test_every_recipe_is_followed(found: dict[str, list]) -> None:
    """Those without code in files are prose alone."""
    prose = {"A figure, or the faces behind its points"}
    headings = re.findall(
        r"^### (.+)$", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(headings) - prose == set(found)


def test_a_block_that_goes_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("X = {}\n")
    with pytest.raises(AssertionError, match=r"a\.py has a block 'beside X', which no rule puts anywhere"):
        follow(Step("A", "a.py", "beside X", "1\n"), tmp_path)
    with pytest.raises(AssertionError, match="the module has no Y"):
        follow(Step("A", "a.py", "last in Y", "1\n"), tmp_path)
