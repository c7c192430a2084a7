"""Fingerprints follow the imports: what changes them, and what does not, in a copy of the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import REPOSITORY

from faceinv.errors import InputError
from faceinv.runtime import fingerprints

PACKAGE = REPOSITORY / "faceinv"
CACHED = sorted(
    "faceinv." + file.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
    for file in PACKAGE.rglob("*.py")
    if re.search(r"^@disk_cached$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
)
"""Modules with a cached function, all of which look at faces."""

PRINT = """
import json, sys
from faceinv.runtime.fingerprints import fingerprint
print(json.dumps({name: fingerprint(name) for name in sys.argv[1:]}))
"""


class Copy:
    """A copy of the package, to edit."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.package = folder / "faceinv"
        skip = shutil.ignore_patterns("__pycache__", "bases")
        shutil.copytree(PACKAGE, self.package, ignore=skip)
        self.environment = os.environ | {"PYTHONPATH": str(folder), "FACEINV_CACHE": str(cache)}
        self.folder = folder  # where commands run, so that this copy is what they import

    def fingerprints(self, *names: str) -> dict[str, str]:
        command = [sys.executable, "-c", PRINT, *(names or CACHED)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def changed(self, edit: Callable[[], object]) -> set[str]:
        """Modules with a cached function whose fingerprint an edit changes."""
        before = self.fingerprints()
        edit()
        after = self.fingerprints()
        return {name for name in CACHED if before[name] != after[name]}

    def append(self, file: str, text: str) -> None:
        with (self.package / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    def replace(self, file: str, pattern: str, text: str) -> None:
        """Replace the first place that matches a pattern."""
        path = self.package / file
        new, count = re.subn(pattern, text, path.read_text(encoding="utf-8"), count=1)
        assert count == 1, f"{file} has no {pattern}"
        path.write_text(new, encoding="utf-8")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digests of files that no test edits, which are computed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def copy(tmp_path: Path, cache: Path) -> Copy:
    return Copy(tmp_path, cache)


CODE = "\n\nADDED = 1\n"
SAMPLES = ("data.sources", "models.training_runs", "experiments.explanations")
STUDIES = {name for name in CACHED if name.count(".") == 3 and ".experiments." in name}


def test_the_cached_functions_are_found() -> None:
    assert {f"faceinv.{name}" for name in SAMPLES} <= set(CACHED)
    assert len(STUDIES) >= 6


def test_a_byte_of_the_head_changes_all_that_looks_at_faces(copy: Copy) -> None:
    head = copy.package / "data" / "faces" / "head.npz"

    def flip() -> None:
        content = bytearray(head.read_bytes())
        content[len(content) // 2] ^= 1
        head.write_bytes(content)

    assert copy.changed(flip) == set(CACHED)


def test_figures_pages_widgets_and_commands_change_nothing(copy: Copy) -> None:
    def edit() -> None:
        for room in ("figures", "widgets", "commands", "book", "book/pages", "reporting"):
            files = [
                file for file in (copy.package / room).iterdir() if file.suffix in (".py", ".js", ".css")
            ]
            assert files
            for file in files:
                copy.append(f"{room}/{file.name}", CODE if file.suffix == ".py" else "\n/* */\n")
        copy.append("cli.py", CODE)

    assert copy.changed(edit) == set()


def test_another_size_of_a_profile_changes_nothing_that_was_computed_at_other_sizes(copy: Copy) -> None:
    assert copy.changed(lambda: copy.append("experiments/profiles.py", CODE)) == set()


def test_messages_docstrings_comments_and_formatting_change_nothing(copy: Copy) -> None:
    edits = (
        (r'(raise InputError\(\s*f?")', r"\1Reworded: "),
        (r'\A"""', '"""Reworded: '),  # of modules
        (r'(\n *""")(?=[A-Z])', r"\1Reworded: "),  # of functions, classes and constants
        (r"\nADDED = 1\n", "\nADDED = (\n    1  # reworded\n)\n"),
    )
    made = dict.fromkeys(edits, 0)
    copy.append("experiments/invariance/tolerance.py", CODE)

    def edit() -> None:
        for path in copy.package.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for pattern, new in edits:
                text, count = re.subn(pattern, new, text)
                made[pattern, new] += count
            path.write_text(f"{text}\n# A comment.\n", encoding="utf-8")

    assert copy.changed(edit) == set()
    assert all(made.values()), made


MASKING = {
    f"faceinv.experiments.{name}"
    for name in ("relevance.faithfulness", "benchmark.parts", "benchmark.random_labels")
}
"""The study of masking, and the benchmark of attribution methods, which masks as it does."""


def test_a_number_changes_what_depends_on_it(copy: Copy) -> None:
    file = "experiments/invariance/tolerance.py"
    names = ("tolerance", "layer_similarity", "probes", "training_paths")
    copy.append(file, CODE)
    changed = copy.changed(lambda: copy.replace(file, "ADDED = 1", "ADDED = 2"))
    assert changed == {f"faceinv.experiments.invariance.{name}" for name in names}


@pytest.mark.parametrize("study", ["relevance.map_agreement", "relevance.face_similarity"])
def test_an_edit_of_one_study_changes_no_other(copy: Copy, study: str) -> None:
    file = f"experiments/{study.replace('.', '/')}.py"
    assert copy.changed(lambda: copy.append(file, CODE)) == {f"faceinv.experiments.{study}"}


def test_an_edit_of_masking_changes_it_and_the_benchmark_that_masks(copy: Copy) -> None:
    assert copy.changed(lambda: copy.append("experiments/relevance/faithfulness.py", CODE)) == MASKING


def test_what_is_imported_within_a_function_counts(copy: Copy) -> None:
    text = (copy.package / "data/faces/face_images.py").read_text(encoding="utf-8")
    assert "\n    from faceinv.data.faces.studio import" in text
    assert copy.changed(lambda: copy.append("data/faces/studio.py", CODE)) == set(CACHED)


def test_the_packages_around_a_module_count(copy: Copy) -> None:
    changed = copy.changed(lambda: copy.append("experiments/invariance/__init__.py", CODE))
    assert changed == {name for name in STUDIES if ".invariance." in name}


@pytest.mark.slow
def test_a_new_file_counts_once_it_is_imported(copy: Copy) -> None:
    new = copy.package / "perturbations" / "new.py"
    assert copy.changed(lambda: new.write_text("VALUE = 1\n")) == set()
    study = "experiments/relevance/faithfulness.py"
    copy.replace(study, r"\nimport numpy as np\n", "\nimport numpy as np\nimport faceinv.perturbations.new\n")
    assert copy.changed(lambda: new.write_text("VALUE = 2\n")) == MASKING


def test_imports_for_type_checking_do_not_count(copy: Copy) -> None:
    lines = "\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from faceinv.figures import charts\n"
    copy.append("errors.py", lines)
    assert copy.changed(lambda: copy.append("figures/charts.py", CODE)) == set()


def test_data_in_subfolders_count_only_where_they_are_asked_for(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bases(subfolders: bool) -> list[str]:
        files = fingerprints.data_files("faceinv.models.pretraining", subfolders=subfolders)
        return [file.name for file in files if file.parent.name == "bases"]

    assert not bases(False)
    assert "faces-vgg16_bn-0.safetensors" in bases(True)
    new = copy.package / "models" / "bases" / "new.safetensors"
    new.parent.mkdir()
    assert copy.changed(lambda: new.write_bytes(b"1")) == set()


def test_versions_are_those_of_all_libraries_upstream() -> None:
    for name in CACHED:
        found = fingerprints.versions(name)
        assert {"numpy", "pandas", "pillow", "scipy", "torch", "torchvision", "embreex"} <= set(found), name
        assert found["pillow"] == version("pillow")
        assert not {"json", "os", "PIL", "plotly", "ipython"} & set(found)
    assert "zennit" in fingerprints.versions("faceinv.experiments.explanations")
    assert "zennit" not in fingerprints.versions("faceinv.data.sources")
    assert fingerprints.versions("faceinv.errors", "sklearn", "yaml", "no_such_library") == {
        "no_such_library": "absent",
        "PyYAML": version("PyYAML"),
        "scikit-learn": version("scikit-learn"),
    }


def test_libraries_that_only_an_extra_brings_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """As OpenCV, which the tests install, and without which the book is built."""
    name = "faceinv.data.sources"
    assert "cv2" in fingerprints.upstream(name)
    found = fingerprints.versions.__wrapped__(name)
    real = fingerprints._distribution
    state = ("cv2", "absent")
    monkeypatch.setattr(
        fingerprints, "_distribution", lambda library: state if library == "cv2" else real(library)
    )
    for state in (("cv2", "absent"), ("opencv-python", "9.9"), ("opencv_python_headless", "9.8")):
        assert fingerprints.versions.__wrapped__(name) == found
        assert fingerprints.versions.__wrapped__("cv2") == {state[0]: state[1]}
    assert not [each for each in found if "opencv" in each.lower() or each == "cv2"]


def test_another_version_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "faceinv.data.sources"
    before = fingerprints.fingerprint.__wrapped__(name)
    other = fingerprints.versions(name) | {"scipy": "0.0"}
    monkeypatch.setattr(fingerprints, "versions", lambda *_: other)
    assert fingerprints.fingerprint.__wrapped__(name) != before


def test_a_package_stands_for_all_in_it() -> None:
    modules = fingerprints.upstream("faceinv.experiments.invariance")
    assert {f"faceinv.experiments.invariance.{name}" for name in ("tolerance", "first_layer")} <= modules
    assert {"faceinv", "faceinv.experiments", "faceinv.errors", "numpy"} <= modules
    assert not any(module.startswith("faceinv.experiments.relevance") for module in modules)
    with pytest.raises(InputError, match=r"there is no module faceinv\.nothing"):
        fingerprints.upstream("faceinv.nothing")


def test_no_list_of_file_names_is_kept_by_hand() -> None:
    """Nowhere in the package do two names of source files stand in one literal list."""
    listed = re.compile(r"""["'][\w/]+\.py["'],\s*["'][\w/]+\.py["']""")
    assert not [file for file in PACKAGE.rglob("*.py") if listed.search(file.read_text(encoding="utf-8"))]
