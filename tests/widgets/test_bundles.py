"""The scripts that notebooks take are bundled of the modules as they are."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

from faceinv.widgets.explorer import FOLDER

HEAD = re.compile(r"// Made by \S+; sha256 of (.*): (\w{64})\n")
BUNDLES = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "bundles").iterdir()}


def test_every_module_that_a_notebook_calls_is_bundled() -> None:
    modules = [path for path in FOLDER.glob("*.js") if "export default" in path.read_text(encoding="utf-8")]
    assert sorted(BUNDLES) == sorted(path.name for path in modules)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_of_the_scripts_as_they_are(name: str) -> None:
    head = HEAD.match(BUNDLES[name])
    assert head is not None
    names = head[1].split(", ")
    assert name in names
    contents = [f"{each}\0".encode() + (FOLDER / each).read_bytes() for each in names]
    assert hashlib.sha256(b"".join(contents)).hexdigest() == head[2], "make bundles bundles them anew"


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_needs_no_other_file(name: str) -> None:
    assert not re.search(r"^import |\bimport\(", BUNDLES[name], re.MULTILINE)
    assert re.search(r"\w+ as default\n\};\n$", BUNDLES[name])


@pytest.mark.slow
def test_bundles_are_what_esbuild_makes_of_the_scripts(tmp_path: Path) -> None:
    script, made = REPOSITORY / "scripts" / "bundle_widgets.py", tmp_path / "out"
    command = [sys.executable, str(script), "--out", str(made), "--installed", str(tmp_path / "esbuild")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "npm" in done.stderr:
        pytest.skip("esbuild could not be installed by npm")
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text(encoding="utf-8") for path in made.iterdir()} == BUNDLES
