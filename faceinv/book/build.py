"""Build the book: execute the chapters that changed, then build the pages."""

import ast
import hashlib
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from faceinv.book.chapters import Chapter, execute_measured, kernel_environment, list_chapters, quiet_workers
from faceinv.book.forecast import Forecast, duration
from faceinv.book.kernels import begin_executor
from faceinv.book.page_record import are_built, page_sources, record_pages
from faceinv.book.pages.includes import CLAIMS, write_parts
from faceinv.book.parameters import read_parameters
from faceinv.book.paths import CHAPTERS, EXPLORED, HTML
from faceinv.errors import RunError
from faceinv.reporting.evidence import SHIPPED, check_shipped, read_manifest
from faceinv.runtime.atomic import PARTIAL, write_atomically
from faceinv.runtime.fingerprints import module_of, source_fingerprint, versions
from faceinv.runtime.json_files import read_object
from faceinv.runtime.jsonschema_import import without_grammar
from faceinv.runtime.parent_process import code_to_end_with

with without_grammar():
    import nbformat

SIDE_BY_SIDE = 2
"""Number of chapters executed in parallel: while one draws its figures, another can compute."""


def build_book(
    root: Path, profile: str | None = None, forecast: Callable[[], Forecast] | None = None
) -> Path:
    """Execute the chapters that changed and build the book, once no other build of it is running.

    Parameters
    ----------
    root : Path
        Folder with ``_config.yml``, ``_toc.yml``, ``notebooks`` and ``book``.
    profile : str, optional
        Profile for each chapter that has this parameter; by default each chapter's own default.
    forecast : callable, optional
        Gives the forecast; it is called once, before the first chapter that trains networks is executed.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    InputError
        If files of the book are missing or invalid, or a chapter raises `InputError`.
    RunError
        If a chapter fails, or building the pages gives a warning.
    """
    with only_build(root), kernel_environment(**quiet_workers()):
        check_shipped(root / SHIPPED)  # before anything is computed
        execute_chapters(root, profile, forecast)
        if are_built(root, page_sources(root)):
            print("the pages are unchanged", flush=True)
            return root / HTML / "index.html"
        write_parts(root, list_chapters(root))
        sources = page_sources(root)  # with the parts; what changes from now on is built next time
        # Pages are built on one core; meanwhile, the explorer's files are written on the others.
        with ThreadPoolExecutor(1) as beside:
            explorer = beside.submit(write_shown, root, lock_shown(root))
            page = build_pages(root)
            explorer.result()
        record_pages(root, sources)
    return page


