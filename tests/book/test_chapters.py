from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import REPOSITORY, MakeBook, write_toc

from faceinv.book.chapters import Chapter, execute, find_chapter, list_chapters
from faceinv.book.paths import find_root
from faceinv.errors import InputError, RunError


@pytest.mark.slow
def test_a_process_that_executes_chapters_does_without_pytorch() -> None:
    code = "import sys, faceinv.book.chapters; assert not {'torch', 'plotly'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_the_leaderboard_of_the_first_page_is_written_without_pytorch() -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from faceinv.book.pages.leaderboard_part import leaderboard_part; "
        "assert '<table' in leaderboard_part(Path(sys.argv[1])) and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(REPOSITORY)], check=True)


def test_the_root_is_found_from_below(make_book: MakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_book({"01_a": ""})
    assert find_root(root / "book" / "_static") == root
    monkeypatch.chdir(root / "notebooks")
    assert find_root() == root


def test_without_a_book_the_root_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "faceinv"  # as if it were installed, and no checkout
    monkeypatch.setattr("faceinv.runtime.locations.PACKAGE", package)
    with pytest.raises(InputError, match="there is no book at or above"):
        find_root(tmp_path)


def test_chapters_come_in_the_order_of_the_contents(make_book: MakeBook) -> None:
    root = make_book({"02_b": "", "01_a": ""})
    chapters = list_chapters(root)
    assert [chapter.name for chapter in chapters] == ["02_b", "01_a"]
    assert chapters[0].title == "Chapter 02_b"


def test_a_chapter_without_notebook_is_refused(make_book: MakeBook) -> None:
    root = make_book({"01_a": ""})
    write_toc(root, ["01_a", "02_b"])
    with pytest.raises(InputError, match="names 02_b, but there is no such notebook"):
        list_chapters(root)


@pytest.mark.parametrize("content", ["", "format: jb-book", "root: [", "just text"])
def test_broken_contents_are_refused(make_book: MakeBook, content: str) -> None:
    root = make_book({"01_a": ""})
    (root / "_toc.yml").write_text(content)
    with pytest.raises(InputError, match="is not a table of contents"):
        list_chapters(root)


def test_an_unknown_chapter_is_refused_with_those_that_exist(make_book: MakeBook) -> None:
    root = make_book({"01_a": "", "02_b": ""})
    with pytest.raises(InputError, match=r"^there is no chapter '03_c'; the chapters are: 01_a, 02_b\.$"):
        find_chapter(root, "03_c")


def run(root: Path, parameters: dict[str, object] | None = None) -> nbformat.NotebookNode:
    """Execute the first chapter of a book and read the result."""
    chapter = list_chapters(root)[0]
    executed = root / "out" / f"{chapter.name}.ipynb"
    execute(chapter, parameters or {}, executed, root / "out")
    return nbformat.read(executed, as_version=4)


def test_a_chapter_gets_its_parameters_and_its_folder(
    make_book: MakeBook, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import os, sys; print(profile, os.environ['FACEINV_OUT']); print('progress', file=sys.stderr)"
    root = make_book({"01_a": code}, parameters="profile: str | None = None  # how much to run")
    before = dict(os.environ)
    notebook = run(root, {"profile": "smoke"})
    assert dict(os.environ) == before
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs] == [
        f"smoke {root / 'out'}\n"
    ]  # progress is not in the notebook,
    shown = capfd.readouterr().err
    assert "progress" in shown  # but on the terminal,
    assert "unknown parameter" not in shown  # and papermill's doubts about types are not
    assert str(root) not in str(notebook.metadata.papermill)
    assert sorted(path.name for path in (root / "out").iterdir()) == ["01_a.ipynb"]


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("3", "3")])
def test_a_kernel_leaves_the_cores_to_its_workers(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch, given: str | None, expected: str
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if given:
        monkeypatch.setenv("OMP_NUM_THREADS", given)
    done = run(make_book({"01_a": "import os\nprint(os.environ['OMP_NUM_THREADS'])"}))
    assert done.cells[-1].outputs[0].text.strip() == expected
    assert os.environ.get("OMP_NUM_THREADS") == given


def test_a_failing_cell_is_told_with_its_source_and_traceback(make_book: MakeBook) -> None:
    root = make_book({"01_a": "def deep():\n    raise ArithmeticError('no such number')\n\ndeep()"})
    with pytest.raises(RunError) as caught:
        run(root, {"profile": "smoke"})
    message = str(caught.value)
    assert message.startswith("01_a failed in cell 3 of 3:\n")
    assert "    deep()" in message
    assert "ArithmeticError: no such number" in message
    assert "\x1b" not in message
    assert not list((root / "out").iterdir())


def test_a_long_traceback_is_cut(make_book: MakeBook) -> None:
    code = "\n".join(f"value_{i} = {i}" for i in range(80)) + "\ndef f(n):\n    f(n + 1)\nf(0)"
    root = make_book({"01_a": code})
    with pytest.raises(RunError) as caught:
        run(root)
    message = str(caught.value)
    assert "RecursionError" in message
    assert len(message.splitlines()) < 60


def test_wrong_input_inside_a_chapter_is_its_one_sentence(make_book: MakeBook) -> None:
    root = make_book(
        {"01_a": "from faceinv.errors import InputError\nraise InputError('the folder x is empty')"}
    )
    with pytest.raises(InputError, match=r"^the folder x is empty$"):
        run(root)


def test_a_dead_kernel_is_told_in_one_sentence(make_book: MakeBook) -> None:
    root = make_book({"01_a": "import os; os._exit(9)"})
    with pytest.raises(RunError, match=r"^01_a failed: its kernel died"):
        run(root)
    assert not list((root / "out").iterdir())


def test_an_old_result_stays_until_all_cells_have_run(make_book: MakeBook) -> None:
    root = make_book({"01_a": "print(profile)\nif profile == 'bad': raise ValueError"})
    run(root, {"profile": "good"})
    executed = root / "out" / "01_a.ipynb"
    before = executed.read_bytes()
    with pytest.raises(RunError):
        execute(
            Chapter("01_a", root / "notebooks" / "01_a.ipynb"), {"profile": "bad"}, executed, root / "out"
        )
    assert executed.read_bytes() == before
