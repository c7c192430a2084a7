"""The chapters of the book: find them, execute one, and report a failure."""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sphinx_external_toc.api import SiteMap
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

from faceinv.book.kernels import keeper, processor_seconds
from faceinv.book.paths import CHAPTERS
from faceinv.errors import InputError, RunError
from faceinv.runtime.atomic import atomic_path
from faceinv.runtime.jsonschema_import import without_grammar
from faceinv.runtime.parent_process import code_to_end_with

with without_grammar():
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError, strip_color
    from papermill.log import logger as papermill_logger

OUT_VARIABLE = "FACEINV_OUT"
"""Environment variable of the folder that chapters write to: ``$FACEINV_OUT/<chapter>/<table>.csv``."""

SHOWN_LINES = 24


@dataclass(frozen=True)
class Chapter:
    """One chapter: its name, such as ``03_relevance``, and its notebook."""

    name: str
    notebook: Path

    @property
    def references(self) -> Path:
        """The book's BibTeX file."""
        return self.notebook.parents[1] / "book" / "references.bib"

    @property
    def title(self) -> str:
        """First heading of the notebook, or the name if there is none."""
        cells = nbformat.read(self.notebook, as_version=4).cells
        lines = (line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
        return next((line.lstrip("# ") for line in lines if line.startswith("# ")), self.name)


def read_toc(root: Path) -> SiteMap:
    """The table of contents.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    toc = root / "_toc.yml"
    try:
        return parse_toc_yaml(toc)
    except (MalformedError, yaml.YAMLError, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise InputError(f"{toc} is not a table of contents: {reason}.") from error


def list_chapters(root: Path) -> list[Chapter]:
    """The chapters in the table of contents, in its order.

    Raises
    ------
    InputError
        If the table of contents cannot be read, or names a chapter that has no notebook.
    """
    toc, documents = root / "_toc.yml", list(read_toc(root))
    found = []
    for document in documents:
        folder, _, name = document.rpartition("/")
        if folder == CHAPTERS:
            found.append(Chapter(name, root / "notebooks" / f"{name}.ipynb"))
    if missing := [chapter.name for chapter in found if not chapter.notebook.is_file()]:
        raise InputError(f"{toc} names {', '.join(missing)}, but there is no such notebook in notebooks/.")
    return found


def find_chapter(root: Path, name: str) -> Chapter:
    """Find a chapter by its name.

    Raises
    ------
    InputError
        If there is no chapter of that name; the message lists those that exist.
    """
    chapters = {chapter.name: chapter for chapter in list_chapters(root)}
    if name not in chapters:
        raise InputError(f"there is no chapter '{name}'; the chapters are: {', '.join(chapters) or 'none'}.")
    return chapters[name]


def execute(chapter: Chapter, parameters: Mapping[str, Any], executed: Path, out: Path) -> None:
    """Execute a chapter with papermill; the executed notebook is written only if all cells succeed.

    The terminal shows a progress bar over cells, and the standard error of the chapter.

    Parameters
    ----------
    chapter : Chapter
        The chapter to execute.
    parameters : mapping
        Values of parameters; the others have their defaults.
    executed : Path
        Path of the executed notebook.
    out : Path
        Folder that the chapter writes its tables to.

    Raises
    ------
    InputError
        If the chapter raises one, with the same message.
    RunError
        If a cell fails or the kernel dies.
    """
    papermill_logger.setLevel("ERROR")  # it warns of types of parameters that it cannot parse
    try:
        with (
            atomic_path(executed) as partial,
            kernel_environment(
                **{OUT_VARIABLE: str(out.resolve())}, **one_thread(), **quiet_workers(), **quiet_bars()
            ),
            warnings.catch_warnings(),
            keeper.kernel() as kernel,
        ):
            warnings.simplefilter("ignore", papermill.exceptions.PapermillWarning)
            papermill.execute_notebook(
                chapter.notebook,
                partial,
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar={"desc": chapter.name, "unit": "cell", "leave": False},
                stderr_file=Terminal(),
                extra_arguments=[
                    "--IPKernelApp.log_level=CRITICAL",
                    f"--IPKernelApp.exec_lines={[code_to_end_with(os.getpid())]}",
                ],
                **kernel,
            )
            tidy(partial, executed.stem)
    except PapermillExecutionError as error:
        if error.ename == InputError.__name__:
            raise InputError(error.evalue) from error
        raise RunError(describe_failure(chapter, error)) from error
    except DeadKernelError as error:
        raise RunError(f"{chapter.name} failed: its kernel died, perhaps out of memory.") from error


def execute_measured(
    chapter: Chapter, parameters: Mapping[str, Any], executed: Path, out: Path
) -> float | None:
    """Execute a chapter, see `execute`, and return the processor time of its kernel and workers in seconds.

    None where the system does not count the time of processes that have ended.
    """
    before = processor_seconds()
    execute(chapter, parameters, executed, out)
    after = processor_seconds()
    return None if before is None or after is None else after - before


class Terminal:
    """Standard error, where the progress bars of a chapter and of papermill share one line."""

    def write(self, text: str) -> None:
        """Write a text; on a terminal, a carriage return also clears the line."""
        sys.stderr.write(text.replace("\r", "\r\x1b[K") if sys.stderr.isatty() else text)

    def flush(self) -> None:
        """Flush standard error."""
        sys.stderr.flush()


def quiet_bars() -> dict[str, str]:
    """Environment variables that limit the output of progress bars to a log file; none on a terminal."""
    return {} if sys.stderr.isatty() else {"TQDM_MININTERVAL": "30"}


def one_thread() -> dict[str, str]:
    """Environment variables that limit a kernel to one thread: its worker processes use the other cores.

    Threads that wait for each other on busy cores take ten times as long.
    """
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {name: os.environ.get(name, "1") for name in names}


def quiet_workers() -> dict[str, str]:
    """Environment variables that silence joblib's workers when they end, or are replaced as they grow."""
    ignored = ["ignore:resource_tracker:UserWarning", "ignore:A worker stopped while:UserWarning"]
    before = os.environ.get("PYTHONWARNINGS", "").split(",")
    return {"PYTHONWARNINGS": ",".join(filter(None, dict.fromkeys([*before, *ignored])))}


@contextmanager
def kernel_environment(**variables: str) -> Iterator[None]:
    """Set environment variables in this context, which the kernel inherits."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def tidy(notebook: Path, name: str) -> None:
    """Remove standard error and absolute paths from an executed notebook."""
    content = nbformat.read(notebook, as_version=4)
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    content.metadata.papermill.update(input_path=f"notebooks/{name}.ipynb", output_path=f"{name}.ipynb")
    nbformat.write(content, notebook)


def describe_failure(chapter: Chapter, error: PapermillExecutionError) -> str:
    """The number and source of the cell that failed, and the end of the traceback, as plain text."""
    cells = nbformat.read(chapter.notebook, as_version=4).cells
    # papermill's index counts the cell that it injected after the parameters cell
    number = next((i for i, c in enumerate(cells, 1) if c.source == error.source), error.cell_index + 1)
    source = error.source.splitlines()
    trace = strip_color("\n".join(error.traceback)).splitlines()
    if len(source) > SHOWN_LINES:
        source = [*source[:SHOWN_LINES], "..."]
    if len(trace) > SHOWN_LINES:
        trace = ["...", *trace[-SHOWN_LINES:]]
    shown = "\n".join(f"    {line}".rstrip() for line in [*source, "", *trace])
    return f"{chapter.name} failed in cell {number} of {len(cells)}:\n\n{shown}\n"