@contextmanager
def only_build(root: Path) -> Iterator[None]:
    """Wait for other builds of the book: two at once, of different profiles, could mix their results.

    The system releases the lock of a build that is killed.
    """
    list_chapters(root)  # to refuse what is no book before a folder is made in it
    (root / "_build").mkdir(exist_ok=True)
    lock = FileLock(root / "_build" / "build.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        print("waiting for another build of this book to end", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def lock_shown(root: Path) -> FileLock:
    """The lock of the explorer's files, acquired if there are networks to show; the pages wait for it."""
    lock = FileLock(root / "_build" / "explorer.lock", thread_local=False)
    Path(lock.lock_file).parent.mkdir(exist_ok=True)
    if any((root / EXPLORED).glob("*.safetensors")):
        lock.acquire()
    return lock


def write_shown(root: Path, lock: FileLock) -> None:
    """Write the explorer's files, and release their lock."""
    try:
        from faceinv.book.explorer_assets import write_explorer  # PyTorch takes a second to import

        write_explorer(root, root / "_build" / "explorer")
    finally:
        lock.release()


def execute_chapters(
    root: Path, profile: str | None = None, forecast: Callable[[], Forecast] | None = None
) -> list[str]:
    """Execute the chapters that changed and return their names, in the order of the book; see `build_book`.

    Up to `SIDE_BY_SIDE` chapters are executed in parallel, the longest first to keep all processes busy. A
    chapter starts when the chapters whose tables it reads are finished. After a failure no further chapter
    starts, and those that are running are finished.
    """
    chapters = list_chapters(root)
    remove_orphans(root, chapters)
    waiting = sorted(chapters, key=lambda chapter: -usual_seconds(root, chapter.name))
    executed: set[str] = set()
    predicted: Forecast | None = None
    start = time.monotonic()
    running: dict[Future[float | None], Execution] = {}
    failure: BaseException | None = None
    # Processes, not threads: papermill passes on the environment of the whole process.
    processes = ProcessPoolExecutor(SIDE_BY_SIDE, get_context("spawn"), begin_executor, (os.getpid(),))
    with ending_at_once(processes) as pool:
        while waiting or running:
            unfinished = {chapter.name for chapter in waiting} | {e.chapter.name for e in running.values()}
            for chapter in [c for c in waiting if not unfinished.intersection(chapters_read(c, chapters))]:
                if failure is None and len(running) < SIDE_BY_SIDE:
                    waiting.remove(chapter)
                    if execution := begin(root, chapter, profile, chapters):
                        if forecast and predicted is None and "faceinv.experiments" in code_of(chapter):
                            predicted = forecast()
                            print(predicted.sentence, flush=True)
                        arguments = (chapter, execution.parameters, execution.notebook, root / CHAPTERS)
                        running[pool.submit(execute_measured, *arguments)] = execution
            if failure is not None:
                waiting.clear()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                execution = running.pop(future)
                if error := future.exception():
                    discard(root, execution.chapter.name)
                    if isinstance(error, BrokenProcessPool):
                        name = execution.chapter.name
                        error = RunError(f"{name} failed: its process was killed, perhaps out of memory.")
                    failure = failure or error
                else:
                    names = [e.chapter.name for e in running.values()], [each.name for each in waiting]
                    left = predicted.left(time.monotonic() - start, *names) if predicted else 0.0
                    record_execution(root, execution, future.result(), left)
                    executed.add(execution.chapter.name)
    if failure is not None:
        raise failure
    return [chapter.name for chapter in chapters if chapter.name in executed]


@contextmanager
def ending_at_once(pool: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that are ended, with what they started, when this process is interrupted."""
    with pool:
        try:
            yield pool
        except KeyboardInterrupt:
            for process in list((pool._processes or {}).values()):
                process.kill()
            raise


@dataclass(frozen=True)
class Execution:
    """A running execution of a chapter: its parameters, stamp, executed notebook, and start time."""

    chapter: Chapter
    parameters: Mapping[str, Any]
    stamp: Mapping[str, Any]
    notebook: Path
    start: float


def begin(root: Path, chapter: Chapter, profile: str | None, chapters: list[Chapter]) -> Execution | None:
    """The execution to start, or None if neither the chapter's inputs nor its outputs have changed.

    Old outputs are removed before the execution starts, so that one that fails or is killed leaves no results
    that could be mistaken for its own.
    """
    stamp = inputs_of(root, chapter, profile, chapters)
    before = read_stamp(stamp_of(root, chapter.name))
    if before and is_of(before, stamp, root, chapter):
        print(f"{chapter.name}: unchanged")
        return None
    changed = [part for part in stamp if before and before["from"].get(part) != stamp[part]]
    print(f"{chapter.name}: executing" + (f" ({', '.join(changed)} changed)" if changed else ""), flush=True)
    discard(root, chapter.name)
    notebook = root / CHAPTERS / f"{chapter.name}.ipynb"
    return Execution(chapter, stamp["parameters"], stamp, notebook, time.monotonic())


def inputs_of(root: Path, chapter: Chapter, profile: str | None, chapters: list[Chapter]) -> dict[str, Any]:
    """All that the outputs of a chapter depend on, as hashes, and its parameters."""
    known = {parameter.name for parameter in read_parameters(chapter.notebook)}
    return {
        "notebook": hash_files([chapter.notebook]),
        "parameters": {"profile": profile} if profile and "profile" in known else {},
        **hash_imports(chapter),
        "reads": {name: hash_files([stamp_of(root, name)]) for name in chapters_read(chapter, chapters)},
        "claims": hash_files([root / CLAIMS]) if judges(chapter) else "",
        "evidence": hash_evidence(root, chapter.name),
    }


def is_of(record: Mapping[str, Any], inputs: Mapping[str, Any], root: Path, chapter: Chapter) -> bool:
    """Whether a record of an execution is of these inputs, and the outputs are as it left them."""
    return record["from"] == inputs and record["wrote"] == files_written(root, chapter.name)


def is_unchanged(root: Path, chapter: Chapter, profile: str | None, chapters: list[Chapter]) -> bool:
    """Whether neither the inputs nor the outputs of a chapter have changed since it was executed."""
    before = read_stamp(stamp_of(root, chapter.name))
    return before is not None and is_of(before, inputs_of(root, chapter, profile, chapters), root, chapter)


def record_execution(root: Path, execution: Execution, cpu_seconds: float | None, left: float = 0.0) -> None:
    """Record the inputs and outputs of an execution, its duration and the processor time that it took.

    What is `left` of the whole, in seconds, is printed.
    """
    name = execution.chapter.name
    seconds = round(time.monotonic() - execution.start, 1)
    record = {"from": execution.stamp, "wrote": files_written(root, name), "seconds": seconds}
    if cpu_seconds is not None:
        record["cpu_seconds"] = round(cpu_seconds, 1)
    write_stamp(root, name, record)
    after = f", about {duration(left)} left" if left else ""
    print(f"{name}: executed in {seconds:.0f} s{after}", flush=True)


def write_stamp(root: Path, name: str, stamp: Mapping[str, Any]) -> None:
    """Write the record of a chapter's execution."""
    write_atomically(stamp_of(root, name), json.dumps(stamp, indent=1) + "\n")


def stamp_of(root: Path, name: str) -> Path:
    """Path of the record of a chapter's execution."""
    return root / CHAPTERS / f"{name}.stamp.json"


def usual_seconds(root: Path, name: str) -> float:
    """Duration of a chapter's last execution, or of that in the shipped run; infinity if neither is known."""
    shipped = root / SHIPPED / stamp_of(root, name).name
    stamp = read_stamp(stamp_of(root, name)) or read_stamp(shipped) or {}
    return float(stamp.get("seconds", math.inf))


def read_stamp(path: Path) -> dict[str, Any] | None:
    """Read a stamp; None if it is missing or damaged."""
    try:
        stamp = read_object(path)
    except (OSError, ValueError):
        return None
    return stamp if {"from", "wrote"} <= set(stamp) else None


def chapters_read(chapter: Chapter, chapters: list[Chapter]) -> list[str]:
    """Names of other chapters in a chapter's code, which may read their tables."""
    code = code_of(chapter)
    return [other.name for other in chapters if other != chapter and other.name in code]


def hash_evidence(root: Path, name: str) -> str:
    """Hash the shipped tables of a chapter, which its figures show: their checksums say what is in them."""
    known = read_manifest(root / SHIPPED)
    lines = [f"{digest} {path}" for path, digest in known.items() if path.startswith(f"{name}/")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def judges(chapter: Chapter) -> bool:
    """Whether a chapter judges claims, and therefore depends on their criteria."""
    return "write_judgements" in code_of(chapter)


def code_of(chapter: Chapter) -> str:
    """All code of a chapter."""
    cells = nbformat.read(chapter.notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def hash_imports(chapter: Chapter) -> dict[str, Any]:
    """Hash the modules that a chapter imports, directly and indirectly, with their data files.

    This excludes the modules that execute chapters and make pages, and the studies of other chapters.
    """
    names = sorted(modules_imported(chapter))
    own = [name for name in names if name.partition(".")[0] == "faceinv"]
    python = {"python": platform.python_version(), "machine": platform.machine()}
    return {"package": source_fingerprint(*own, subfolders=True), "versions": python | versions(*names)}


def modules_imported(chapter: Chapter) -> set[str]:
    """Names of the modules that a chapter's code imports; the whole package if it is not plain Python."""
    found: set[str] = set()
    try:
        tree = ast.parse(code_of(chapter))
    except SyntaxError:
        return {"faceinv"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(module_of(node.module, alias.name) for alias in node.names)
    return found


def hash_files(paths: list[Path]) -> str:
    """Hash the names and contents of files; a missing file has a hash too."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"absent")
    return total.hexdigest()


def files_written(root: Path, name: str) -> dict[str, str]:
    """Hash each file that a chapter wrote: the executed notebook and its tables."""
    folder = root / CHAPTERS
    files = [folder / f"{name}.ipynb", *sorted(path for path in (folder / name).rglob("*") if path.is_file())]
    return {path.relative_to(folder).as_posix(): hash_files([path]) for path in files}


def discard(root: Path, name: str) -> None:
    """Remove the outputs of a chapter, its stamp first, and its page."""
    folder = root / CHAPTERS
    stamp_of(root, name).unlink(missing_ok=True)
    (root / HTML / CHAPTERS / f"{name}.html").unlink(missing_ok=True)
    (folder / f"{name}.ipynb").unlink(missing_ok=True)
    if (folder / name).is_symlink():  # the link goes; what it points to was not written by a build
        (folder / name).unlink()
    shutil.rmtree(folder / name, ignore_errors=True)


def remove_orphans(root: Path, chapters: list[Chapter]) -> None:
    """Remove outputs of chapters that are no longer in the table of contents, by the stamps that they left.

    What has no stamp was not written by a build, and stays; but what a killed build was writing is removed.
    """
    folder = root / CHAPTERS
    folder.mkdir(parents=True, exist_ok=True)
    for partial in folder.rglob(f"{PARTIAL}*"):
        shutil.rmtree(partial, ignore_errors=True)
    stamped = {path.name.removesuffix(".stamp.json") for path in folder.glob("*.stamp.json")}
    for name in stamped - {chapter.name for chapter in chapters}:
        discard(root, name)


def build_pages(root: Path) -> Path:
    """Build the pages with Jupyter Book, with warnings as errors; only pages that changed are built again.

    Raises
    ------
    RunError
        If there is an error or a warning.
    """
    print("building the pages", flush=True)
    command = [
        code_to_end_with(os.getpid()),
        "from faceinv.runtime.jsonschema_import import without_grammar",
        "with without_grammar(): import jsonschema",
        "from jupyter_book.cli.main import main; main()",
    ]
    python = [sys.executable, "-c", "\n".join(command)]
    options = ["build", str(root), "--warningiserror", "--keep-going", "--quiet"]
    done = subprocess.run([*python, *options], stdout=subprocess.PIPE, text=True, cwd=root, check=False)
    if done.returncode:
        # Sphinx does not repeat warnings of pages that it has read before, so the next build would pass.
        (root / "_build" / ".doctrees" / "environment.pickle").unlink(missing_ok=True)
        raise RunError("building the pages gave errors or warnings; the output above names page and line.")
    return root / HTML / "index.html"
