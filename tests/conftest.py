"""What tests share: the book in its smallest profile, throwaway books, and a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from notebook_page import Notebook
from small_chapters import BEHIND, FIGURE, FORMULAS, MATRIX

from faceinv.runtime.jsonschema_import import without_grammar

with without_grammar():
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

REPOSITORY = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Every other machine is closed.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    # A camera that shows a pattern, for the page that looks into one.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
PARAMETERS = 'profile: str = "quick"  # how much to run'

MakeBook = Callable[..., Path]
Show = Callable[..., Notebook]

SHARED = ("small_site", "explored_site")
"""Fixtures that many files use, and that take long to make, in each process anew."""
BUILDERS = "tests/book/"
"""Where the tests are that build the book in its smallest profile, which others then look at."""

IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ
ONE_CORE = {"OMP_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1"}
if IN_PARALLEL:  # each of several processes has one core; PyTorch reads this when it is imported
    os.environ.update(ONE_CORE)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what looks at pages as slow; under ``pytest -n`` keep what shares fixtures in one process.

    A group is a file; all tests that use `small_site` are one group, and so are those of `explored_site`, so
    that each is built once. The book in its smallest profile is built once by the first group. Of the others,
    those with more slow tests start earlier; then comes what looks at that book, test by test in any process,
    and last the groups of fast tests, which fill what time the processes have left.
    """
    groups, order = {}, {}
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if {"smoke_book", "small_site", "browser"}.intersection(fixtures):
            item.add_marker(pytest.mark.slow)
        shared = (name for name in SHARED if name in fixtures)
        groups[item], order[item] = next(shared, item.nodeid.split("::")[0]), 1
        if "smoke_book" in fixtures:
            builds = item.nodeid.startswith(BUILDERS)
            groups[item], order[item] = ("smoke_book", 0) if builds else (item.nodeid, 2)
        item.add_marker(pytest.mark.xdist_group(groups[item]))
    if IN_PARALLEL:
        slow = Counter(groups[item] for item in items if item.get_closest_marker("slow"))
        fast = {item: 3 for item in items if not slow[groups[item]]}
        items.sort(key=lambda item: (fast.get(item, order[item]), -slow[groups[item]], groups[item]))


def copy_frame(root: Path) -> None:
    """Copy the settings, extension and style of the book, without its chapters."""
    shutil.copy(REPOSITORY / "_config.yml", root)
    for name in ("_ext", "_static"):
        shutil.copytree(
            REPOSITORY / "book" / name, root / "book" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(REPOSITORY / "book" / "references.bib", root / "book")


def write_chapter(path: Path, code: str, text: str = "", parameters: str = PARAMETERS) -> None:
    """Write a notebook of a heading with text, a parameters cell and one cell of code."""
    cells = [
        new_markdown_cell(f"# Chapter {path.stem}\n\n{text}"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(code),
    ]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}), path)


@pytest.fixture
def make_book(tmp_path: Path) -> MakeBook:
    """Make a throwaway book in a temporary folder: ``make_book({"01_a": "print(1)"})`` returns the folder."""

    def make(chapters: dict[str, str], text: str = "", parameters: str = PARAMETERS) -> Path:
        root = tmp_path / "book of a test"  # with a blank, as folders have
        (root / "book").mkdir(parents=True)
        (root / "notebooks").mkdir()
        copy_frame(root)
        (root / "book" / "index.md").write_text("# First page\n\nText.\n")
        for name, code in chapters.items():
            write_chapter(root / "notebooks" / f"{name}.ipynb", code, text, parameters)
        write_toc(root, list(chapters))
        return root

    return make


def write_toc(root: Path, chapters: list[str]) -> None:
    """Write a table of contents of some chapters."""
    lines = ["format: jb-book", "root: book/index", "chapters:"]
    (root / "_toc.yml").write_text(
        "\n".join([*lines, *(f"- file: book/chapters/{c}" for c in chapters)]) + "\n"
    )


