"""Sphinx extension of the book: every script is local, loaded once, and only where it is needed."""

import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from faceinv.chapters import CHAPTERS
from faceinv.page import mathjax_file

ASSETS = Path(__file__).parent / "assets"


def copy_assets(app: Sphinx) -> None:
    """Copy plotly's script, MathJax's and our own into ``_static/assets``.

    They are not in ``html_static_path`` because Jupyter Book would load each script there on each page.
    """
    folder = Path(app.outdir) / "_static" / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files("plotly") / "package_data" / "plotly.min.js") as plotly:
        sources = {"plotly.min.js": plotly, "mathjax.js": mathjax_file(), "themed.js": ASSETS / "themed.js"}
        for name, source in sources.items():
            if not is_copied(source, folder / name):
                shutil.copy2(source, folder / name)


def is_copied(source: Path, target: Path) -> bool:
    """Tell whether `target` is a copy of `source`, by size and time."""
    if not target.is_file():
        return False
    there, here = source.stat(), target.stat()
    return there.st_size == here.st_size and int(there.st_mtime) == int(here.st_mtime)


def choose_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Load plotly and MathJax on the pages that need them, and Thebe, which is fetched from afar, on none.

    Plotly goes before any other script, because under require.js, should a page bring it, plotly would
    register as a module instead of becoming the global that the figures call; and it is not deferred, because
    they call it while the page is read.
    """
    body = context.get("body", "")
    if "plotly-graph-div" in body:
        app.add_js_file("assets/plotly.min.js", priority=1)
        app.add_js_file("assets/themed.js", loading_method="defer")
    unwanted = ["thebe"] if 'class="math' in body else ["thebe", "mathjax"]
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not any(name in f"{script.filename} {script.attributes.get('body')}".lower() for name in unwanted)
    ]


def name_repository(app: Sphinx, config: Config) -> None:
    """Point the repository and launch buttons to where the book is built from, or leave them out."""
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
    """Let launch buttons open the committed notebook: the executed one is in no repository."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if group.get("label") == "launch-buttons" and "url" in button:
                button["url"] = button["url"].replace(f"{CHAPTERS}/", "notebooks/")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension."""
    app.connect("config-inited", name_repository, priority=100)
    app.connect("builder-inited", copy_assets)
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("html-page-context", launch_source, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