@pytest.fixture(scope="session")
def smoke_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book itself, executed in the smoke profile with an empty cache, and built; returns its folder.

    Under ``pytest -n`` one process builds it for all of them, which wait until it is there.
    """
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if IN_PARALLEL else base) / "smoke"
    with FileLock(root.with_suffix(".lock")):
        if not (said := root.with_suffix(".said")).exists():
            root.mkdir()
            said.write_text(build_smoke_book(root))
    if text := said.read_text():
        pytest.fail(f"the book could not be built:\n{text}", pytrace=False)
    return root


def build_smoke_book(root: Path) -> str:
    """Execute and build the book in an empty folder; what the command said if it failed, else nothing."""
    copy_frame(root)
    for page in (REPOSITORY / "book").iterdir():
        if page.name not in ("chapters", "_ext", "_static"):
            (shutil.copytree if page.is_dir() else shutil.copy)(page, root / "book" / page.name)
    shutil.copytree(REPOSITORY / "notebooks", root / "notebooks")
    for name in ("_toc.yml", "CITATION.cff"):
        shutil.copy(REPOSITORY / name, root)
    # Two chapters at a time compute in their kernels, although each process of the tests has one core: others
    # wait for this book. To start workers takes longer than what so small a grid computes.
    cores = {"LOKY_MAX_CPU_COUNT": str(os.cpu_count()), "FACEINV_WORKERS": "1"}
    done = run_faceinv("book", "--profile", "smoke", cwd=root, **cores)
    return f"{done.stdout}\n{done.stderr}" if done.returncode else ""


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built book of chapters: a figure beside formulas, neither, and two with faces behind their points."""
    from faceinv.book import build

    root = tmp_path_factory.mktemp("site")
    (root / "notebooks").mkdir()
    (root / "book").mkdir()
    copy_frame(root)
    (root / "book" / "index.md").write_text("# First page\n\nText, and {doc}`a chapter <chapters/01_a>`.\n")
    write_chapter(root / "notebooks" / "01_a.ipynb", FIGURE, FORMULAS)
    write_chapter(root / "notebooks" / "02_b.ipynb", "print('text')", "Just text.")
    write_chapter(root / "notebooks" / "03_c.ipynb", BEHIND)
    write_chapter(root / "notebooks" / "04_d.ipynb", MATRIX)
    write_toc(root, ["01_a", "02_b", "03_c", "04_d"])
    return build.build_book(root).parent


@pytest.fixture(scope="session")
def explored_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built book of a page with an explorer, and one without; returns the folder of its sources."""
    from explored_site import build_site

    return build_site(tmp_path_factory.mktemp("explorer"))


@pytest.fixture
def fixed_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let the package be one file, so that editing the real one while tests run changes nothing."""
    from faceinv.book import build

    source = tmp_path / "module.py"
    source.write_text("VALUE = 1\n")
    monkeypatch.setattr(build, "source_fingerprint", lambda *_, subfolders: build.hash_files([source]))
    return source


def run_faceinv(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with a cache of the folder's own, and with environment variables."""
    environment = os.environ | {"FACEINV_CACHE": str(cwd / "cache")} | variables
    command = [sys.executable, "-m", "faceinv.cli", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, text=True, capture_output=True, check=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium. Without one the test is skipped; under CI it fails."""
    named = os.environ.get("FACEINV_CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed, and CI must look at the pages")
        pytest.skip("Chromium is not installed (apt-get install chromium, or name one in FACEINV_CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def explored_page(explored_site: Path, browser: Any, serve: Callable[..., str]) -> Iterator[Any]:
    """A page with an explorer at work, and every other machine closed; nothing may go wrong in it."""
    from explored_site import READY
    from page_checks import check, open_page

    home = serve(explored_site / "_build" / "html")
    context = browser.new_context()
    seen = open_page(context, f"{home}/book/index.html", home)
    seen.page.wait_for_function(READY)
    yield seen
    check(seen, "the page with the explorer")
    context.close()


@pytest.fixture
def show(browser: Any) -> Iterator[Show]:
    """Show a widget in a page of its own; nothing may go wrong in it."""
    shown = []

    def start(widget: Any, **options: Any) -> Notebook:
        theme = options.pop("theme", "light")
        context = browser.new_context(**options)
        shown.append(Notebook(context.new_page(), widget, theme))
        return shown[-1]

    yield start
    for notebook in shown:
        assert not notebook.errors
        notebook.page.context.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve sites as `faceinv serve` does: ``serve(folder)`` returns the address."""
    from faceinv.commands.book_server import BookServer  # after the cores of the process are set

    with ExitStack() as servers:

        def start(folder: Path, *kernels: str) -> str:
            server = servers.enter_context(BookServer(folder, kernels=kernels))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return f"http://127.0.0.1:{server.port}"

        yield start
